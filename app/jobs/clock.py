"""Keeps where the clinic's clock stands, so that a restart never takes it backwards."""

import asyncio
from datetime import timedelta

from app.clock import Clock
from app.db.clock import keep_clock
from app.db.engine import Database
from app.db.work import NOBODY
from app.jobs.loop import repeat

EVERY = timedelta(seconds=5)


async def run(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Keep the clock every few seconds until `stop` is set, and once more at the end."""

    async def keep() -> None:
        now = clock.now()
        await database.write(keep_clock, NOBODY, now, now)

    await repeat("clock", keep, EVERY, stop)
