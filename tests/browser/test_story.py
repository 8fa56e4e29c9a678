"""The main job by touch alone: from a new patient to a discharge that a clinician signed."""

import re
from typing import Any

from playwright.sync_api import expect

from app.domain.events import Route
from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.tablet import Tablet
from tests.factories import SAME_DAY

GOOD = ("124", "80", "72", "14", "98")
QUESTIONS = 8 + len(SAME_DAY[Route.IV_INFUSION])


def check_in(tablet: Tablet, route: str) -> None:
    add_patient(tablet)
    fill_check_in(tablet, route, year="1948")
    tablet.tap(tablet.button(re.compile("^Check in Probe")))
    expect(tablet.page.get_by_role("alert")).to_contain_text("birth year is not this patient's")
    tablet.fill("Type the patient's birth year", "1984")
    tablet.tap(tablet.button(re.compile("^Check in Probe")))


def add_patient(tablet: Tablet) -> None:
    """From the board."""
    tablet.tap(tablet.link("Patients and new session"))
    tablet.tap(tablet.button("Add a patient"))
    for label, text in (("Family name", "Probe"), ("Given name", "Maria"), ("Birth date", "1984-03-11")):
        tablet.fill(label, text)
    tablet.fill("Record number", "R-2231")
    tablet.tap(tablet.button("Add Probe"))


def fill_check_in(tablet: Tablet, route: str, year: str = "1984") -> None:
    """All that a session is planned with; nothing is sent yet."""
    tablet.fill("Type the patient's birth year", year)
    tablet.fill("Chair", "3")
    tablet.fill("Weight in kg", "72.5")
    tablet.tap(tablet.page.get_by_role("radio", name=re.compile(route)))


def answer_screening(tablet: Tablet) -> None:
    """Every question so that nothing stands in the way: the first answer of each."""
    questions = tablet.page.get_by_role("region", name="Screening").get_by_role("radiogroup")
    expect(tablet.page.get_by_role("heading", name="Same-day check")).to_be_visible()
    for place in range(questions.count()):
        tablet.tap(questions.nth(place).get_by_role("radio").first)


def screen_and_clear(tablet: Tablet, clinic: Clinic) -> None:
    answer_screening(tablet)
    tablet.tap(tablet.button(re.compile("^Save screening for Probe")))
    tablet.fill("Who takes the patient home", "A friend")
    tablet.tap(tablet.button("Named, not here yet"))
    tablet.all_in_the_record()
    session_id = tablet.page.url.rsplit("/", 1)[1]
    clinic.ask(clinic.clinician, "PUT", f"/v1/sessions/{session_id}/clearance", {})
    tablet.tap(tablet.link("To the session"))


def take_set(
    tablet: Tablet, values: tuple[str, ...] = GOOD, dissociation: str = "none", hours_earlier: int = 0
) -> None:
    """A full set, from the session's screen."""
    tablet.tap(tablet.link(re.compile("^New set")))
    if hours_earlier:
        tablet.tap(tablet.button("Change the time"))
    for _ in range(hours_earlier):
        tablet.tap(tablet.button("60 min earlier"))
    tablet.type_digits("".join(values))
    tablet.tap(tablet.radio("Awake", "5 awake"))
    tablet.tap(tablet.radio("Dissociation", dissociation))
    tablet.tap(tablet.radio("Gait", "steady"))
    tablet.tap(tablet.radio("Orientated", "yes"))
    tablet.tap(tablet.page.locator("[data-field=symptoms]").get_by_role("button", name="none"))
    tablet.tap(tablet.button(re.compile("^Save set for Probe, as")))
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()


def give(tablet: Tablet, kind: str, **fields: str) -> None:
    tablet.tap(tablet.link("Event"))
    tablet.tap(tablet.link(kind))
    for label, text in fields.items():
        tablet.fill(label.replace("_", " "), text)
    tablet.tap(tablet.button(re.compile(f"^Save {kind} for Probe")))
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()


def ready_to_leave(tablet: Tablet) -> None:
    """The escort is seen, and the flag is up."""
    tablet.tap(tablet.link("Escort and leaving"))
    tablet.tap(tablet.button("Seen here now"))
    tablet.all_in_the_record()
    tablet.tap(tablet.link("Back").first)
    expect(tablet.page.get_by_text("Criteria met").first).to_be_visible()


def sign_and_leave(tablet: Tablet, clinic: Clinic) -> dict[str, Any]:
    """The tablet is handed to the clinician, who looks, confirms, and lets the patient go; the session as recorded."""
    tablet.lock()
    expect(tablet.page.get_by_text("Probe")).to_have_count(0)
    tablet.sign_in(clinic.clinician)
    tablet.open("/#/board")
    tablet.tap(tablet.link(re.compile("^Review Probe")))
    for looked in ("Alert", "Steady on their feet", "Speaks clearly"):
        tablet.tap(tablet.page.get_by_role("checkbox", name=re.compile(looked)))
    tablet.tap(tablet.button(re.compile("Confirm: the criteria are met")))
    tablet.fill("Your password", PASSWORD)
    tablet.tap(tablet.button("Sign as Cleo Clinician"))
    expect(tablet.page.get_by_role("heading", name=re.compile("^Confirmed by Cleo Clinician"))).to_be_visible()
    tablet.tap(tablet.radio("Instructions given", "Yes"))
    tablet.tap(tablet.button("Probe leaves now"))
    expect(tablet.page.locator("header").get_by_text("discharged")).to_be_visible()
    (session,) = clinic.sessions()
    assert session["state"] == "discharged"
    assert {reading["recorded_by"]["name"] for reading in session["readings"]} == {"Ada Nurse"}
    assert not any(reading["clock_doubtful"] for reading in session["readings"])
    assert session["confirmations"][0]["own_assessment"] == "alert, steady, speaks clearly"
    return session


def test_from_check_in_to_a_signed_discharge(tablet: Tablet, clinic: Clinic):
    tablet.sign_in(clinic.nurse)
    check_in(tablet, "IV infusion")
    screen_and_clear(tablet, clinic)
    take_set(tablet)
    tablet.pass_by(10)
    take_set(tablet)
    tablet.pass_by(1)
    give(tablet, "infusion started", Dose_in_mg="36")
    tablet.pass_by(20)
    take_set(tablet, ("138", "88", "80", "15", "98"))
    tablet.pass_by(20)
    give(tablet, "infusion stopped")
    tablet.pass_by(50)
    take_set(tablet)
    tablet.pass_by(15)
    take_set(tablet)
    ready_to_leave(tablet)
    session = sign_and_leave(tablet, clinic)
    assert [reading["systolic"] for reading in session["readings"]] == [124, 124, 138, 124, 124]


def test_a_nasal_session_to_a_signed_discharge(tablet: Tablet, clinic: Clinic):
    tablet.sign_in(clinic.nurse)
    check_in(tablet, "Intranasal")
    screen_and_clear(tablet, clinic)
    take_set(tablet)
    tablet.pass_by(10)
    take_set(tablet)
    tablet.tap(tablet.link("Event"))
    # nothing of an infusion is offered
    expect(tablet.link("nasal device given")).to_be_visible()
    expect(tablet.link(re.compile("infusion|rate"))).to_have_count(0)
    tablet.tap(tablet.link("Back").first)
    for minutes in (1, 5):
        tablet.pass_by(minutes)
        give(tablet, "nasal device given", Dose_in_mg="28", Lot="S-1")
    tablet.pass_by(40)
    take_set(tablet, ("146", "92", "84", "16", "97"), "moderate")
    expect(tablet.page.get_by_text("Criteria met")).to_have_count(0)
    tablet.pass_by(60)
    take_set(tablet, ("128", "82", "74", "15", "98"))
    tablet.pass_by(15)
    take_set(tablet)
    # two good sets, and still inside the two hours after the first device
    tablet.all_in_the_record()
    expect(tablet.page.get_by_text("Criteria met")).to_have_count(0)
    tablet.pass_by(15)
    take_set(tablet)
    ready_to_leave(tablet)
    session = sign_and_leave(tablet, clinic)
    assert [reading["systolic"] for reading in session["readings"]] == [124, 124, 146, 128, 124, 124]
    given = [event["detail"] for event in session["events"] if event["kind"] == "nasal-device-given"]
    assert [(each["dose_mg"], each["lot"]) for each in given] == [(28, "S-1"), (28, "S-1")]
    assert session["route"] == "intranasal"
