"""How the tests of a run are dealt to its workers: the longest first, and together what shares something costly."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

Groups = dict[str, list[pytest.Item]]
ROOT = Path(__file__).parent
WAITING, HANDS, TURN = "browser", 8, 3
"""These wait more than they work. Dealt by so many hands, each for one Chromium, and each in turn with so many others
that work more than they wait, so that neither the processors nor the workers stand idle."""
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


def deal(items: list[pytest.Item], engines: dict[str, str | None]) -> None:
    """Puts the tests in order, and the tests of one module on one engine together on one worker.

    What is made once for a module is made for each engine; it would be made on every worker otherwise.
    """
    hands = count()
    waiting: Groups = {}
    working: Groups = {}
    for item in sorted(items, key=lambda item: rank(place_of(item))):  # within a module, pytest's own order stays
        place = place_of(item)
        together = f"{place} {engines[item.nodeid] or ''}".strip()
        if not place.startswith(WAITING):
            working.setdefault(together, []).append(item)
        elif shares(item):
            waiting.setdefault(together, []).append(item)
        else:
            waiting.setdefault(f"{WAITING} {next(hands) % HANDS}", []).append(item)
    items.clear()
    for together, dealt in in_turn(waiting, working):
        items += dealt
        for item in dealt:
            item.add_marker(pytest.mark.xdist_group(together))


def in_turn(waiting: Groups, working: Groups) -> Iterator[tuple[str, list[pytest.Item]]]:
    """One of the first, then some of the second, as long as there are any."""
    first, second = iter(waiting.items()), iter(working.items())
    for one in first:
        yield one
        for _, other in zip(range(TURN), second, strict=False):
            yield other
    yield from second


def place_of(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT).as_posix()


def rank(place: str) -> int:
    return next((at for at, first in enumerate(LONGEST) if place.startswith(first)), len(LONGEST))


def shares(item: pytest.Item) -> bool:
    """Whether it uses something that is made once for its module."""
    assert isinstance(item, pytest.Function)
    made = item._fixtureinfo.name2fixturedefs.values()  # pytest offers no other way to ask
    return any(definitions[-1].scope in {"class", "module"} for definitions in made)
