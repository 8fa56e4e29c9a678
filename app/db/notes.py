"""What reads note for the log, kept for many at once: while some is being kept, what comes meanwhile goes together.

Nobody is answered before what they noted is committed.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from app.db.refusals import AlreadyKept
from app.domain.audit import AuditEvent

AT_ONCE = 64
"""Reads whose events are kept by one work."""

_Waiting = tuple[Sequence[AuditEvent], asyncio.Future[None]]


class Notes:
    """`submit` begins to keep events, in one work. For one event loop at a time."""

    def __init__(self, submit: Callable[[Sequence[AuditEvent]], Future[Any]]) -> None:
        self._submit = submit
        self._waiting: list[_Waiting] = []
        self._under_way: asyncio.Task[None] | None = None

    async def keep(self, events: Sequence[AuditEvent]) -> None:
        """Returns when these events are committed; raises what kept them from it."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((events, future))
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._work())
        await future

    async def _work(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            try:
                await self._together(some)
            except Exception as error:  # noqa: BLE001 - whatever it was, whoever waits must hear of it
                if len(some) == 1:
                    _tell(some[0], error)
                else:
                    await self._one_by_one(some)

    async def _together(self, some: list[_Waiting]) -> None:
        await asyncio.wrap_future(self._submit([event for events, _ in some for event in events]))
        for one in some:
            _tell(one, None)

    async def _one_by_one(self, some: list[_Waiting]) -> None:
        """One that cannot be kept takes nobody else's with it."""
        for one in some:
            try:
                await self._together([one])
            except AlreadyKept:
                _tell(one, None)  # the commit was done, and only its answer was lost
            except Exception as error:  # noqa: BLE001 - as above
                _tell(one, error)


def _tell(one: _Waiting, error: Exception | None) -> None:
    _, future = one
    if future.done():
        return  # who has gone away waits for nothing; what they noted is kept
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
