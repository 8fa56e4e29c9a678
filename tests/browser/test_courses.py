"""A course is planned, cleared, begun from and ended by the screens alone, by whoever may and by nobody else."""

import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.chairs import Chair, maria
from tests.browser.clinic import Account, Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import SIZES, Looker, opened
from tests.browser.test_past import at_noon
from tests.browser.ward import sign_in

BACKWARDS = "Tuesdays \u202e and Fridays"
"""A note that the service alone refuses: it holds a mark that turns round what follows."""


@pytest.fixture
def engine_name() -> str:
    """Every database answers as `tests/api` says."""
    return "sqlite"


def pictures(tablet: Tablet, name: str) -> None:
    """For whoever wants to look: SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        for theme, size in (("light", SIZES[0]), ("dark", SIZES[0]), ("light", SIZES[2])):
            tablet.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            tablet.page.set_viewport_size(size)  # type: ignore[arg-type]
            tablet.page.screenshot(path=Path(folder, f"{name}-{theme}-{size['width']}.png"), full_page=True)
        tablet.page.set_viewport_size(SIZES[0])  # type: ignore[arg-type]


def courses_of(clinic: Clinic, patient: Chair) -> list[dict[str, Any]]:
    """What the service has."""
    found: list[dict[str, Any]] = clinic.ask(clinic.nurse, "GET", f"/v1/patients/{patient.patient_id}/courses")["items"]
    return found


def planned(clinic: Clinic, patient: Chair, course_id: str = "6f0c2d52-3c0e-4a54-9d7e-0c1f6a2b9e11") -> str:
    """A course of six, put there past the browser; its id."""
    body = {"patient_id": patient.patient_id, "planned_sessions": 6, "interval_days": 3}
    clinic.ask(clinic.nurse, "PUT", f"/v1/courses/{course_id}", body)
    return course_id


def page_of(tablet: Tablet, patient: Chair) -> None:
    opened(tablet, f"past/{patient.patient_id}", "Courses")


def unfold(tablet: Tablet, words: str) -> None:
    tablet.tap(tablet.page.locator("summary", has_text=re.compile(f"^{words}$")))


def fault_of(tablet: Tablet, label: str) -> Locator:
    """What is said beside a field."""
    return tablet.page.locator(".field", has=tablet.page.get_by_label(label, exact=True)).locator(".fault")


def the_course(tablet: Tablet) -> Locator:
    return tablet.page.get_by_role("group", name=re.compile("given"))


def test_a_clinician_plans_a_course_wrongly_and_rightly_and_loses_nothing(
    tablet: Tablet, clinic: Clinic, axe: str
) -> None:
    patient, page = maria(clinic), tablet.page
    tablet.open()
    tablet.sign_in(clinic.clinician)
    opened(tablet, "patients", "RIVERA")
    tablet.tap(tablet.link("Past sessions of Rivera, Maria"))
    expect(page.get_by_text("No course is planned.")).to_be_visible()
    unfold(tablet, "Plan a course")
    sessions = page.get_by_label("How many sessions are planned", exact=True)
    interval = page.get_by_label("Days from one to the next", exact=True)
    note = page.get_by_label("Note", exact=True)
    save = tablet.button("Plan this course for Rivera, as Cleo Clinician")

    # what the tablet sees: nothing is asked of the service, and the first field at fault has the focus
    tablet.tap(save)
    expect(fault_of(tablet, "How many sessions are planned")).to_have_text("Type how many sessions are planned.")
    expect(sessions).to_be_focused()
    sessions.fill("300")
    interval.fill("2,5")
    note.fill(BACKWARDS)
    tablet.tap(save)
    expect(fault_of(tablet, "How many sessions are planned")).to_contain_text("1 to 200 sessions is possible")
    expect(fault_of(tablet, "Days from one to the next")).to_contain_text("is not whole")
    expect(sessions).to_be_focused()
    look = Looker(page, axe)
    look("a course with faults")
    pictures(tablet, "course-faults")
    sessions.fill("6")
    interval.fill("3")

    # what only the service sees stands beside its field too
    tablet.tap(save)
    expect(fault_of(tablet, "Note")).to_contain_text("holds a control character")
    expect(note).to_be_focused()
    assert courses_of(clinic, patient) == []

    # no lock and no reload takes what was typed
    tablet.lock()
    page.reload()
    tablet.sign_in(clinic.clinician)
    expect(sessions).to_have_value("6")
    expect(interval).to_have_value("3")
    expect(note).to_have_value(BACKWARDS)
    note.fill("Tuesdays and Fridays")
    tablet.tap(save)
    expect(the_course(tablet)).to_contain_text("0 of 6 given, every 3 days")
    expect(the_course(tablet)).to_contain_text("“Tuesdays and Fridays”")
    expect(the_course(tablet)).to_contain_text("No clinician has cleared it.")
    expect(page.locator("summary", has_text=re.compile("^Plan a course$"))).to_be_focused()
    expect(save).to_be_hidden()
    (kept,) = courses_of(clinic, patient)
    assert (kept["planned_sessions"], kept["interval_days"], kept["note"]) == (6, 3, "Tuesdays and Fridays")
    assert kept["recorded_by"]["name"] == "Cleo Clinician"

    # it is changed in the same form, which begins with what is kept
    unfold(tablet, "Change the plan")
    expect(the_course(tablet).get_by_label("Days from one to the next", exact=True)).to_have_value("3")
    the_course(tablet).get_by_label("How many sessions are planned", exact=True).fill("8")
    tablet.tap(tablet.button("Change this course of Rivera, as Cleo Clinician"))
    expect(the_course(tablet)).to_contain_text("0 of 8 given, every 3 days")
    (kept,) = courses_of(clinic, patient)
    assert (kept["planned_sessions"], kept["note"], kept["revision"]) == (8, "Tuesdays and Fridays", 2)
    assert look.wrong == []


def test_a_clinician_clears_a_course_a_nurse_begins_from_it_and_the_clearance_ends(
    new_tablet: Callable[..., Tablet], clinic: Clinic, axe: str
) -> None:
    # days are counted: none ends meanwhile
    at_noon(clinic, 1)
    patient = maria(clinic)
    planned(clinic, patient)
    tablet = new_tablet()
    page = tablet.page
    tablet.open()
    sign_in(tablet, clinic.clinician)
    page_of(tablet, patient)
    unfold(tablet, "Clear this course")
    save = tablet.button("Clear this course for Rivera, as Cleo Clinician")
    course = the_course(tablet)
    note = course.get_by_role("textbox", name="Note").first

    # nothing is chosen beforehand, and an empty day is not "without an end"
    note.fill("Bloods of Monday seen")
    tablet.tap(save)
    expect(course.get_by_text("Choose how long it holds.")).to_be_visible()
    tablet.tap(tablet.radio("How long the clearance holds", "up to and with a day"))
    tablet.tap(save)
    expect(fault_of(tablet, "Last day")).to_have_text("Give the last day on which it holds.")
    today = clinic.clock.now().date()
    tablet.fill("Last day", (today - timedelta(days=2)).isoformat())
    tablet.tap(save)
    expect(fault_of(tablet, "Last day")).to_contain_text("That day is over")
    expect(page.get_by_label("Last day", exact=True)).to_be_focused()
    look = Looker(page, axe)
    look("a clearance with a fault")
    pictures(tablet, "clearance-fault")
    expect(note).to_have_value("Bloods of Monday seen")
    last = today + timedelta(days=30)
    tablet.fill("Last day", last.isoformat())
    tablet.tap(save)
    expect(course).to_contain_text(f"Cleared by Cleo Clinician on {today}, until {last}")
    expect(course).to_contain_text("“Bloods of Monday seen”")
    expect(course.get_by_text("Kept.", exact=True)).to_be_visible()
    look("a course that is cleared")
    pictures(tablet, "course-cleared")
    (kept,) = courses_of(clinic, patient)
    # the clinic of these tests is on UTC: to the last second of that day
    assert kept["clearance"]["until"] == f"{last}T23:59:59Z"

    # a nurse begins from it: the session belongs to the course, and needs no clearance of its own
    nurses = new_tablet()
    nurses.open()
    sign_in(nurses, clinic.nurse)
    page_of(nurses, patient)
    nurses.tap(nurses.button("New session in this course for Rivera"))
    expect(nurses.page.get_by_text("In the course of 6 planned sessions.")).to_be_visible()
    nurses.fill("Type the patient's birth year", "1984")
    nurses.tap(nurses.radio("How the dose is given", "IV infusion: iv-infusion-example, version 1 (EXAMPLE)"))
    nurses.tap(nurses.button("Check in Rivera, as Ada Nurse"))
    clearance = nurses.page.get_by_role("region", name="Clearance")
    expect(clearance).to_contain_text("cleared by Cleo Clinician")
    (session,) = clinic.sessions()
    assert session["course_id"] == kept["id"]

    # no more, from now on: the gate of that session says so at once
    unfold(tablet, "Change or end the clearance")
    tablet.tap(tablet.radio("How long the clearance holds", "no more, from now on"))
    expect(course).to_contain_text("a dose that has begun is not stopped by this")
    expect(course.get_by_text("Kept.", exact=True)).to_have_count(0)
    pictures(tablet, "clearance-ending")
    note.fill("Pregnancy test outstanding")
    tablet.tap(tablet.button("End the clearance for Rivera, as Cleo Clinician"))
    expect(course).to_contain_text(f"The clearance ended on {today}.")
    expect(course).to_contain_text("“Pregnancy test outstanding”")
    (kept,) = courses_of(clinic, patient)
    assert datetime.fromisoformat(kept["clearance"]["until"]) < clinic.clock.now()
    record = clinic.ask(clinic.nurse, "GET", f"/v1/sessions/{session['id']}")
    assert "clearance-ended" in [one["code"] for one in record["to_start"]]

    # and again, this time without an end
    unfold(tablet, "Clear it again")
    expect(tablet.radio("How long the clearance holds", "no more, from now on")).to_have_count(0)
    tablet.tap(tablet.radio("How long the clearance holds", "without an end"))
    tablet.tap(save)
    expect(course).to_contain_text(f"Cleared by Cleo Clinician on {today}")
    (kept,) = courses_of(clinic, patient)
    assert (kept["clearance"]["until"], kept["clearance"]["note"], kept["clearance"]["revision"]) == (None, None, 3)
    assert look.wrong == []


@pytest.mark.parametrize("role", ["nurse", "lead"])
def test_whoever_may_not_has_no_control_and_the_service_refuses(tablet: Tablet, clinic: Clinic, role: str) -> None:
    patient = maria(clinic)
    course_id = planned(clinic, patient)
    who: Account = getattr(clinic, role)
    tablet.open()
    tablet.sign_in(who)
    page_of(tablet, patient)
    expect(the_course(tablet)).to_contain_text("No clinician has cleared it.")
    expect(tablet.page.locator("summary", has_text="Clear")).to_have_count(0)
    expect(tablet.page.locator("summary", has_text="Plan a course")).to_have_count(1 if role == "nurse" else 0)
    expect(tablet.page.locator("summary", has_text="Change the plan")).to_have_count(1 if role == "nurse" else 0)

    def asked(path: str, body: object) -> int:
        headers = {"Authorization": f"Bearer {who.token}", "If-Match": '"1"'}
        return clinic.client.put(f"{clinic.url}/v1/courses/{path}", json=body, headers=headers).status_code

    assert asked(f"{course_id}/clearance", {}) == 403
    plan = {"patient_id": patient.patient_id, "planned_sessions": 7}
    assert asked(course_id, plan) == (200 if role == "nurse" else 403)


def test_somebody_else_was_first(tablet: Tablet, clinic: Clinic) -> None:
    patient = maria(clinic)
    course_id = planned(clinic, patient)
    tablet.open()
    tablet.sign_in(clinic.nurse)
    page_of(tablet, patient)
    unfold(tablet, "Change the plan")
    course = the_course(tablet)
    course.get_by_label("Note", exact=True).fill("Mornings")
    body = {"patient_id": patient.patient_id, "planned_sessions": 9, "interval_days": 3}
    clinic.ask(clinic.clinician, "PUT", f"/v1/courses/{course_id}", body, revision=1)
    save = tablet.button("Change this course of Rivera, as Ada Nurse")
    tablet.tap(save)
    expect(course).to_contain_text("Somebody has changed this since it was looked at here.")
    expect(course).to_contain_text("0 of 9 given")
    expect(course.get_by_label("How many sessions are planned", exact=True)).to_have_value("9")
    expect(course.get_by_label("Note", exact=True)).to_have_value("Mornings")
    tablet.tap(save)
    expect(course).to_contain_text("“Mornings”")
    (kept,) = courses_of(clinic, patient)
    assert (kept["planned_sessions"], kept["note"], kept["revision"]) == (9, "Mornings", 3)


def test_an_answer_that_was_lost_makes_no_second_course(tablet: Tablet, clinic: Clinic) -> None:
    patient, page = maria(clinic), tablet.page
    tablet.open()
    tablet.sign_in(clinic.nurse)
    page_of(tablet, patient)
    unfold(tablet, "Plan a course")
    page.get_by_label("How many sessions are planned", exact=True).fill("6")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/v1/courses/*", lose)
    save = tablet.button("Plan this course for Rivera, as Ada Nurse")
    tablet.tap(save)
    expect(page.get_by_text("The service cannot be heard. Try again when connected.")).to_be_visible()
    page.unroute("**/v1/courses/*")
    # it is heard again, and asked anew: what was kept stands there
    tablet.state("dispatchEvent(new Event('focus'))")
    expect(the_course(tablet)).to_contain_text("0 of 6 given")
    expect(page.get_by_label("How many sessions are planned", exact=True).last).to_have_value("6")
    tablet.tap(save)
    expect(save).to_be_hidden()
    (kept,) = courses_of(clinic, patient)
    assert (kept["planned_sessions"], kept["revision"]) == (6, 1)
