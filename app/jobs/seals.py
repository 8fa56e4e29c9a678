"""The sealer: links what waits in each clinic's audit stream, a moment after it was kept."""

import asyncio
from datetime import timedelta

from app.clock import Clock
from app.db.engine import Database
from app.db.work import NOBODY, service_actor
from app.jobs.loop import repeat
from app.services import audit

EVERY = timedelta(seconds=1)


async def run(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Seal what waits about once a second until `stop` is set, and once more at the end."""
    await repeat("seals", lambda: seal_all(database, clock), EVERY, stop)


async def seal_all(database: Database, clock: Clock) -> int:
    """Seal what waits, clinic by clinic; how many links were made."""
    sealed = 0
    for clinic_id in await database.read(audit.waiting, NOBODY, clock.now()):
        sealed += await database.write(audit.seal, service_actor(clinic_id), clock.now())
    return sealed
