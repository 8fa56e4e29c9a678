"""The key sets of machines: from their registration, or fetched from the address in it and kept for a short while.

A stranger can make us look for a key that is not there; so a set is fetched at most every ten seconds for one client,
whoever asks, and one fetch at a time.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from app.db.clients import FoundClient
from app.exchange.jose import LONGEST_SET, BadKeys, Keys, Unproven, read_keys
from app.exchange.pinned import Unreachable, fetch

KEPT = timedelta(minutes=5)
"""The longest a fetched set is believed: a key taken out of it is worth nothing after that."""
AGAIN = timedelta(seconds=10)
"""The shortest time between two fetches for one client."""
REMEMBERED = 1000
"""Clients whose sets are held at once; the one asked for longest ago goes first."""


@dataclass(slots=True)
class _Held:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    tried_at: datetime | None = None
    keys: Keys | None = None
    good_until: datetime | None = None
    because: str = "unreachable"


class KeySets:
    """The fetched sets of one process. For one event loop."""

    def __init__(self, *, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._held: OrderedDict[tuple[UUID, int], _Held] = OrderedDict()

    async def keys_for(self, found: FoundClient, kid: str, wall: datetime) -> Keys:
        """The set in which `kid` should be. Raises `Unproven` where there is none to look in."""
        client = found.client
        if client.keys is not None:
            return self._registered(client.keys)
        assert client.keys_url is not None
        held = self._of(found)
        async with held.turn:
            if self._fresh(held, kid, wall):
                assert held.keys is not None
                return held.keys
            if held.tried_at is None or wall >= held.tried_at + AGAIN:
                await self._fetch(held, client.keys_url, wall, private=client.private)
            if held.keys is None or held.good_until is None or wall >= held.good_until:
                raise Unproven(f"keys: {held.because}")
            return held.keys

    @staticmethod
    def _registered(text: str) -> Keys:
        try:
            return read_keys(text.encode())
        except BadKeys:
            raise Unproven("keys: registered ones cannot be read") from None

    @staticmethod
    def _fresh(held: _Held, kid: str, wall: datetime) -> bool:
        return held.keys is not None and held.good_until is not None and wall < held.good_until and kid in held.keys

    def _of(self, found: FoundClient) -> _Held:
        key = (found.id, found.revision)
        held = self._held.setdefault(key, _Held())
        self._held.move_to_end(key)
        while len(self._held) > self._remembered:
            self._held.popitem(last=False)
        return held

    @staticmethod
    async def _fetch(held: _Held, url: str, wall: datetime, *, private: bool) -> None:
        """A fetch that fails leaves what was held as it was: believed until its own end, and no longer."""
        held.tried_at = wall
        try:
            came = await fetch(url, private=private, most=LONGEST_SET)
            held.keys = read_keys(came.body)
        except Unreachable as problem:
            held.because = problem.because
            return
        except BadKeys:
            held.because = "not a usable set"
            return
        kept = KEPT if came.max_age is None else min(KEPT, timedelta(seconds=came.max_age))
        held.good_until = wall + max(kept, AGAIN)
