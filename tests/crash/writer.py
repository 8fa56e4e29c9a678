"""A program that keeps readings until it is killed, and says which ones it was told are kept.

Started once, it forks a fresh writer for each line it reads: starting Python anew each time would be most of the run,
and after that compiling what a reading asks the database, which is done once, with a session apart. A writer opens the
database, keeps readings from several tasks at once, and writes `kept <id>` only after the answer. With `--answer-first`
it says so before the commit: the positive control, which must be seen losing readings. With `--head-apart` the
session's row hears of a reading in a transaction of its own: it must be seen behind its stream.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from app.db import sessions
from app.db.engine import Database, open_database
from app.db.heads import MOVE_SESSION
from app.db.schema import newest
from app.db.work import Work
from app.domain.audit import Head
from app.domain.journal import session_of, session_stream
from app.domain.people import Actor
from app.domain.readings import Reading
from app.services import readings
from tests import factories
from tests.compiled import compiled_once

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


def move_apart(database: Database) -> Callable[[Actor], Awaitable[None]]:
    """Takes the head out of the transaction that keeps the entries; what is returned moves it, later."""
    held: list[Head] = []
    write_line = sessions.write_line

    def hold(work: Work, session_id: UUID, expected_version: int, line: sessions.Line) -> int:
        stream = session_stream(session_id)
        head = work._heads[stream]
        work._heads[stream] = work._written[stream]
        version = write_line(work, session_id, expected_version, line)
        work._heads[stream] = work._written[stream] = head
        held.append(head)
        return version

    sessions.write_line = hold

    def move(work: Work, heads: list[Head]) -> None:
        for head in heads:
            to = {"to_position": head.position, "to_hash": head.hash, "session": session_of(head.stream)}
            work._connection.execute(MOVE_SESSION, {"clinic": work.clinic_id, **to})

    async def later(nurse: Actor) -> None:
        heads, held[:] = list(held), []
        await database.write(move, nurse, factories.asked(factories.at(MINUTE)), heads)

    return later


async def write(
    url: str, clinic_id: UUID, session_ids: list[UUID], *, answer_first: bool, head_apart: bool = False
) -> None:
    database = open_database(url)
    keep_apart = move_apart(database) if head_apart else None
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


def compile_all(url: str, clinic_id: UUID, session_id: UUID) -> None:
    """A first reading, so that what it asks the database is compiled here and not by each writer."""
    database = open_database(url)
    reading = factories.reading(MINUTE, id=uuid4())
    nurse = factories.actor(clinic_id)
    database.write_now(keep_reading, nurse, factories.at(MINUTE), session_id, reading, answer_first=False)
    database.close()


def main() -> None:
    url, (clinic_id, apart, *session_ids) = sys.argv[1], [UUID(one) for one in sys.argv[2:] if not one.startswith("--")]
    answer_first, head_apart = "--answer-first" in sys.argv, "--head-apart" in sys.argv
    newest()  # read the migrations' folder once, not once a writer
    with compiled_once():
        compile_all(url, clinic_id, apart)
        for _ in iter(sys.stdin.readline, ""):
            child = os.fork()
            if child == 0:
                asyncio.run(write(url, clinic_id, session_ids, answer_first=answer_first, head_apart=head_apart))
                os._exit(0)
            say(f"writer {child}")
            _, status = os.waitpid(child, 0)
            say(f"gone {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
