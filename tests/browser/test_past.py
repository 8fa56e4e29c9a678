"""What lies behind: a patient's page, a session that is over, the day's list, and the last dose before the next one."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import CDPSession, Request, expect

from tests.browser.chairs import Chair, maria, marta
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import Looker, by_keyboard, opened, signed_in_by_keyboard

SESSIONS = 40
SLOWER = 6
BY_ITSELF = re.compile(r"/v1/(stream|tablets|alerts|clinic|clock|board|account)")
"""What the app asks whatever is on its screen."""


@pytest.fixture
def engine_name() -> str:
    """What a screen shows does not hang on the database behind it."""
    return "sqlite"


@pytest.fixture
def look(tablet: Tablet, axe: str) -> Iterator[Looker]:
    looker = Looker(tablet.page, axe)
    yield looker
    assert looker.wrong == []


def again(chair: Chair) -> Chair:
    """The same patient, another session."""
    return Chair(
        chair.clinic, chair.family_name, chair.given_name, chair.birth_date, chair.record_number, chair.patient_id
    )


def treated(chair: Chair, place: str = "3") -> Chair:
    """One whole session with a rough middle, confirmed and left."""
    chair.checked_in(place)
    pause = chair.clinic.clock.forward
    chair.set()
    pause(10)
    chair.set()
    pause(1)
    chair.start()
    pause(20)
    chair.set(
        systolic=168,
        diastolic=98,
        dissociation={"grade": "severe"},
        symptoms=[{"code": "vomiting", "severity": "severe"}, {"code": "nausea", "severity": "mild"}],
    )
    pause(3)
    chair.event("medication-given", code="ondansetron", dose=4, unit="mg")
    pause(17)
    chair.event("infusion-stopped")
    chair.event("symptom-resolved", code="vomiting")
    chair.event("symptom-resolved", code="nausea")
    pause(230)
    chair.set()
    pause(15)
    chair.set()
    chair.escort()
    pause(1)
    return chair


def acknowledged(chair: Chair) -> None:
    """A clinician has seen every concern, so that a flag can rise."""
    clinic = chair.clinic
    for reading in chair.read()["readings"]:
        for concern in reading["concerns"]:
            body = {
                "kind": "concern-acknowledged",
                "at": clinic.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
                "detail": {"concern_id": concern["id"]},
            }
            clinic.ask(clinic.clinician, "PUT", f"/v1/sessions/{chair.id}/events/{uuid4()}", body)


def at_noon(clinic: Clinic, days: int) -> None:
    """The clinic's clock goes on to noon, so many days later: no session lies over midnight."""
    now = clinic.clock.now()
    noon = (now + timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0)
    clinic.clock.forward((noon - now) / timedelta(minutes=1))


def course(clinic: Clinic, patient_id: str) -> None:
    path = f"/v1/courses/{uuid4()}"
    body = {"patient_id": patient_id, "planned_sessions": 6, "interval_days": 3, "note": "Tuesdays and Fridays"}
    clinic.ask(clinic.nurse, "PUT", path, body)
    clinic.ask(clinic.clinician, "PUT", f"{path}/clearance", {})


@pytest.fixture
def past(clinic: Clinic) -> tuple[Chair, Chair]:
    """A patient whose session of three days ago is over, and who is in a chair again today: (then, now)."""
    at_noon(clinic, 1)
    then = treated(maria(clinic))
    acknowledged(then)
    then.discharged()
    marta(clinic)
    course(clinic, then.patient_id)
    at_noon(clinic, 3)
    return then, again(then).checked_in("5")


def test_a_past_is_found_from_the_chair_and_a_session_of_then_is_opened(
    tablet: Tablet, clinic: Clinic, past: tuple[Chair, Chair], look: Looker
):
    then, now = past
    page = tablet.page
    tablet.open()
    tablet.sign_in(clinic.clinician)
    opened(tablet, f"session/{now.id}", "Before the dose")
    tablet.tap(page.get_by_role("heading", name="RIVERA, Maria").get_by_role("link"))
    expect(page.get_by_role("heading", name="Courses")).to_be_visible()
    expect(page.get_by_text("Looks like Rivera-Lopez, Marta")).to_be_visible()
    expect(page.get_by_text("every 3 days")).to_be_visible()
    expect(page.get_by_text("Cleared by Cleo Clinician")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="discharged")
    for said in ("36 mg, 0.497 mg/kg", "168/98", "severe", "Cleo Clinician", "vomiting (severe)", "ondansetron"):
        expect(row).to_contain_text(said)
    look("a patient's page")
    tablet.tap(row.get_by_role("link").first)
    expect(page.get_by_role("heading", name=re.compile("^This session is over: discharged on"))).to_be_visible()
    expect(page.locator("svg.trend-picture")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^New set"))).to_have_count(0)
    look("a session that is over")
    with page.expect_download() as saved:
        tablet.tap(tablet.button("Save the PDF"))
    assert saved.value.path().read_bytes().startswith(b"%PDF")
    assert saved.value.suggested_filename == f"session-{then.id}.pdf"
    with page.expect_download() as packed:
        tablet.tap(tablet.button("Save the pack"))
    assert packed.value.path().read_bytes().startswith(b"PK")


def test_a_nurse_prints_and_takes_nothing_out(tablet: Tablet, clinic: Clinic, past: tuple[Chair, Chair]):
    then, _ = past
    tablet.open()
    tablet.sign_in(clinic.nurse)
    opened(tablet, f"session/{then.id}", "This session is over")
    expect(tablet.button("Print this sheet")).to_be_visible()
    expect(tablet.button("Save the pack")).to_have_count(0)


def test_before_the_dose_the_last_one_is_shown_and_nothing_of_it_is_filled_in(
    tablet: Tablet, clinic: Clinic, past: tuple[Chair, Chair], look: Looker
):
    _, now = past
    page = tablet.page
    tablet.open()
    tablet.sign_in(clinic.nurse)
    opened(tablet, f"start/{now.id}", "Screening")
    last = page.locator(".last-time")
    expect(last).to_contain_text("3 days ago")
    for said in ("36 mg", "168/98", "severe", "vomiting (severe)", "ondansetron", "not of today"):
        expect(last).to_contain_text(said)
    look("before the dose")
    opened(tablet, f"session/{now.id}", "Last time")
    opened(tablet, f"event/{now.id}/infusion-started", "Dose in mg")
    assert page.get_by_label("Dose in mg").input_value() == ""
    opened(tablet, f"entry/{now.id}", "Measured at")
    assert page.locator(".entry-field .value, [data-field] .value").all_inner_texts() == []
    assert [each.is_checked() for each in page.get_by_role("radio").all() if each.is_checked()] == []
    record = now.read()
    assert (record["readings"], [one["kind"] for one in record["events"]]) == ([], ["checked-in"])


def test_the_day_as_it_goes_and_sessions_further_back(
    tablet: Tablet, clinic: Clinic, past: tuple[Chair, Chair], look: Looker
):
    then, now = past
    page = tablet.page
    coming = Chair(clinic, "Okafor", "Ngozi", "1991-01-30", "R-3310").known()
    later = (clinic.clock.now() + timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {
        "patient_id": coming.patient_id,
        "route": "iv-infusion",
        "protocol": {"id": "iv-infusion-example", "version": 1},
        "planned_at": later,
    }
    clinic.ask(clinic.nurse, "PUT", f"/v1/sessions/{coming.id}", body)
    tablet.open()
    tablet.sign_in(clinic.nurse)
    tablet.tap(tablet.link("Sessions of a day"))
    for group, name in (("Planned", "OKAFOR"), ("Arrived", "RIVERA")):
        expect(page.get_by_role("table", name=group)).to_contain_text(name)
    expect(page.get_by_role("table", name="Gone")).to_have_count(0)
    look("the day's list")
    for _ in range(3):
        tablet.tap(tablet.button("The day before"))
    expect(page.get_by_role("table", name="Gone")).to_contain_text("discharged")
    tablet.tap(tablet.button("Look for more than a day"))
    tablet.fill("Up to and with", clinic.clock.now().date().isoformat())
    expect(page.get_by_role("table", name="Sessions found").get_by_role("row")).to_have_count(4)
    page.get_by_label("Signed by").select_option(label="Cleo Clinician")
    expect(page.get_by_role("table", name="Sessions found").get_by_role("row")).to_have_count(2)
    look("sessions found")
    tablet.fill("Chair", "no such chair")
    expect(page.get_by_text("No session is found by this.")).to_be_visible()
    assert {then.patient_id, now.patient_id} == {then.patient_id}


def test_without_the_service_it_says_what_it_cannot_show(tablet: Tablet, clinic: Clinic, past: tuple[Chair, Chair]):
    then, now = past
    page = tablet.page
    tablet.open()
    tablet.sign_in(clinic.clinician)
    opened(tablet, f"session/{then.id}", "This session is over")
    opened(tablet, f"past/{then.patient_id}", "Courses")
    tablet.context.set_offline(True)
    expect(page.get_by_text(re.compile("^Not connected: this is as of"))).to_be_visible(timeout=40_000)
    page.evaluate(f"location.hash = '#/session/{then.id}'")
    expect(page.get_by_text("no PDF or pack can be made now")).to_be_visible()
    expect(tablet.button("Save the PDF")).to_be_disabled()
    page.evaluate("location.hash = '#/days'")
    expect(page.get_by_text("This cannot be shown: the service cannot be heard.")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)
    page.evaluate(f"location.hash = '#/past/{now.patient_id}'")
    expect(page.get_by_text("This cannot be shown: the service cannot be heard.")).to_be_visible()


def test_another_days_list_is_never_shown_as_this_ones(tablet: Tablet, clinic: Clinic, past: tuple[Chair, Chair]):
    page = tablet.page
    tablet.open()
    tablet.sign_in(clinic.nurse)
    opened(tablet, "days", "Arrived")
    tablet.context.set_offline(True)
    tablet.tap(tablet.button("The day before"))
    expect(page.get_by_text("Arrived")).to_have_count(0)
    expect(page.get_by_text("This cannot be shown")).to_be_visible(timeout=40_000)
    tablet.tap(tablet.button("The day after"))
    expect(page.get_by_text("Arrived")).to_be_visible()
    expect(page.get_by_text(re.compile("^Not connected: this is as of"))).to_be_visible()


def test_by_keyboard_alone(tablet: Tablet, clinic: Clinic, past: tuple[Chair, Chair]):
    then, _ = past
    page = tablet.page
    tablet.open()
    signed_in_by_keyboard(page, clinic.nurse)
    by_keyboard(page, "^Sessions of a day")
    expect(page.get_by_role("table", name="Arrived")).to_be_visible()
    by_keyboard(page, "^The day before$")
    expect(page.get_by_text("No session of that day is on record.")).to_be_visible()
    for days in (2, 3):
        by_keyboard(page, "^The day before$")
        day = (clinic.clock.now() - timedelta(days=days)).date().isoformat()
        expect(page.get_by_label("Day", exact=True)).to_have_value(day)
    expect(page.get_by_role("table", name="Gone")).to_be_visible()
    by_keyboard(page, r"^\d{4}-\d\d-\d\d \d\d:\d\d$")
    expect(page.get_by_text("This session is over")).to_be_visible()
    assert then.id in page.url


def short(chair: Chair) -> None:
    """A session with a dose that ends early: a few entries, so that forty of them are soon made."""
    chair.checked_in("2")
    chair.start()
    chair.clinic.clock.forward(20)
    chair.set(
        systolic=150,
        diastolic=92,
        dissociation={"grade": "moderate"},
        symptoms=[{"code": "nausea", "severity": "mild"}],
    )
    chair.event("infusion-stopped")
    chair.clinic.clock.forward(30)
    chair.event("left-against-advice")
    chair.clinic.clock.forward(2 * 1440)


def test_a_page_with_forty_sessions_is_one_request_and_little_work(tablet: Tablet, clinic: Clinic):
    """The work is reported: the machine decides, not the test."""
    patient = maria(clinic)
    for _ in range(SESSIONS):
        short(again(patient))
    tablet.open()
    tablet.sign_in(clinic.nurse)
    # the code of the screen is there: what is measured is opening the page
    opened(tablet, "days", "Sessions of a day")
    opened(tablet, "patients", "RIVERA")
    expect(tablet.link(re.compile("^Past sessions of Rivera"))).to_be_visible()
    tablet.page.wait_for_timeout(1000)
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/v1/" in request.url and not BY_ITSELF.search(request.url):
            asked.append(request.url)

    tablet.page.on("request", note)
    seen = tablet.context.new_cdp_session(tablet.page)
    seen.send("Performance.enable", {"timeDomain": "threadTicks"})
    seen.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    before = worked(seen)
    tablet.state(f"location.hash = '#/past/{patient.patient_id}'")
    tablet.page.locator(".lines .line").nth(11).wait_for()
    read = worked(seen) - before
    expect(tablet.page.locator(".lines .line")).to_have_count(SESSIONS + 1)
    spent = worked(seen) - before
    print(
        f"\na page with {SESSIONS} sessions, a processor {SLOWER} times slower: {read:.0f} ms of work until it can be"
        f" read, {spent:.0f} ms in all"
    )
    assert [url.rpartition("/")[2] for url in asked] == ["past"]
    expect(tablet.page.locator("svg").get_by_text("Dose, mg")).to_be_visible()


def worked(seen: CDPSession) -> float:
    """Milliseconds that the page's thread has worked so far, but for what this test asked of it."""
    spent = {one["name"]: one["value"] for one in seen.send("Performance.getMetrics")["metrics"]}
    return 1000.0 * float(spent["TaskDuration"] - spent["DevToolsCommandDuration"])
