"""Keeps what time brings, at its own instant, even if nobody looks: a lapse, a dose clock that has run.

The instant kept is exact however late the loop comes round, because `catch_up` assesses at the instant itself.
"""

import asyncio
import logging

from app.clock import Clock
from app.db import sessions
from app.db.engine import Database
from app.db.sessions import DueSession
from app.db.work import NOBODY, Work, service_actor
from app.services import readiness

log = logging.getLogger(__name__)
PAUSE_SECONDS = 1.0
AT_ONCE = 100


async def run(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Runs until `stop` is set. A failure is logged and tried again: readiness read meanwhile catches up by itself."""
    while not stop.is_set():
        try:
            await catch_up_once(database, clock)
        except Exception as failure:  # noqa: BLE001  one bad round must not end the loop; the next read catches up
            log.error("lapses.failed", extra={"failure": type(failure).__name__})
        try:
            await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)
        except TimeoutError:
            continue


async def catch_up_once(database: Database, clock: Clock) -> int:
    """Catches up every session with a change due. Returns how many."""
    now = clock.now()
    due = await database.read(_due, NOBODY, now)
    for waiting in due:
        await database.write(readiness.catch_up, service_actor(waiting.clinic_id), now, waiting.id)
    return len(due)


def _due(work: Work) -> list[DueSession]:
    return sessions.due_for_change(work, work.now, AT_ONCE)
