"""Keeps what time brings, at its own instant, even if nobody looks: a lapse, a dose clock that has run.

The instant kept is exact however late the loop comes round, because `catch_up` assesses at the instant itself.
"""

import asyncio
from datetime import timedelta

from app.clock import Clock
from app.db import sessions
from app.db.engine import Database
from app.db.sessions import DueSession
from app.db.work import NOBODY, Work, service_actor
from app.jobs.loop import repeat
from app.services import readiness

EVERY = timedelta(seconds=1)
AT_ONCE = 100


async def run(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Catch up what is due about once a second until `stop` is set; readiness read meanwhile catches up by itself."""
    await repeat("lapses", lambda: catch_up_due(database, clock), EVERY, stop)


async def catch_up_due(database: Database, clock: Clock) -> int:
    """Catches up every session with a change due. Returns how many."""
    now = clock.now()
    due = await database.read(_due, NOBODY, now)
    for waiting in due:
        await database.write(readiness.catch_up, service_actor(waiting.clinic_id), now, waiting.id)
    return len(due)


def _due(work: Work) -> list[DueSession]:
    return sessions.due_for_change(work, work.now, AT_ONCE)
