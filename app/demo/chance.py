"""Ids by seeded chance, so that one seed always tells one story."""

from datetime import datetime
from random import Random
from uuid import UUID

from app.domain.instants import to_microseconds


def seeded_id(chance: Random, at: datetime | None = None) -> UUID:
    """A UUID from seeded chance: of version 7 where it is made at an instant (so that ids sort by age), else 4."""
    if at is None:
        return UUID(int=chance.getrandbits(128), version=4)
    milliseconds = to_microseconds(at) // 1000
    return UUID(int=milliseconds << 80 | 0x7 << 76 | chance.getrandbits(12) << 64 | 0b10 << 62 | chance.getrandbits(62))
