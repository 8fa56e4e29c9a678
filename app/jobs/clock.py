"""Keeps where the clinic's clock stands, so that a restart never takes it backwards."""

import asyncio
from datetime import timedelta

from app.clock import Clock, moment
from app.db.clock import keep_clock
from app.db.engine import Database
from app.db.work import NOBODY
from app.jobs.loop import repeat
from app.services.duties import Duty

EVERY = timedelta(seconds=5)


async def run(duty: Duty, database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Keep the clock every few seconds until `stop` is set, and once more at the end."""

    async def keep() -> None:
        asked = moment(clock)
        await database.write(keep_clock, NOBODY, asked, asked.at)

    await repeat(duty, keep, EVERY, stop)
