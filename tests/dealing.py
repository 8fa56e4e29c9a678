"""How the tests of a run are dealt to its workers: the longest first, and together what shares something costly."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent
ONE_BY_ONE = ("browser", "crash", "export", "install")
"""Folders whose tests are long and share little: each goes to whoever is free."""
LONGEST = (
    "install/test_against_time.py",
    "api/test_openapi.py",
    "browser",
    "crash",
    "export",
    "api/test_authorisation.py",
    "api/test_hostile_text.py",
    "api/test_stream.py",
    "api/test_audit_coverage.py",
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
    """Puts the tests in order, and those together on one worker that share what is made once for a module.

    Such a thing is made for each engine, and so the tests of a module on the two engines may go to two workers.
    """
    items.sort(key=lambda item: rank(place_of(item)))  # stable: within a module, pytest's own order
    for item in items:
        place = place_of(item)
        if shares(item) or not place.startswith(ONE_BY_ONE):
            engine = engines[item.nodeid]
            item.add_marker(pytest.mark.xdist_group(f"{place} {engine}" if engine else place))


def place_of(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT).as_posix()


def rank(place: str) -> int:
    return next((at for at, first in enumerate(LONGEST) if place.startswith(first)), len(LONGEST))


def shares(item: pytest.Item) -> bool:
    """Whether it uses something that is made once for its module."""
    assert isinstance(item, pytest.Function)
    made = item._fixtureinfo.name2fixturedefs.values()
    return any(definitions[-1].scope in {"class", "module"} for definitions in made)
