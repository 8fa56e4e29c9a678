"""How the tests of a run are dealt to its workers: the longest first, and together what shares something costly."""

import re
from zlib import crc32

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

WAITING = (
    "browser",
    "install",
    "export/test_killed.py",
    "api/test_stream.py",
    "api/test_sign_in_memory.py",
    "crash/test_courier.py",
)
"""Whose tests wait more than they work."""
WAITS = "waits:"
"""How the name of such a group begins."""
SCATTERED, HANDS = "browser/", 8
"""The tests of these modules share nothing but a Chromium, and are dealt by so many hands."""
TOGETHER = ("browser/test_demo.py",)
"""Among those, the modules that make something once for all their tests."""
LONGEST = (
    "browser/test_demo.py",
    "browser",
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
    """Which tests go to one worker. (Its own --dist loadgroup marks them by a name that pytest 9.2 keeps to itself.)

    Every second worker takes what waits first, and the others what works first, so that neither the processors nor the
    workers stand idle; whoever has nothing more of its own kind takes the other.
    """

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        waits = self.nodes.index(node) % 2 == 1
        fitting = next((scope for scope in self.workqueue if scope.startswith(WAITS) == waits), None)
        if fitting is not None:
            self.workqueue.move_to_end(fitting, last=False)
        super()._assign_work_unit(node)


def engine_of(nodeid: str) -> str | None:
    """The engine that a test's parameters name."""
    named = re.findall(r"sqlite|postgresql", nodeid.partition("[")[2])
    return named[0] if named else None


def together(nodeid: str) -> str:
    """The name of the group that is dealt to one worker: mostly the tests of one module on one engine.

    What is made once for a module is made for each engine; it would be made on every worker otherwise.
    """
    place = place_of(nodeid)
    group = f"{place} {engine_of(nodeid) or ''}".strip()
    if place.startswith(SCATTERED) and place not in TOGETHER:
        group = f"{SCATTERED} {crc32(nodeid.encode()) % HANDS}"
    return f"{WAITS} {group}" if place.startswith(WAITING) else group


def deal(items: list[pytest.Item]) -> None:
    """Puts the tests in the order in which they are dealt; within a module, pytest's own."""
    items.sort(key=lambda item: rank(place_of(item.nodeid)))


def place_of(nodeid: str) -> str:
    return nodeid.partition("::")[0].removeprefix("tests/")


def rank(place: str) -> int:
    return next((at for at, first in enumerate(LONGEST) if place.startswith(first)), len(LONGEST))
