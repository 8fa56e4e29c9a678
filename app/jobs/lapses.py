"""Keeps what time brings, at its own instant, even if nobody looks: a lapse, a dose clock that has run.

The instant kept is exact however late the loop comes round, because `catch_up` assesses at the instant itself. Until it
has, no answer says met: the board itself looks at the instant (`services.sessions`).
"""

import asyncio
from datetime import timedelta

from app.clock import Clock, moment
from app.db import sessions
from app.db.engine import Database
from app.db.sessions import DueSession
from app.db.tablets import SilentTablet, silent_anywhere
from app.db.work import EVERY_CLINIC, Work, service_actor
from app.jobs.loop import on_call
from app.services import readiness, tablets
from app.services.duties import Duty

EVERY = timedelta(seconds=1)
AT_ONCE = 100


async def run(duty: Duty, database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Catch up what is due about once a second until `stop` is set; readiness read meanwhile catches up by itself."""
    await on_call(duty, lambda: catch_up_due(database, clock, duty), EVERY, stop)


async def catch_up_due(database: Database, clock: Clock, duty: Duty) -> int:
    """Catches up every session with a change due. Returns how many."""
    # what is set apart has been due for longest: it must not take the others' places
    most = AT_ONCE + len(duty.apart)
    for tablet in await database.read(_silent, EVERY_CLINIC, clock.now()):
        await database.write(tablets.falls_silent, service_actor(tablet.clinic_id), moment(clock), tablet)
    due = {found.id: found for found in await database.read(_due, EVERY_CLINIC, clock.now(), most)}
    if len(due) < most:
        duty.keep_only(frozenset(due))

    async def catch_up(found: DueSession) -> None:
        await database.write(readiness.catch_up, service_actor(found.clinic_id), moment(clock), found.id)

    return len(await duty.each(due, catch_up))


def _silent(work: Work) -> list[SilentTablet]:
    return silent_anywhere(work, work.now, AT_ONCE)


def _due(work: Work, most: int) -> list[DueSession]:
    return sessions.due_for_change(work, work.now, most)
