"""A program that delivers until it is killed: the numberer and the courier of the service, at a hurried clock.

Started once, it forks a fresh courier for each line it reads. With `--settle-first` a delivery is put down as made
before it is sent: the positive control, which must be seen losing some.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime, timedelta

from app.clock import moment
from app.db.engine import open_database
from app.db.schema import newest
from app.jobs import feed, webhooks
from app.jobs.posting import Poster
from app.jobs.webhooks import Courier
from tests import keys

HURRY = 20_000
"""The wall clock runs so many times too fast: a lease of a minute is over in 3 ms."""
BEGAN = datetime(2026, 3, 7, tzinfo=UTC)


class HurriedClock:
    """Both clocks, counted from the machine's, so that a later process goes on where an earlier one was killed."""

    pace = HURRY

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=time.monotonic()) * HURRY

    wall = now


async def here(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


async def deliver(url: str, *, settle_first: bool) -> None:
    database, clock = open_database(url, keys=keys.PLACE), HurriedClock()
    courier = Courier(database, clock, Poster(here, seconds=2))
    if settle_first:
        courier._try = after_settling(courier, database, clock)  # type: ignore[method-assign]
    while True:
        await feed.number_all(database, clock)
        await courier.deliver()
        await asyncio.sleep(0.002)


def after_settling(courier: Courier, database, clock):
    """Tries that are written down as delivered first."""
    really_try = courier._try

    async def settle_and_try(webhook, claimed):
        done = webhooks.Tried(claimed, "204")
        actor = webhooks.service_actor(webhook.clinic_id)
        await database.write(webhooks.webhooks.settle, actor, moment(clock), webhook, [done], clock.wall(), [0.0])
        return await really_try(webhook, claimed)

    return settle_and_try


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def main() -> None:
    url, settle_first = sys.argv[1], "--settle-first" in sys.argv
    newest()
    for _ in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            asyncio.run(deliver(url, settle_first=settle_first))
            os._exit(0)
        say(f"courier {child}")
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main()
