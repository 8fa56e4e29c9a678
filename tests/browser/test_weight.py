"""What the start page weighs on the wire, and when a slow tablet shows the board."""

import gzip

import pytest
from playwright.sync_api import Response, expect

from tests.browser.chairs import ward
from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.tablet import Tablet

MOST = 80_000
"""Bytes of what the start page fetches: the whole app, without the lead's setting up."""
SLOWER = 4


@pytest.fixture
def engine_name() -> str:
    """The pages are the same files on either database."""
    return "sqlite"


def test_the_start_page_is_light(tablet: Tablet, clinic: Clinic):
    loaded: dict[str, int] = {}

    def weigh(response: Response) -> None:
        if response.status == 200 and "/v1/" not in response.url:
            loaded[response.url] = len(gzip.compress(response.body(), mtime=0))

    tablet.page.on("response", weigh)
    tablet.open()
    expect(tablet.page.get_by_label("Username")).to_be_visible()
    tablet.page.wait_for_load_state("networkidle")
    total = sum(loaded.values())
    print(f"\nthe start page: {total:,} bytes gzip in {len(loaded)} files (at most {MOST:,})")
    assert {".js", ".css"} <= {url[url.rfind(".") :] for url in loaded}
    assert total < MOST


def test_the_first_board_on_a_slow_tablet(tablet: Tablet, clinic: Clinic):
    """Reported: the machine decides, not the test. From the tap on "Sign in" and from the empty page."""
    ward(clinic)
    tablet.context.new_cdp_session(tablet.page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    tablet.open()
    tablet.fill("Username", clinic.nurse.username)
    tablet.fill("Password", PASSWORD)
    shown = tablet.state("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    board = tablet.state(
        """() => new Promise((resolve) => {
          const from = performance.now();
          const look = () => document.querySelector(".chair")
            ? requestAnimationFrame(() => resolve(performance.now() - from)) : requestAnimationFrame(look);
          [...document.querySelectorAll("button")].find((each) => each.textContent === "Sign in").click();
          look();
        })"""
    )
    print(f"\na processor {SLOWER} times slower: start page after {shown:.0f} ms, board {board:.0f} ms after the tap")
    expect(tablet.page.get_by_text("Criteria met")).to_be_visible()
