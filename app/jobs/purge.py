"""The purger: housekeeping that is long over goes, batch by batch, so that nobody waits for it."""

import asyncio
from datetime import timedelta

from app.clock import Clock, moment
from app.db.engine import Database
from app.db.work import EVERY_CLINIC
from app.jobs.loop import on_call
from app.services.duties import Duty
from app.services.purging import purge

EVERY = timedelta(seconds=1)


async def run(duty: Duty, database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Purge a batch about once a second, as long as there is any, until `stop` is set."""
    await on_call(duty, lambda: database.write(purge, EVERY_CLINIC, moment(clock), clock.wall()), EVERY, stop)
