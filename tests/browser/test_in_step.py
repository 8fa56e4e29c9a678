"""Tablets that are out of step: a silent one keeps the flag down elsewhere; one with a wrong clock says so."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.chairs import Chair
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_story import take_set
from tests.browser.ward import MOVE_CLOCK, check_in, enrol, sign_in


def test_a_silent_tablet_with_an_unsent_set_takes_the_flag_down_elsewhere(
    new_tablet: Callable[..., Tablet], clinic: Clinic
):
    chair = Chair(clinic, "Probe", "Maria", "1984-03-11", "R-2231").known().checked_in("3").recovered()
    silent, other = new_tablet(), new_tablet()
    silent.open()
    silent_id = enrol(silent, "Blue one")
    for tablet, nurse in ((silent, clinic.nurse), (other, clinic.other_nurse)):
        tablet.open()
        sign_in(tablet, nurse)
        with tablet.page.expect_response("**/contact"):
            tablet.open(f"/#/session/{chair.id}")
        expect(tablet.page.get_by_text("Criteria met").first).to_be_visible()
    silent.context.set_offline(True)
    take_set(silent, ("150", "95", "88", "16", "95"))
    expect(silent.page.get_by_text("1 on this tablet")).to_be_visible()
    expect(silent.page.get_by_text("Criteria met")).to_have_count(0)
    other.pass_by(5)
    expect(other.page.get_by_text("Tablets in step")).to_be_visible()
    expect(other.page.get_by_text("Criteria met")).to_have_count(0)
    # it is called as people call it, and by nothing else
    expect(other.page.get_by_text("Tablet “Blue one” has this session open")).to_be_visible()
    assert silent_id not in other.page.locator("body").inner_text()
    silent.context.set_offline(False)
    silent.all_in_the_record()


def test_an_unfinished_set_takes_the_flag_down_until_it_is_saved_or_thrown_away(
    new_tablet: Callable[..., Tablet], clinic: Clinic
):
    chair = Chair(clinic, "Probe", "Maria", "1984-03-11", "R-2231").known().checked_in("3").recovered()
    typing, other = new_tablet(), new_tablet()
    for tablet, nurse in ((typing, clinic.nurse), (other, clinic.other_nurse)):
        tablet.open()
        sign_in(tablet, nurse)
        tablet.open(f"/#/session/{chair.id}")
        expect(tablet.page.get_by_text("Criteria met").first).to_be_visible()
    typing.tap(typing.link(re.compile("^New set")))
    with typing.page.expect_request(lambda asked: says_of_sets(asked, [str(chair.id)])):
        typing.type_digits("150")
    expect(other.page.get_by_text("Criteria met")).to_have_count(0)
    assert "unfinished set" in in_step(chair)["because"]
    # who only goes away has not finished it
    typing.tap(typing.link("Back").first)
    typing.lock()
    sign_in(typing, clinic.nurse)
    assert in_step(chair)["outcome"] == "not-met"
    typing.open(f"/#/entry/{chair.id}")
    typing.tap(typing.button("Throw this set away").first)
    with typing.page.expect_request(lambda asked: says_of_sets(asked, [])):
        typing.tap(typing.button("Yes, throw it away"))
    expect(other.page.get_by_text("Criteria met").first).to_be_visible()
    assert in_step(chair)["outcome"] == "met"


def in_step(chair: Chair) -> Any:
    findings = chair.read()["readiness"]["findings"]
    return next(one for one in findings if one["criterion"] == "tablets-in-step")


def says_of_sets(asked: Request, sessions: list[str]) -> bool:
    return asked.url.endswith("/contact") and json.loads(asked.post_data or "{}")["drafts"] == sessions


def says_it_holds(unsent: int, asked: Request) -> bool:
    return asked.url.endswith("/contact") and json.loads(asked.post_data or "{}")["unsent"] == unsent


@pytest.mark.parametrize("engine_name", ["sqlite"])  # what the tablet says, and when
def test_the_service_hears_at_once_that_nothing_is_left_to_send(tablet: Tablet, clinic: Clinic):
    chair = check_in(clinic, "Probe")
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.session_id}")
    page, held = tablet.page, list[Route]()
    page.route(re.compile("/readings/"), lambda route: held.append(route))  # noqa: PLW0108  # it looks inside
    take_set(tablet)
    with page.expect_request(lambda asked: says_it_holds(1, asked)):
        page.evaluate("dispatchEvent(new Event('focus'))")
    (route,) = held
    with page.expect_request(lambda asked: says_it_holds(0, asked), timeout=10_000):
        route.continue_()


@pytest.mark.parametrize("engine_name", ["sqlite"])  # whose clock is wrong is seen on the tablet
def test_a_wrong_clock_is_shown_and_what_it_stamps_is_marked(tablet: Tablet, clinic: Clinic):
    chair = check_in(clinic, "Probe")
    tablet.context.add_init_script(MOVE_CLOCK)
    tablet.open()
    tablet.state(f"window.__moveClock({26 * 3600_000})")
    tablet.page.reload()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.session_id}")
    wrong = tablet.page.get_by_text("This tablet's clock is wrong")
    expect(wrong).to_be_visible()
    take_set(tablet)
    tablet.all_in_the_record()
    (session,) = clinic.sessions()
    (reading,) = session["readings"]
    assert reading["clock_doubtful"]
    # the clinic's time, not the tablet's
    assert abs(datetime.fromisoformat(reading["measured_at"]) - clinic.clock.now()) < timedelta(minutes=2)
    expect(tablet.page.locator("tr.set-row")).to_contain_text("tablet clock was wrong")

    tablet.state(f"window.__moveClock({-26 * 3600_000})")
    tablet.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(wrong).to_have_count(0)
    take_set(tablet, ("126", "82", "74", "15", "97"))
    tablet.all_in_the_record()
    (session,) = clinic.sessions()
    assert sorted(each["clock_doubtful"] for each in session["readings"]) == [False, True]


@pytest.mark.parametrize("engine_name", ["sqlite"])  # what the tablet asks for, and when
def test_a_closed_session_on_the_screen_hears_of_a_notice(tablet: Tablet, clinic: Clinic):
    """It is on no board any more, so nothing says that it has moved."""
    chair = Chair(clinic, "Probe", "Maria", "1984-03-11", "R-2231").known().checked_in("3").recovered()
    chair.discharged()
    tablet.open()
    sign_in(tablet, clinic.clinician)
    tablet.open(f"/#/review/{chair.id}")
    expect(tablet.page.get_by_text("Confirmed by Cleo Clinician").first).to_be_visible()
    notice = tablet.button(re.compile("^I have seen this"))
    expect(notice).to_have_count(0)
    tablet.page.wait_for_timeout(3_000)  # whatever follows the opening has been asked for
    chair.event("addendum", text="what came to light afterwards")
    expect(notice).to_be_visible(timeout=60_000)
