"""Writes down how many more were refused than the audit has one by one: strangers, and people who go on asking."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from app.clock import Clock, moment
from app.db.engine import Database
from app.jobs.loop import repeat
from app.services import strangers
from app.services.duties import Duty
from app.services.strangers import Strangers

EVERY = timedelta(seconds=20)


async def run(counted: Sequence[Strangers], duty: Duty, database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Three times a minute until `stop` is set, and once more at the end."""

    async def step() -> None:
        for each in counted:
            for crowd in each.crowds(clock.wall(), ending=stop.is_set()):
                await database.write(strangers.record, crowd.actor, moment(clock), crowd)

    await repeat(duty, step, EVERY, stop)
