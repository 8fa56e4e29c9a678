"""The one shape of a job: do something, wait a little, until the service ends, and once more then."""

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
    while True:
        ending = stop.is_set()
        try:
            await step()
            duty.done()
        except Exception as error:  # noqa: BLE001  # a job outlives one bad turn
            log.error("job-failed", extra={"job": duty.name, "kind": type(error).__name__})
        if ending:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every.total_seconds())
