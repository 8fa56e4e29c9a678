"""Ids by seeded chance, so that one seed always tells one story."""

from random import Random
from uuid import UUID


def seeded_id(chance: Random) -> UUID:
    """A random UUID (version 4) from seeded chance."""
    return UUID(int=chance.getrandbits(128), version=4)
