"""What the service does by itself, and how it stands: which items are set apart, and whether a duty is late.

One shape for every job. A round walks over items, each guarded: one that fails is set apart for a while and told of,
and tried again with growing gaps; the others go on as if it were not there.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from app.clock import ticking

T = TypeVar("T")
V = TypeVar("V")
AT_ONCE = 4
"""Items worked on at the same time: one that waits for a lock holds up nobody, and people keep threads of their own."""
FIRST_GAP, LONGEST_GAP = 1.0, 60.0
"""Seconds until an item that failed is tried again: doubled each time, up to the longest."""
LATE = 30.0
"""Seconds after which a duty without a finished round, or with an item still set apart, is late."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Apart:
    """An item that failed: since when, how long after its last try it is tried again, and from which tick on."""

    since: float
    gap: float
    again: float


@dataclass(frozen=True, slots=True)
class DutyReport:
    """How a duty stands. `apart`: items that failed and wait; `oldest_seconds`: since when the longest of them does."""

    name: str
    apart: int
    oldest_seconds: int | None
    quiet_seconds: int
    """Since a round was last finished."""

    @property
    def late(self) -> bool:
        """Whether what it should have done long ago may still be undone."""
        return max(self.quiet_seconds, self.oldest_seconds or 0) > LATE


class Duty:
    """One job of this process. `named`: what its items are, in the log (`session`, `clinic`)."""

    def __init__(self, name: str, seconds: Callable[[], float] = ticking, named: str = "clinic") -> None:
        self.name = name
        self._seconds = seconds
        self._named = named
        self._done_at = seconds()
        self._apart: dict[UUID, _Apart] = {}
        self._rests = False
        self.called = asyncio.Event()
        """Whether there is something to do for it, as far as anybody has looked."""

    def done(self) -> None:
        """A round is finished, or a long one has come on."""
        self._done_at = self._seconds()

    def call(self, *, wanted: bool) -> None:
        """Somebody looked whether there is anything for it. A duty that rests has done its round where there is not.

        One with an item set apart goes round in any case: it sees when that has been seen to.
        """
        if wanted or self._apart:
            self.called.set()
        elif self._rests:
            self.done()

    async def rest(self, stop: asyncio.Event) -> None:
        """Until it is called, or the service ends."""
        self._rests = True
        waits = [asyncio.ensure_future(event.wait()) for event in (self.called, stop)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._rests = False
            for one in waits:
                one.cancel()

    @property
    def apart(self) -> frozenset[UUID]:
        """The items that are set apart."""
        return frozenset(self._apart)

    @property
    def waiting(self) -> frozenset[UUID]:
        """The items that are set apart and whose next try has not come."""
        now = self._seconds()
        return frozenset(item for item, held in self._apart.items() if held.again > now)

    def keep_only(self, items: frozenset[UUID]) -> None:
        """These are all that still ask for work: whatever else was set apart has been seen to."""
        self._apart = {item: held for item, held in self._apart.items() if item in items}

    async def each(self, items: Mapping[UUID, V], work: Callable[[V], Awaitable[T]]) -> list[T]:
        """A round over `items`: what came of each that went well. Those set apart come last, in their own time."""
        waiting = self.waiting
        in_turn = iter(sorted((item for item in items if item not in waiting), key=self._apart.__contains__))
        found: list[T] = []

        async def some() -> None:
            for item in in_turn:
                found.extend(await self.guard(item, lambda item=item: work(items[item])))  # type: ignore[misc]

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
        return found

    async def guard(self, item: UUID, work: Callable[[], Awaitable[T]]) -> tuple[T, ...]:
        """The answer of `work`; none where it failed, and then `item` is set apart."""
        try:
            answer = await work()
        except Exception as error:  # noqa: BLE001  # one bad item stops no other
            self._set_apart(item, error)
            return ()
        self._apart.pop(item, None)
        return (answer,)

    def _set_apart(self, item: UUID, error: Exception) -> None:
        now, before = self._seconds(), self._apart.get(item)
        gap = min(before.gap * 2, LONGEST_GAP) if before else FIRST_GAP
        self._apart[item] = _Apart(before.since if before else now, gap, now + gap)
        told = {"job": self.name, "kind": type(error).__name__, self._named: str(item)}
        log.error("item-failed", extra=told)

    def report(self) -> DutyReport:
        """How it stands now."""
        now = self._seconds()
        oldest = min((held.since for held in self._apart.values()), default=None)
        return DutyReport(
            self.name, len(self._apart), None if oldest is None else int(now - oldest), int(now - self._done_at)
        )
