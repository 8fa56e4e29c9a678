"""Nothing typed on a tablet is lost, doubled or misplaced, whatever happens in between: a few seeds of `chaos`."""

import pytest
from playwright.sync_api import Browser

from tests.browser import chaos
from tests.browser.bad_day import Lost
from tests.browser.clinic import Clinic

SEEDS = {"sqlite": (1, 2), "postgresql": (3, 4)}


def test_everything_acknowledged_is_in_the_record_once(browser: Browser, clinic: Clinic, engine_name: str):
    for seed in SEEDS[engine_name]:
        run = chaos.one(browser, clinic, seed)
        assert run.typed


@pytest.mark.parametrize("engine_name", ["sqlite"])  # the seeds run on both
def test_each_trouble_by_itself(browser: Browser, clinic: Clinic):
    """Every kind of trouble once, in a fixed order, so that no seed decides what is tried at all."""
    operations = (
        "network", "reading", "reload", "reading", "event", "switch", "reading", "network",
        "service", "reading", "reopen", "reading", "service", "storage_full", "new_version",
        "connections_end", "reading",
    )  # fmt: skip
    chaos.one(browser, clinic, 99, operations)


@pytest.mark.parametrize("engine_name", ["sqlite"])  # the wire's doing
def test_with_ids_made_by_the_service_it_goes_red(browser: Browser, clinic: Clinic):
    operations = ("cut_reply", "reading")
    assert len(chaos.one(browser, clinic, 7, operations, enrolled=False).typed) == 1
    with pytest.raises(Lost, match="not exactly once"):
        chaos.one(browser, clinic, 7, operations, enrolled=False, ids_by_service=True)
