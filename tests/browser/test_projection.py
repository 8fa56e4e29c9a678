"""What waits on the tablet stands on every screen, and what is typed next rests on it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_story import QUESTIONS, answer_screening, take_set
from tests.browser.ward import check_in, sign_in

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # what the tablet makes of what it holds


def test_without_a_network_each_form_goes_on_from_the_one_before(tablet: Tablet, clinic: Clinic):
    chair = check_in(clinic, "Probe")
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.session_id}")
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    take_set(tablet)
    tablet.all_in_the_record()
    tablet.context.set_offline(True)

    tablet.open(f"/#/start/{chair.session_id}")
    answer_screening(tablet)
    tablet.tap(tablet.button(re.compile("^Save screening for Probe")))
    expect(tablet.page.get_by_text(re.compile(r"answered at \d\d:\d\d by Ada Nurse"))).to_be_visible()
    tablet.fill("Who takes the patient home", "A friend")
    tablet.tap(tablet.button("Named, not here yet"))
    expect(tablet.page.get_by_text("A friend: not seen here yet")).to_be_visible()
    tablet.tap(tablet.button("Seen here now"))
    expect(tablet.page.get_by_text(re.compile(r"^A friend: seen here at"))).to_be_visible()

    for value, reason in (("134", "typed wrong"), ("135", "typed wrong again")):
        tablet.open(f"/#/session/{chair.session_id}")
        if not tablet.link("Correct this set").is_visible():
            tablet.tap(tablet.page.locator("tr.set-row button.time"))
        tablet.tap(tablet.link("Correct this set"))
        was = tablet.page.get_by_role("textbox", name="Systolic")
        expect(was).to_have_value("124" if value == "134" else "134")
        tablet.tap(was)
        tablet.type_digits(value)
        tablet.fill("Why is it corrected?", reason)
        tablet.tap(tablet.button(re.compile("^Save correction for Probe")))
        expect(tablet.page.locator("tr.set-row")).to_contain_text(f"{value}/80")

    # the answers are there when the screen is opened anew
    tablet.open(f"/#/start/{chair.session_id}")
    expect(tablet.page.locator("[role=radiogroup]:has(:checked)")).to_have_count(QUESTIONS)

    tablet.context.set_offline(False)
    tablet.all_in_the_record()
    (session,) = clinic.sessions()
    assert session["escort"]["present"] is True
    assert set(session["screening"]["answers"].values()) == {False}
    (reading,) = session["readings"]
    assert (reading["systolic"], reading["revision"], reading["reason"]) == (135, 3, "typed wrong again")
