"""One chair has one word, on the board, in the session and in its review, for as long as the service says so."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.demo.demo_database import prepare
from tests.browser.chairs import Chair, maria
from tests.browser.clinic import Clinic
from tests.browser.conftest import PORTRAIT
from tests.browser.tablet import Tablet
from tests.browser.ward import at_home, enrol, sign_in


@pytest.fixture
def engine_name() -> str:
    """What a tablet shows does not hang on the database behind the service."""
    return "sqlite"


@pytest.fixture
def demo_clinic(tmp_path: Path) -> Iterator[Clinic]:
    """A clinic whose database is marked as a demo's."""
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    prepare(url, datetime.now(UTC))
    with Clinic(url) as running:
        yield running


MINUTES = """() => Number(document.querySelector("header .phase").innerText.match(/\\+(\\d+) min/)[1])"""
"""Into the phase, as the page shows them."""


def go(tablet: Tablet, address: str) -> None:
    tablet.state("(to) => { location.hash = to; }", f"#/{address}")


def everywhere(chair: Chair) -> tuple[str, ...]:
    return f"session/{chair.id}", f"review/{chair.id}", "board"


def test_a_met_flag_stays_met_while_the_tablet_is_heard_and_ends_everywhere(
    tablet: Tablet, clinic: Clinic, chair: Chair
):
    """Each heartbeat moves the lapse on, without a new assessment: what was loaded before it knows an earlier one."""
    tablet.open()
    enrol(tablet)
    sign_in(tablet, clinic.clinician)
    page = tablet.page
    met, unknown = page.get_by_text("Criteria met"), page.get_by_text("Unknown:")
    with page.expect_response("**/contact"):
        go(tablet, f"session/{chair.id}")
    expect(met).to_be_visible()
    # looked at anew, now that the service knows which tablet it is open at and counts its silence
    go(tablet, "board")
    with page.expect_response(f"**/v1/sessions/{chair.id}") as answer:
        go(tablet, f"review/{chair.id}")
    lapses_at = datetime.fromisoformat(answer.value.json()["readiness"]["lapses_at"])
    assert lapses_at < clinic.clock.now() + timedelta(minutes=3)
    expect(met).to_be_visible()
    for _ in range(4):
        before = tablet.state(MINUTES)
        tablet.pass_by(1)
        # drawn anew since: a page that goes by the lapse it was loaded with says by now that it has passed
        page.wait_for_function(f"before => ({MINUTES})() > before", arg=before)
        expect(met).to_be_visible()
        expect(unknown).to_have_count(0)
    assert lapses_at < clinic.clock.now()
    for address in everywhere(chair):
        go(tablet, address)
        expect(met).to_be_visible()
        expect(unknown).to_have_count(0)
    # two numbers: how long the set is fresh, and when the service was heard
    go(tablet, f"review/{chair.id}")
    expect(page.locator("p.quiet").get_by_text("is fresh until")).to_be_visible()
    expect(page.get_by_text("The service was heard")).to_be_visible()
    # the set grows old: no screen says met any more
    for _ in range(16):
        tablet.pass_by(1)
    for address in everywhere(chair):
        go(tablet, address)
        expect(page.get_by_text("Not met yet")).to_be_visible()
        expect(met).to_have_count(0)


def test_a_demo_says_so_before_anybody_signs_in_and_on_every_screen(browser: Browser, demo_clinic: Clinic):
    tablet = Tablet(browser.new_context(base_url=demo_clinic.url, viewport=PORTRAIT, has_touch=True), demo_clinic)
    chair = maria(demo_clinic).checked_in("3")
    mark = tablet.page.get_by_text("DEMO: nobody here is a patient")
    tablet.open()
    expect(tablet.page.get_by_label("Username")).to_be_visible()
    expect(mark).to_be_visible()
    sign_in(tablet, demo_clinic.nurse)
    expect(tablet.page.locator(".chair")).to_have_count(1)
    expect(mark).to_be_visible()
    for address in ("patients", "outbox", *(f"{each}/{chair.id}" for each in ("session", "entry", "event", "start"))):
        go(tablet, address)
        expect(mark).to_be_visible()
    # also where the service cannot be asked
    at_home(tablet)
    tablet.context.set_offline(True)
    tablet.open()
    expect(tablet.page.get_by_label("Password")).to_be_visible()
    expect(mark).to_be_visible()
    tablet.context.close()


def test_what_is_no_demo_does_not_say_so(tablet: Tablet, clinic: Clinic):
    tablet.open()
    sign_in(tablet, clinic.nurse)
    expect(tablet.page.get_by_text("No session is under way")).to_be_visible()
    expect(tablet.page.get_by_text("DEMO")).to_have_count(0)
