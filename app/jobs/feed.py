"""The numberer: gives every change of the record its place in the clinic's feed, a moment after it was kept."""

import asyncio
from datetime import timedelta
from uuid import UUID

from app.clock import Clock, moment
from app.db.engine import Database
from app.db.work import EVERY_CLINIC, service_actor
from app.jobs.loop import on_call
from app.services import feed
from app.services.duties import Duty

EVERY = timedelta(milliseconds=500)


async def run(duty: Duty, database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Number what waits about twice a second until `stop` is set, and once more at the end."""
    await on_call(duty, lambda: number_all(database, clock, duty), EVERY, stop)


async def number_all(database: Database, clock: Clock, duty: Duty | None = None) -> int:
    """Number what waits, clinic by clinic; how many."""
    duty = duty or Duty("feed")

    async def number(clinic_id: UUID) -> int:
        numbered, done = 0, feed.BATCH
        while done == feed.BATCH:
            done = await database.write(feed.number, service_actor(clinic_id), moment(clock))
            numbered += done
        return numbered

    waiting = {clinic_id: clinic_id for clinic_id in await database.read(feed.waiting, EVERY_CLINIC, clock.now())}
    duty.keep_only(frozenset(waiting))
    return sum(await duty.each(waiting, number))
