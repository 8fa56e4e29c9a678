"""One clinic's board as this process knows it: each active session's line ready-made, and a version that only grows.

Nothing here asks anybody: it is told what a look found, and says what is news in it. What it holds of a session changes
when its line does, and at `turns_at`, from which on time alone makes another line of it: whoever looks asks for those.
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.api.answers import written
from app.domain.assessment import Status
from app.services.boards import Item, Look


@dataclass(frozen=True, slots=True)
class _Held:
    text: bytes
    turns_at: datetime | None


@dataclass(frozen=True, slots=True)
class News:
    """What changed in one look, as it is sent: lines, and the ids of sessions that are active no more."""

    items: tuple[bytes, ...]
    gone: tuple[UUID, ...]


class BoardMemory:
    """The board as the last look found it."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.mark: int | None = None
        self.silent: Mapping[UUID, datetime] = {}
        self.looked_at: datetime | None = None
        self._held: dict[UUID, _Held] = {}
        self._joined: tuple[int, bytes] | None = None
        self._turns: list[tuple[datetime, UUID]] = []
        self._turned: set[UUID] = set()
        """Asked for until a look has told what has become of them: one that failed has not."""

    def turning(self, now: datetime) -> set[UUID]:
        """The sessions whose lines time alone may have changed by now."""
        while self._turns and self._turns[0][0] <= now:
            at, this = heapq.heappop(self._turns)
            if this in self._held and self._held[this].turns_at == at:
                self._turned.add(this)
        return set(self._turned)

    def take(self, found: Look, at: datetime) -> News | None:
        """Takes what a look at `at` found; None where nothing of it is news."""
        items: list[bytes] = []
        gone: list[UUID] = []
        self._turned -= found.items.keys()
        for this, item in found.items.items():
            held = self._held.get(this)
            if item is None:
                if held is not None:
                    del self._held[this]
                    gone.append(this)
                continue
            turns_at = _turns_at(item)
            text = written(item)
            self._held[this] = _Held(text, turns_at)
            if turns_at is not None:
                heapq.heappush(self._turns, (turns_at, this))
            if held is None or held.text != text:
                items.append(text)
        self.mark, self.silent, self.looked_at = found.mark, found.silent, at
        if not items and not gone:
            return None
        self.version += 1
        return News(tuple(items), tuple(gone))

    def __len__(self) -> int:
        return len(self._held)

    def items(self) -> bytes:
        """Every line, in no order, with commas between; put together once for each version."""
        if self._joined is None or self._joined[0] != self.version:
            self._joined = (self.version, b",".join(held.text for held in self._held.values()))
        return self._joined[1]


def pieces_of(items: bytes, rest: Mapping[str, object]) -> tuple[bytes, bytes, bytes]:
    """A document whose `items` are ready-made, in pieces: of a large board no copy need be made."""
    return b'{"items":[', items, b"]," + written(rest)[1:]


def text_of(items: bytes, rest: Mapping[str, object]) -> bytes:
    """The same in one."""
    return b"".join(pieces_of(items, rest))


def _turns_at(item: Item) -> datetime | None:
    """From when on time alone makes another line of it: a met flag lapses, a set is overdue."""
    lapses_at = item["lapses_at"] if item["status"] == Status.MET else None
    overdue_at = None if item["overdue"] else item["overdue_at"]
    return min((at for at in (lapses_at, overdue_at) if at is not None), default=None)
