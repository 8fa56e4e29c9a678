"""Keeps where the clinic's clock stands, so that a restart never takes it backwards.

It compares this machine's with the database's too: where they have come apart, the duty fails, and is told of as late.
"""

import asyncio
from datetime import timedelta

from app.clock import Clock, SystemClock, moment
from app.db.clock import APART, apart, keep_clock
from app.db.engine import Database
from app.db.work import NO_CLINIC
from app.jobs.loop import repeat
from app.services.duties import Duty

EVERY = timedelta(seconds=5)


class ClocksApart(Exception):
    """This machine's clock and the database's tell different times."""


async def run(
    duty: Duty, database: Database, clock: Clock, stop: asyncio.Event, *, machine: Clock | None = None
) -> None:
    """Keep the clock every few seconds until `stop` is set, and once more at the end. `machine`: its own clock."""
    machine = machine or SystemClock()

    async def keep() -> None:
        asked = moment(clock)
        await database.write(keep_clock, NO_CLINIC, asked, asked.at)
        if await database.read(apart, NO_CLINIC, asked.at, machine.wall) > APART:
            raise ClocksApart

    await repeat(duty, keep, EVERY, stop)
