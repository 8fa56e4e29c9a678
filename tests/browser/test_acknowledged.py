"""What counts as kept: an answer that names what was sent, and a record that shows it."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.chairs import Chair
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_story import take_set
from tests.browser.ward import lock, read_outbox, sign_in

READINGS = re.compile("/readings/")


@pytest.fixture
def engine_name() -> str:
    """What a tablet makes of an answer does not hang on the database behind the service."""
    return "sqlite"


@pytest.fixture
def chair(clinic: Clinic) -> Chair:
    return Chair(clinic, "Probe", "Maria", "1984-03-11", "R-2231").known().checked_in("3")


@pytest.fixture
def here(tablet: Tablet, clinic: Clinic, chair: Chair) -> Tablet:
    """At the patient's session."""
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.id}")
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    return tablet


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "json": {"status": "maintenance"}},
        {"status": 204},
        {"status": 201, "body": ""},
        {"status": 200, "json": {}, "headers": {"X-Item-Id": "00000000-0000-4000-8000-000000000000"}},
    ],
    ids=["maintenance", "nothing", "empty", "another"],
)
def test_an_answer_that_is_not_about_it_keeps_nothing(
    here: Tablet, clinic: Clinic, chair: Chair, answer: dict[str, Any]
):
    here.page.route(READINGS, lambda route: route.fulfill(**answer))
    take_set(here)
    expect(here.link("1 on this tablet")).to_be_visible()
    here.page.wait_for_timeout(3_000)
    assert read_outbox(here) == 1
    assert chair.read()["readings"] == []
    here.page.unroute(READINGS)
    here.tap(here.link("1 on this tablet"))
    here.tap(here.button(re.compile("^Send")))
    here.all_in_the_record()
    assert len(chair.read()["readings"]) == 1


def test_a_set_stays_in_sight_until_a_record_shows_it(here: Tablet, clinic: Clinic, chair: Chair):
    page = here.page
    look = re.compile(f"/v1/sessions/{chair.id}$")
    page.route(look, lambda route: route.abort())
    take_set(here)
    here.all_in_the_record()
    row = page.locator("tr.set-row")
    page.wait_for_timeout(6_000)
    expect(row).to_have_count(1)
    # nor does a lock take it away
    lock(here)
    sign_in(here, clinic.nurse)
    page.goto(f"/#/session/{chair.id}")
    expect(row).to_have_count(1)
    page.unroute(look)
    expect(row).not_to_contain_text("in the record")
    expect(row).to_have_count(1)


def test_what_fails_again_and_again_stops_no_other_patient(here: Tablet, clinic: Clinic, chair: Chair):
    other = Chair(clinic, "Probe", "Marta", "1991-07-23", "R-8874").known().checked_in("4")
    page = here.page
    failing = re.compile(f"/v1/sessions/{chair.id}/readings/")
    page.route(failing, lambda route: route.fulfill(status=403, body="<html>no</html>"))
    take_set(here)
    page.goto(f"/#/session/{other.id}")
    expect(page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    take_set(here)
    # of the two the one that fails is left; one that is "sent" may still be on its way
    expect(here.link("1 on this tablet")).to_be_visible()
    expect(page.locator("tr.set-row")).not_to_contain_text("on this tablet")
    assert len(other.read()["readings"]) == 1
    assert chair.read()["readings"] == []


def test_a_half_open_network_holds_no_screen(here: Tablet, clinic: Clinic, chair: Chair):
    page, held = here.page, list[Route]()
    page.route(re.compile("/v1/(?!stream)"), lambda route: held.append(route))  # noqa: PLW0108  # nobody answers
    begun = time.monotonic()
    take_set(here)
    assert time.monotonic() - begun < 15, "saving waits for no network"
    page.goto("/#/board")
    here.tap(here.button("End my shift on this tablet"))
    expect(page.get_by_label("Username")).to_be_visible(timeout=10_000)
    expect(page.get_by_text(re.compile("Probe", re.IGNORECASE))).to_have_count(0)


@pytest.mark.parametrize("away", [False, True], ids=["at once", "later"])
def test_a_goodbye_is_said_until_it_is_heard(here: Tablet, clinic: Clinic, chair: Chair, *, away: bool):
    page = here.page
    bearers = list[str]()
    page.on("request", lambda asked: bearers.append(asked.headers.get("authorization", "")))
    with page.expect_response("**/contact"):
        page.evaluate("dispatchEvent(new Event('focus'))")
    here.context.set_offline(away)
    with page.expect_response("**/v1/sign-in/lock", timeout=30_000) as answer:
        lock(here)
        if away:
            page.wait_for_timeout(2_500)
            here.context.set_offline(False)
    assert answer.value.status == 204
    (bearer,) = {each for each in bearers if each}
    # what the tablet had is worth nothing any more, and it has nothing open
    said = clinic.client.get(f"{clinic.url}/v1/sessions/{chair.id}", headers={"Authorization": bearer})
    assert said.status_code == 401
    (line,) = [each for each in clinic.ask(clinic.lead, "GET", "/v1/tablets")["items"] if each["heard_at"]]
    assert line["open_sessions"] == []


def test_a_page_that_goes_says_goodbye(here: Tablet, clinic: Clinic, chair: Chair):
    with here.page.expect_response("**/contact"):
        here.page.evaluate("dispatchEvent(new Event('focus'))")

    def open_now() -> list[str]:
        lines = clinic.ask(clinic.lead, "GET", "/v1/tablets")["items"]
        return [session for line in lines for session in line["open_sessions"]]

    assert open_now() == [chair.id]
    here.page.goto("about:blank")
    here.until(open_now, [])
