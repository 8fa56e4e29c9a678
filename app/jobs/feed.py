"""The numberer: gives every change of the record its place in the clinic's feed, a moment after it was kept."""

import asyncio
from datetime import timedelta

from app.clock import Clock
from app.db.engine import Database
from app.db.work import NOBODY, service_actor
from app.jobs.loop import repeat
from app.services import feed

EVERY = timedelta(milliseconds=500)


async def run(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Number what waits about twice a second until `stop` is set, and once more at the end."""
    await repeat("feed", lambda: number_all(database, clock), EVERY, stop)


async def number_all(database: Database, clock: Clock) -> int:
    """Number what waits, clinic by clinic; how many."""
    numbered = 0
    for clinic_id in await database.read(feed.waiting, NOBODY, clock.now()):
        while done := await database.write(feed.number, service_actor(clinic_id), clock.now()):
            numbered += done
            if done < feed.BATCH:
                break
    return numbered
