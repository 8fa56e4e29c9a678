"""The sealer: links what waits in each clinic's audit stream, a moment after it was kept."""

import asyncio
from datetime import timedelta
from uuid import UUID

from app.clock import Clock, moment
from app.db.engine import Database
from app.db.work import EVERY_CLINIC, service_actor
from app.jobs.loop import on_call
from app.services import audit
from app.services.duties import Duty

EVERY = timedelta(seconds=1)


async def run(duty: Duty, database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Seal what waits about once a second until `stop` is set, and once more at the end."""
    await on_call(duty, lambda: seal_all(database, clock, duty), EVERY, stop)


async def seal_all(database: Database, clock: Clock, duty: Duty | None = None) -> int:
    """Seal what waits, clinic by clinic; how many links were made."""
    duty = duty or Duty("seals")

    async def seal(clinic_id: UUID) -> int:
        links = 0
        while made := await database.write(audit.seal, service_actor(clinic_id), moment(clock)):
            links += made
            if made < audit.SEALED_AT_ONCE:
                break
        return links

    waiting = {clinic_id: clinic_id for clinic_id in await database.read(audit.waiting, EVERY_CLINIC, clock.now())}
    duty.keep_only(frozenset(waiting))
    return sum(await duty.each(waiting, seal))
