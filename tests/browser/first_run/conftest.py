"""A service that has no clinic yet, and a tablet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import empty
from tests.browser.conftest import PORTRAIT
from tests.browser.empty import Empty
from tests.browser.tablet import Tablet


@pytest.fixture
def tablet(browser: Browser) -> Iterator[Tablet]:
    context = browser.new_context(viewport=PORTRAIT, has_touch=True, timezone_id="Europe/Vienna")
    yield empty.tablet_at(context)
    context.close()


@pytest.fixture
def service(tmp_path: Path, sqlite_template: Path) -> Iterator[Empty]:
    with Empty(empty.emptied(tmp_path, sqlite_template, "empty")) as running:
        yield running
