"""Hears which boards other processes have moved, and tells them which this one has.

It makes boards quicker and nothing else: where it fails they are looked at once a second as before, and the duty, which
is late then, says so.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from app.clock import Clock
from app.db.engine import Database
from app.jobs.loop import repeat
from app.services.duties import FIRST_GAP, LONGEST_GAP, Duty

EVERY = timedelta(seconds=5)
log = logging.getLogger(__name__)


async def run(
    heard: Callable[[UUID], None],
    duty: Duty,
    database: Database,
    clock: Clock,  # noqa: ARG001 - every job is given it
    stop: asyncio.Event,
) -> None:
    """Hear and tell until `stop` is set. Connections that fail are made again, after gaps that grow."""
    hearing = database.hearing
    if hearing is None:
        await repeat(duty, _nobody_else, EVERY, stop)
        return
    loop, gap = asyncio.get_running_loop(), FIRST_GAP

    def well() -> None:
        nonlocal gap
        gap = FIRST_GAP
        duty.done()

    with database.moves(lambda clinic_id: loop.call_soon_threadsafe(hearing.tell, clinic_id)):
        while not stop.is_set():
            try:
                await hearing.run(heard, well, stop)
            except Exception as error:  # noqa: BLE001  # a job outlives whatever ends its connections
                log.error("job-failed", extra={"job": duty.name, "kind": type(error).__name__})
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), gap)
                gap = min(gap * 2, LONGEST_GAP)


async def _nobody_else() -> None:
    """A SQLite file is served by one process."""
