"""The key sets of machines: from their registration, or fetched from the address in it and kept for a short while.

A stranger can make us look for a key that is not there; so a set is fetched at most every ten seconds for one client,
whoever asks, and one fetch at a time. So is what those who vouch for people say of themselves, and their keys.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.db.clients import FoundClient
from app.exchange.jose import LONGEST_SET, BadKeys, Keys, Unproven, Unusable, read_keys
from app.exchange.pinned import Unreachable, fetch

KEPT = timedelta(minutes=5)
"""The longest a fetched set is believed: a key taken out of it is worth nothing after that."""
AGAIN = timedelta(seconds=10)
"""The shortest time between two fetches for one client."""
REMEMBERED = 1000
"""Sets that are held at once; the one asked for longest ago goes first."""
T = TypeVar("T")


@dataclass(slots=True)
class _Held:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    tried_at: datetime | None = None
    found: Any = None
    good_until: datetime | None = None
    because: str = "unreachable"


class KeySets:
    """The fetched sets of one process. For one event loop."""

    def __init__(self, *, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._held: OrderedDict[Hashable, _Held] = OrderedDict()

    async def keys_for(self, found: FoundClient, kid: str, wall: datetime) -> Keys:
        """The set in which `kid` should be. Raises `Unproven` where there is none to look in."""
        client = found.client
        if client.keys is not None:
            return self._registered(client.keys)
        assert client.keys_url is not None
        key = (found.id, found.revision)
        return await self.fetched(
            key, client.keys_url, wall, read_keys, private=client.private, holds=lambda keys: kid in keys
        )

    async def fetched(
        self,
        key: Hashable,
        url: str,
        wall: datetime,
        read: Callable[[bytes], T],
        *,
        private: bool,
        holds: Callable[[T], bool] = lambda _found: True,
        what: str = "keys",
    ) -> T:
        """What lies at `url`, as it was `read` lately; fetched again where it does not hold what is looked for.

        `key` names it: another key, another memory. Raises `Unproven`, saying of `what`.
        """
        held = self._of(key)
        async with held.turn:
            fresh = held.found is not None and held.good_until is not None and wall < held.good_until
            if not (fresh and holds(held.found)) and (held.tried_at is None or wall >= held.tried_at + AGAIN):
                await self._fetch(held, url, wall, read, private=private)
            if held.found is None or held.good_until is None or wall >= held.good_until:
                raise Unproven(f"{what}: {held.because}")
            found: T = held.found
            return found

    @staticmethod
    def _registered(text: str) -> Keys:
        try:
            return read_keys(text.encode())
        except BadKeys:
            raise Unproven("keys: registered ones cannot be read") from None

    def _of(self, key: Hashable) -> _Held:
        held = self._held.setdefault(key, _Held())
        self._held.move_to_end(key)
        while len(self._held) > self._remembered:
            self._held.popitem(last=False)
        return held

    @staticmethod
    async def _fetch(held: _Held, url: str, wall: datetime, read: Callable[[bytes], Any], *, private: bool) -> None:
        """A fetch that fails leaves what was held as it was: believed until its own end, and no longer."""
        held.tried_at = wall
        try:
            came = await fetch(url, private=private, most=LONGEST_SET)
            held.found = read(came.body)
        except (Unreachable, Unusable) as problem:
            held.because = problem.because
            return
        kept = KEPT if came.max_age is None else min(KEPT, timedelta(seconds=came.max_age))
        held.good_until = wall + max(kept, AGAIN)
