"""The two shapes of a job: do something, wait (so long, or until it is called), until the service ends; once more then.

A duty that waits to be called asks the database nothing meanwhile: one look tells all of them (`jobs.calls`).
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from app.services.duties import Duty

log = logging.getLogger(__name__)


async def repeat(duty: Duty, step: Callable[[], Awaitable[object]], every: timedelta, stop: asyncio.Event) -> None:
    """Run `step` about so often until `stop` is set. A step that fails is logged by kind alone, and tried again.

    The duty hears of every step that went well: one whose steps fail becomes late, and is told of as such.
    """
    while not await _turn(duty, step, every, stop):
        pass


async def on_call(duty: Duty, step: Callable[[], Awaitable[object]], gap: timedelta, stop: asyncio.Event) -> None:
    """The same, but that after the `gap` the next `step` waits until the duty is called for."""
    while not await _turn(duty, step, gap, stop):
        await duty.rest(stop)


async def _turn(duty: Duty, step: Callable[[], Awaitable[object]], gap: timedelta, stop: asyncio.Event) -> bool:
    """One step, and the gap after it; whether it was the last."""
    ending = stop.is_set()
    duty.called.clear()  # whatever is called for from here on, the step may not see any more
    try:
        await step()
        duty.done()
    except Exception as error:  # noqa: BLE001  # a job outlives one bad turn
        log.error("job-failed", extra={"job": duty.name, "kind": type(error).__name__})
        duty.called.set()  # it is tried again, whether or not anybody calls
    if not ending:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), gap.total_seconds())
    return ending
