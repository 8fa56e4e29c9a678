"""Looks that many ask for at once: while one is under way, whoever asks waits for the next, and that is shared by all.

Nobody is told what was read before they asked. Under load a look costs each of them little, for it is one statement.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Generic, TypeVar
from uuid import UUID

from app.clock import Clock
from app.db.engine import Database
from app.db.work import Work, service_actor

AT_ONCE = 500
"""Keys in one statement."""

K = TypeVar("K")
V = TypeVar("V")


class SharedLooks(Generic[K, V]):
    """One kind of look: `verb` reads what belongs to some keys of one clinic. It audits nothing. For one event loop."""

    def __init__(self, database: Database, clock: Clock, verb: Callable[[Work, Sequence[K]], Mapping[K, V]]) -> None:
        self._database, self._clock, self._verb = database, clock, verb
        self._waiting: dict[UUID, defaultdict[K, list[asyncio.Future[V | None]]]] = {}
        self._under_way: dict[UUID, asyncio.Task[None]] = {}

    async def of(self, clinic_id: UUID, key: K) -> V | None:
        """What belongs to this key now; None where the clinic has nothing there."""
        future: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        if clinic_id not in self._waiting:
            self._waiting[clinic_id] = defaultdict(list)
        self._waiting[clinic_id][key].append(future)
        if clinic_id not in self._under_way:
            self._under_way[clinic_id] = asyncio.create_task(self._look(clinic_id))
        return await future

    async def _look(self, clinic_id: UUID) -> None:
        """Until nobody waits any more."""
        try:
            while waiting := self._waiting.pop(clinic_id, None):
                keys = iter(waiting)
                while some := list(islice(keys, AT_ONCE)):
                    await self._tell(clinic_id, {key: waiting[key] for key in some})
        finally:
            del self._under_way[clinic_id]

    async def _tell(self, clinic_id: UUID, waiting: Mapping[K, list[asyncio.Future[V | None]]]) -> None:
        futures = [(key, future) for key, theirs in waiting.items() for future in theirs]
        try:
            found = await self._database.glance(self._verb, service_actor(clinic_id), self._clock.now(), list(waiting))
        except Exception as error:  # noqa: BLE001 - whatever it was, each who waits must hear of it
            for _, future in futures:
                if not future.done():
                    future.set_exception(error)
            return
        for key, future in futures:
            if not future.done():  # who has gone away waits for nothing
                future.set_result(found.get(key))
