"""Without a network from start to finish: what is typed is sent later, and a refusal is shown and never dropped."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_story import answer_screening, take_set
from tests.browser.ward import (
    WATCH_DURABILITY,
    Chair,
    at_home,
    check_in,
    durabilities,
    enrol,
    inside,
    lock,
    read_outbox,
    set_pin,
    sign_in,
    unlock,
)


def test_everything_a_nurse_writes_arrives_afterwards(tablet: Tablet, clinic: Clinic):
    tablet.context.add_init_script(WATCH_DURABILITY)
    tablet.open()
    sign_in(tablet, clinic.nurse)
    # the clinic's approved protocols have been seen on this tablet once
    patient = check_in(clinic, "Earlier")
    tablet.tap(tablet.link("Patients and new session"))
    tablet.tap(tablet.button(re.compile("^New session for Earlier")))
    expect(tablet.page.get_by_role("radio", name=re.compile("IV infusion"))).to_be_visible()
    tablet.context.set_offline(True)

    tablet.tap(tablet.link("Back"))
    tablet.tap(tablet.button("Add a patient"))
    for label, text in (
        ("Family name", "Probe"),
        ("Given name", "Maria"),
        ("Birth date", "1984-03-11"),
        ("Record number", "R-2231"),
    ):
        tablet.fill(label, text)
    tablet.tap(tablet.button("Add Probe"))
    tablet.fill("Type the patient's birth year", "1984")
    tablet.fill("Weight in kg", "72.5")
    tablet.tap(tablet.page.get_by_role("radio", name=re.compile("IV infusion")))
    tablet.tap(tablet.button(re.compile("^Check in Probe")))
    answer_screening(tablet)
    tablet.tap(tablet.button(re.compile("^Save screening for Probe")))
    tablet.fill("Who takes the patient home", "A friend")
    tablet.tap(tablet.button("Named, not here yet"))
    tablet.tap(tablet.link("To the session"))
    take_set(tablet)
    expect(tablet.page.locator("tr.set-row")).to_contain_text("on this tablet")
    expect(tablet.page.get_by_text("the service has not seen this session yet")).to_be_visible()
    tablet.tap(tablet.link("Event"))
    tablet.tap(tablet.link("addendum"))
    tablet.fill("What is to be added", "typed without a network")
    tablet.tap(tablet.button(re.compile("^Save addendum for Probe")))
    expect(tablet.page.get_by_text("7 on this tablet")).to_be_visible()
    assert read_outbox(tablet) == 7
    written = durabilities(tablet)
    assert written.count("outbox strict") >= 7
    assert all(each.endswith(" strict") for each in written)

    tablet.context.set_offline(False)
    tablet.all_in_the_record()
    session = next(each for each in clinic.sessions() if each["patient"]["family_name"] == "Probe")
    assert session["id"] != patient.session_id
    assert [each["systolic"] for each in session["readings"]] == [124]
    assert {each["kind"] for each in session["events"]} == {"checked-in", "addendum"}
    assert set(session["screening"]["answers"].values()) == {False}
    assert session["escort"]["name"] == "A friend"


@pytest.mark.parametrize("engine_name", ["sqlite"])  # a tablet on its own
def test_the_app_opens_without_a_network_and_goes_on(tablet: Tablet, clinic: Clinic):
    chair = check_in(clinic, "Probe")
    tablet.open()
    enrol(tablet)
    sign_in(tablet, clinic.nurse)
    set_pin(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.session_id}")
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    at_home(tablet)
    clinic.stop()
    tablet.page.reload()
    unlock(tablet, clinic.nurse)
    expect(tablet.page.get_by_role("heading", name="PROBE, Maria")).to_be_visible()
    expect(tablet.page.get_by_text(re.compile("^Not connected since"))).to_be_visible()
    take_set(tablet)
    expect(tablet.page.get_by_text("1 on this tablet")).to_be_visible()
    clinic.start()
    # nobody has to lock and unlock: the app signs in by itself once the service is heard
    tablet.all_in_the_record()
    (session,) = clinic.sessions()
    (reading,) = session["readings"]
    assert reading["recorded_by"]["name"] == clinic.nurse.name
    # a clock that could not be compared since the start is not trusted
    assert reading["clock_doubtful"]


@pytest.mark.parametrize("engine_name", ["sqlite"])  # what the tablet says of its items
def test_three_states_in_words(tablet: Tablet, clinic: Clinic):
    chair = check_in(clinic, "Probe")
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.session_id}")
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    tablet.context.set_offline(True)
    take_set(tablet)
    tablet.tap(tablet.link("1 on this tablet"))
    line = tablet.page.locator("main li")
    expect(line.get_by_text("on this tablet", exact=True)).to_be_visible()
    held: list[Route] = []
    tablet.page.route(re.compile("/readings/"), lambda route: held.append(route))  # noqa: PLW0108  # it looks inside
    tablet.context.set_offline(False)
    expect(line.get_by_text("sent", exact=True)).to_be_visible()
    # the screen says so before the browser has asked
    tablet.until(lambda: len(held) > 0, wanted=True)
    held[0].continue_()
    tablet.page.unroute(re.compile("/readings/"))
    expect(line.get_by_text("in the record", exact=True)).to_be_visible()


def test_a_refusal_is_shown_with_both_versions_and_stays(new_tablet: Callable[..., Tablet], clinic: Clinic):
    chair = check_in(clinic, "Probe")
    tablet = new_tablet()
    refusal = refused(tablet, clinic, chair)
    tablet.tap(refusal)
    tablet.page.get_by_text("Both versions").click()
    both = tablet.page.locator("main li.danger")
    expect(both).to_contain_text('"systolic": 126')
    expect(both).to_contain_text('"status": 409')
    lock(tablet)
    sign_in(tablet, clinic.other_nurse)
    expect(inside(tablet)).to_be_visible()
    assert read_outbox(tablet) == 1, "a refusal is never dropped"
    expect(refusal).to_be_visible()


def refused(tablet: Tablet, clinic: Clinic, chair: Chair) -> Locator:
    """A set that was typed without a network and comes when the session is closed; the link that says so."""
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.session_id}")
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    take_set(tablet)
    tablet.all_in_the_record()
    tablet.context.set_offline(True)
    take_set(tablet, ("126", "81", "74", "15", "97"))
    # meanwhile the session is closed elsewhere
    at = clinic.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    clinic.ask(
        clinic.other_nurse,
        "PUT",
        f"/v1/sessions/{chair.session_id}/events/{chair.patient_id}",
        {"kind": "cancelled", "at": at},
    )
    tablet.context.set_offline(False)
    refusal = tablet.link("1 refused: look")
    expect(refusal).to_be_visible()
    return refusal


@pytest.mark.parametrize("engine_name", ["sqlite"])  # what the tablet lets go, and when
def test_a_refusal_is_set_aside_with_a_reason_that_is_kept(tablet: Tablet, clinic: Clinic):
    refusal = refused(tablet, clinic, check_in(clinic, "Probe"))
    page = tablet.page
    tablet.tap(refusal)
    tablet.tap(tablet.button("Set aside, not entered…"))
    set_aside = tablet.button(re.compile("^Set aside, as"))
    expect(set_aside).to_be_disabled()
    tablet.tap(tablet.button("in the record already"))
    # nobody has heard it: it stays
    page.route(re.compile("/not-entered$"), lambda route: route.fulfill(status=204))
    tablet.tap(set_aside)
    expect(page.get_by_text("The service cannot be heard")).to_be_visible()
    assert read_outbox(tablet) == 1
    page.unroute(re.compile("/not-entered$"))
    tablet.tap(set_aside)
    expect(page.get_by_text("Everything typed here is in the record.")).to_be_visible()
    assert read_outbox(tablet) == 0
    found = clinic.ask(clinic.lead, "GET", "/v1/audit")["items"]
    (kept,) = [each for each in found if each["action"] == "item.not-entered"]
    assert kept["reason"] == "in the record already"
    assert '"systolic":126' in kept["after"]["typed"]
    assert '"status":409' in kept["after"]["refused"]


@pytest.mark.parametrize("engine_name", ["sqlite"])  # what the tablet makes of a refusal
def test_a_refused_set_is_entered_as_an_addendum(tablet: Tablet, clinic: Clinic):
    refusal = refused(tablet, clinic, check_in(clinic, "Probe"))
    tablet.tap(refusal)
    tablet.tap(tablet.button("Enter as an addendum"))
    tablet.all_in_the_record()
    (session,) = clinic.sessions()
    (addendum,) = [each for each in session["events"] if each["kind"] == "addendum"]
    assert addendum["detail"]["reading"]["systolic"] == 126
    assert clinic.nurse.name in addendum["detail"]["text"]
