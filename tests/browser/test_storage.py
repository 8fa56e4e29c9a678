"""Storage that ends, that is refused, and a browser that knows less than it should."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chairs import Chair
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_steady import READ_WHOLE, SHAPES
from tests.browser.test_story import take_set
from tests.browser.ward import END_CONNECTIONS, MOVE_CLOCK, enrol, lock, set_pin, sign_in

NO_DATABASE = """
indexedDB.open = () => { throw new DOMException("refused", "SecurityError"); };
"""
NO_STORAGE = """
Object.defineProperty(window, "localStorage", { get() { throw new DOMException("refused", "SecurityError"); } });
"""
NO_ZONE = """
{
  const Plain = Intl.DateTimeFormat;
  Intl.DateTimeFormat = function (locale, options) {
    if (options?.timeZone && options.timeZone !== "UTC") throw new RangeError("Invalid time zone");
    return new Plain(locale, options);
  };
}
"""


@pytest.fixture
def engine_name() -> str:
    """What a browser keeps does not hang on the database behind the service."""
    return "sqlite"


def test_connections_that_end_by_themselves_are_opened_again(tablet: Tablet, clinic: Clinic):
    chair = Chair(clinic, "Probe", "Maria", "1984-03-11", "R-2231").known().checked_in("3")
    tablet.context.add_init_script(END_CONNECTIONS)
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.id}")
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    tablet.state("window.__endConnections()")
    take_set(tablet)
    tablet.all_in_the_record()
    tablet.state("window.__endConnections()")
    lock(tablet)
    expect(tablet.page.get_by_label("Username")).to_be_visible()
    assert len(chair.read()["readings"]) == 1


@pytest.mark.parametrize("script", [NO_DATABASE, NO_STORAGE], ids=["database", "storage"])
def test_a_browser_that_keeps_nothing_says_so(tablet: Tablet, clinic: Clinic, script: str):
    tablet.context.add_init_script(script)
    tablet.open()
    expect(tablet.page.get_by_text("lets the app keep nothing")).to_be_visible()
    expect(tablet.page.get_by_label("Username")).to_have_count(0)


def test_a_zone_that_the_browser_does_not_know_is_told_as_utc(tablet: Tablet, clinic: Clinic):
    tablet.context.add_init_script(NO_ZONE)
    tablet.open()
    tablet.state("""localStorage.setItem("clinic", JSON.stringify({ name: "North", timezone: "Mars/Olympus" }))""")
    tablet.page.reload()
    expect(tablet.page.get_by_text(re.compile(r"^\d\d:\d\d UTC$"))).to_be_visible()


def test_a_pin_is_offered_though_the_tablets_clock_is_half_a_day_fast(tablet: Tablet, clinic: Clinic):
    tablet.context.add_init_script(MOVE_CLOCK)
    tablet.open()
    enrol(tablet)
    tablet.state("window.__moveClock(13 * 3600_000)")
    tablet.page.reload()
    sign_in(tablet, clinic.nurse)
    set_pin(tablet, clinic.nurse)
    lock(tablet)
    expect(tablet.page.get_by_label(f"{clinic.nurse.name}, PIN")).to_be_visible()


def test_a_browser_that_may_delete_what_is_kept_says_so_once(tablet: Tablet, clinic: Clinic):
    """As this one does: it promises nothing to a page that was never added to a home screen."""
    tablet.open()
    sign_in(tablet, clinic.nurse)
    notice = tablet.page.get_by_text("This browser may delete unsent entries.")
    expect(notice).to_be_visible()
    for shape in SHAPES:
        tablet.page.set_viewport_size(shape)
        assert tablet.state(READ_WHOLE)
    tablet.tap(tablet.button("I have read this"))
    expect(notice).to_have_count(0)
    tablet.page.reload()
    sign_in(tablet, clinic.nurse)
    expect(tablet.page.get_by_text("Connected", exact=True)).to_be_visible()
    expect(notice).to_have_count(0)
    tablet.open("/#/outbox")
    expect(tablet.page.get_by_text("This browser has not promised to keep what is typed here")).to_be_visible()
