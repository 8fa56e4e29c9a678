"""A program that keeps readings until it is killed, and says which ones it was told are kept.

Started once, it forks a fresh writer for each line it reads (starting Python anew each time would be most of the
run). A writer opens the database, keeps readings from several tasks at once, and writes `kept <id>` only after the
answer. With `--answer-first` it says so before the commit: the positive control, which must be seen losing readings.
With `--feed-apart` the feed hears of a reading in a transaction of its own: it must be seen losing news.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from app.db.engine import Database, open_database
from app.db.schema import newest
from app.db.work import Work
from app.domain.people import Actor
from app.domain.readings import Reading
from app.services import readings
from tests import factories

TASKS = 6
MINUTE = -20
"""When everything is measured: while the patient waits."""


def say(line: str) -> None:
    # one write call of less than a pipe's atomic size: a kill leaves a whole line or none
    os.write(1, f"{line}\n".encode())


def keep_reading(work: Work, session_id: UUID, reading: Reading, *, answer_first: bool) -> UUID:
    """What the service itself does with a reading: the rules run, an assessment is kept, the chain grows."""
    readings.put(work, session_id, reading)
    if answer_first:
        say(f"kept {reading.id}")
    return reading.id


def tell_apart(database: Database) -> Callable[[Actor], Awaitable[None]]:
    """Takes the news out of the transaction; what is returned keeps it, later."""
    held: list[tuple[Any, ...]] = []
    tell = Work._tell
    Work._tell = lambda work, events, links: held.append((tuple(events), tuple(links)))  # type: ignore[method-assign]

    async def later(nurse: Actor) -> None:
        news, held[:] = list(held), []
        for events, links in news:
            await database.write(tell, nurse, factories.asked(factories.at(MINUTE)), events, links)

    return later


async def write(
    url: str, clinic_id: UUID, session_ids: list[UUID], *, answer_first: bool, feed_apart: bool = False
) -> None:
    database = open_database(url)
    keep_apart = tell_apart(database) if feed_apart else None
    nurse = factories.actor(clinic_id)

    async def one(number: int) -> None:
        session_id = session_ids[number % len(session_ids)]
        while True:
            reading = factories.reading(MINUTE, id=uuid4())
            now = factories.asked(factories.at(MINUTE))
            kept = await database.write(keep_reading, nurse, now, session_id, reading, answer_first=answer_first)
            if keep_apart is not None:
                await keep_apart(nurse)
            if not answer_first:
                say(f"kept {kept}")

    await asyncio.gather(*(one(number) for number in range(TASKS)))


def main() -> None:
    url, clinic = sys.argv[1], UUID(sys.argv[2])
    answer_first, feed_apart = "--answer-first" in sys.argv, "--feed-apart" in sys.argv
    session_ids = [UUID(text) for text in sys.argv[3:] if not text.startswith("--")]
    newest()  # read the migrations' folder once, not once a writer
    for _ in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            asyncio.run(write(url, clinic, session_ids, answer_first=answer_first, feed_apart=feed_apart))
            os._exit(0)
        say(f"writer {child}")
        _, status = os.waitpid(child, 0)
        say(f"gone {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
