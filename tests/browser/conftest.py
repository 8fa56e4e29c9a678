"""A real Chromium, touched as a hand would, against a real service. The app is built first."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, ViewportSize, sync_playwright

from app.web.build import WEB
from tests.browser import chromium
from tests.browser.chairs import Chair, maria
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.node import tablet_app_built

PORTRAIT: ViewportSize = {"width": 820, "height": 1180}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # nothing is drawn in three dimensions, nor by a processor that stands in for a graphics card
    "--disable-software-rasterizer",
    # so that what would talk to a graphics card need not be a process of its own
    "--in-process-gpu",
)


# Playwright keeps an event loop running in its thread. It ends with this folder's tests, so that a worker's next test
# may run a loop of its own.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    opened = playwright.chromium.launch(executable_path=chromium.program(), args=list(FLAGS))
    yield opened
    opened.close()


@pytest.fixture
def clinic(database_url: str) -> Iterator[Clinic]:
    with Clinic(database_url) as running:
        yield running


@pytest.fixture
def new_tablet(browser: Browser, clinic: Clinic) -> Iterator[Callable[..., Tablet]]:
    """Makes tablets: each a browser profile of its own, with touch."""
    opened: list[BrowserContext] = []

    def make(**other: Any) -> Tablet:
        context = browser.new_context(base_url=clinic.url, viewport=PORTRAIT, has_touch=True, **other)
        opened.append(context)
        return Tablet(context, clinic)

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def tablet(new_tablet: Callable[..., Tablet]) -> Tablet:
    return new_tablet()


@pytest.fixture
def chair(clinic: Clinic) -> Chair:
    """Maria in chair 3, recovered: the flag is up."""
    return maria(clinic).checked_in("3").recovered()


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's own source."""
    return Path(WEB, "node_modules", "axe-core", "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    tablet_app_built()
