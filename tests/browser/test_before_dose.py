"""The check before the dose, one question a line, and an escort who is reached by phone."""

import re

from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_story import answer_screening
from tests.browser.ward import check_in, sign_in


def test_the_same_day_check_asks_a_clinician_and_a_call_is_no_sighting(tablet: Tablet, clinic: Clinic):
    chair = check_in(clinic, "Probe")
    page = tablet.page
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/start/{chair.session_id}")
    answer_screening(tablet)
    tablet.tap(tablet.radio("Last drink?", "less than 30 minutes ago"))
    expect(page.get_by_text("a clinician must clear this")).to_be_visible()
    tablet.tap(tablet.radio("Signed consent?", "not seen"))
    tablet.tap(tablet.radio("Phone, keys and valuables?", "still at the chair"))
    tablet.tap(tablet.button(re.compile("^Save screening for Probe")))
    expect(page.get_by_role("heading", name="No dose: Signed consent? not seen")).to_be_visible()
    tablet.all_in_the_record()

    # the escort is called; that they were seen here is still to come
    tablet.fill("Who takes the patient home", "A friend")
    tablet.tap(page.get_by_text("Reached by phone", exact=True))
    tablet.tap(tablet.button("Reached by phone now"))
    expect(page.get_by_text("Type the number that was called.")).to_be_visible()
    tablet.fill("Phone number", "+49 30 901820")
    tablet.fill("Arrives in how many minutes (if they said so)", "20")
    tablet.tap(tablet.button("Reached by phone now"))
    expect(page.get_by_text(re.compile(r"^Reached by phone at .*901820, by Ada Nurse, arrives at"))).to_be_visible()
    expect(page.get_by_text("A friend: not seen here yet")).to_be_visible()
    tablet.tap(tablet.button("Seen here now"))
    tablet.all_in_the_record()
    (session,) = clinic.sessions()
    assert (session["escort"]["present"], session["escort"]["phone"]["number"]) == (True, "+49 30 901820")
    assert session["screening"]["same_day"]["fluids"] == "wrong"
    tablet.tap(tablet.link("To the session"))
    expect(page.get_by_text("Noted: Phone, keys and valuables? still at the chair")).to_be_visible()
    expect(page.get_by_text("Stands in the way: Signed consent? not seen")).to_be_visible()

    # a clinician clears the one item; the other is signed for, or asked again
    tablet.lock()
    sign_in(tablet, clinic.clinician)
    tablet.open(f"/#/start/{chair.session_id}")
    tablet.tap(tablet.button(re.compile("^Clear this session for Probe with that, as Cleo")))
    expect(page.get_by_text("Cleared with: Last drink? less than 30 minutes ago")).to_be_visible()
    tablet.tap(tablet.radio("Signed consent?", "seen today"))
    tablet.tap(tablet.button(re.compile("^Save screening for Probe")))
    expect(page.get_by_role("heading", name=re.compile("^No dose"))).to_have_count(0)
    tablet.all_in_the_record()
    (session,) = clinic.sessions()
    assert [one["code"] for one in session["to_start"] if one["refuses"] and one["after"] is None] == []
