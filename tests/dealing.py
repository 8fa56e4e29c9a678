"""How the tests of a run are dealt to its workers: the longest first, and together what shares something costly."""

import re
from collections.abc import Iterator
from zlib import crc32

import pytest
from xdist.scheduler import LoadScopeScheduling

Groups = dict[str, list[pytest.Item]]
WAITING, HANDS, TURN = "browser", 8, 3
"""These wait more than they work. Dealt by so many hands, each for one Chromium, and each in turn with so many others
that work more than they wait, so that neither the processors nor the workers stand idle."""
SHARING = ("browser/test_demo.py",)
"""Among those, the modules that make something once for all their tests."""
LONGEST = (
    "install",
    "crash/test_kill.py",
    "crash",
    "export",
    "api/test_openapi.py",
    "api/test_authorisation.py",
    "api/test_hostile_text.py",
    "api/test_stream.py",
    "api/test_audit_coverage.py",
    "api/test_huge_numbers.py",
    "api/fhir",
    "api",
    "commands",
    "demo",
    "exchange",
    "oracle",
    "services",
    "db",
)
"""Begun first, in this order, so that no worker is left with one of them while the others have nothing more to do."""


class Dealing(LoadScopeScheduling):
    """Which tests go to one worker. (Its own --dist loadgroup marks them by a name that pytest 9.2 keeps to itself.)"""

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)


def engine_of(nodeid: str) -> str | None:
    """The engine that a test's parameters name."""
    named = re.findall(r"sqlite|postgresql", nodeid.partition("[")[2])
    return named[0] if named else None


def together(nodeid: str) -> str:
    """The name of what is dealt to one worker: the tests of one module on one engine.

    What is made once for a module is made for each engine; it would be made on every worker otherwise.
    """
    place = place_of(nodeid)
    if place.startswith(WAITING) and place not in SHARING:
        return f"{WAITING} {crc32(nodeid.encode()) % HANDS}"
    return f"{place} {engine_of(nodeid) or ''}".strip()


def deal(items: list[pytest.Item]) -> None:
    """Puts the tests in the order in which they are dealt."""
    waiting: Groups = {}
    working: Groups = {}
    for item in sorted(items, key=lambda item: rank(place_of(item.nodeid))):  # within a module, pytest's own order
        kind = waiting if place_of(item.nodeid).startswith(WAITING) else working
        kind.setdefault(together(item.nodeid), []).append(item)
    items[:] = [item for dealt in in_turn(waiting, working) for item in dealt]


def in_turn(waiting: Groups, working: Groups) -> Iterator[list[pytest.Item]]:
    """One of the first, then some of the second, as long as there are any."""
    first, second = iter(waiting.values()), iter(working.values())
    for one in first:
        yield one
        for _, other in zip(range(TURN), second, strict=False):
            yield other
    yield from second


def place_of(nodeid: str) -> str:
    return nodeid.partition("::")[0].removeprefix("tests/")


def rank(place: str) -> int:
    return next((at for at, first in enumerate(LONGEST) if place.startswith(first)), len(LONGEST))
