"""A shared tablet: who typed is who is named, whoever sends; nothing that lies here is read without a sign-in."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_story import take_set
from tests.browser.ward import (
    MOVE_CLOCK,
    PINS,
    Chair,
    all_that_lies,
    check_in,
    enrol,
    inside,
    lock,
    read_outbox,
    set_pin,
    sign_in,
    unlock,
)


def shared(tablet: Tablet, clinic: Clinic) -> Chair:
    """An enrolled tablet with a PIN of both nurses, Ada's session on its screen."""
    chair = check_in(clinic, "Probe")
    tablet.open()
    enrol(tablet)
    for nurse in (clinic.other_nurse, clinic.nurse):
        sign_in(tablet, nurse)
        set_pin(tablet, nurse)
        if nurse is clinic.other_nurse:
            lock(tablet)
    tablet.open(f"/#/session/{chair.session_id}")
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    return chair


def test_one_types_another_sends(tablet: Tablet, clinic: Clinic):
    chair = shared(tablet, clinic)
    tablet.context.set_offline(True)
    take_set(tablet)
    lock(tablet)
    unlock(tablet, clinic.other_nurse)
    expect(inside(tablet)).to_be_visible()
    expect(tablet.page.get_by_text("1 on this tablet")).to_be_visible()
    tablet.context.set_offline(False)
    tablet.all_in_the_record()
    (session,) = clinic.sessions()
    (reading,) = session["readings"]
    assert reading["recorded_by"]["name"] == "Ada Nurse"
    trail = clinic.ask(clinic.lead, "GET", f"/v1/audit?session_id={chair.session_id}")["items"]
    assert [event["after"]["name"] for event in trail if event["action"] == "sent-for"] == ["Bea Nurse"]


@pytest.mark.parametrize("engine_name", ["sqlite"])  # a PIN is tried on the tablet
def test_five_wrong_pins_take_the_password(tablet: Tablet, clinic: Clinic):
    shared(tablet, clinic)
    lock(tablet)
    pin = tablet.page.get_by_label("Ada Nurse, PIN")
    for _ in range(4):
        unlock(tablet, clinic.nurse, "1357")
        expect(tablet.page.get_by_text("Wrong PIN")).to_be_visible()
        expect(pin).to_have_value("")
    unlock(tablet, clinic.nurse, "1357")
    expect(pin).to_have_count(0)
    assert PINS["ada"] not in all_that_lies(tablet)
    tablet.page.reload()
    expect(tablet.page.get_by_label("Bea Nurse, PIN")).to_be_visible()
    expect(pin).to_have_count(0)
    sign_in(tablet, clinic.nurse)


@pytest.mark.parametrize("engine_name", ["sqlite"])  # what lies on the tablet
def test_nothing_readable_stays_behind(tablet: Tablet, clinic: Clinic):
    chair = shared(tablet, clinic)
    tablet.context.set_offline(True)
    take_set(tablet)
    tablet.tap(tablet.link(re.compile("^New set")))
    tablet.type_digits("1378574")  # a draft, half typed
    expect(tablet.page.locator("#heart_rate")).to_have_value("74")
    lock(tablet)
    expect(tablet.page.get_by_text(re.compile("1 on this tablet"))).to_be_visible()
    assert read_outbox(tablet) == 1
    lies = all_that_lies(tablet)
    for secret in (
        "Probe",
        "PROBE",
        "Maria",
        "1984-03-11",
        f"R-{chair.patient_id[:8]}",
        "systolic",
        "heart_rate",
        "137",
        PINS["ada"],
        "EXTRACTABLE",
    ):
        # a number alone may stand in an id or in chance bytes: it is looked for as a value
        pattern = rf'[":=]\s*{secret}\b' if secret.isdigit() else re.escape(secret)
        assert re.search(pattern, lies) is None, f"{secret} can be read on a locked tablet"
    # the search can find: what the app keeps openly is there
    assert "Ada Nurse" in lies
    unlock(tablet, clinic.nurse)
    expect(tablet.page.locator("#heart_rate")).to_have_value("74")


@pytest.mark.parametrize("engine_name", ["sqlite"])  # the tablet locks itself
def test_an_idle_tablet_locks(tablet: Tablet, clinic: Clinic):
    tablet.context.add_init_script(MOVE_CLOCK)
    shared(tablet, clinic)
    tablet.state("window.__moveClock(3 * 60_000)")
    tablet.page.wait_for_timeout(1500)  # its clock ticks once a second
    expect(inside(tablet)).to_be_visible()
    tablet.state("window.__moveClock(90_000)")
    expect(inside(tablet)).to_have_count(0)
    expect(tablet.page.get_by_text("Probe")).to_have_count(0)
    expect(tablet.page.get_by_label("Ada Nurse, PIN")).to_be_visible()


@pytest.mark.parametrize("slept", ["a tick sees it", "a touch comes before the tick"])
@pytest.mark.parametrize("engine_name", ["sqlite"])  # the tablet locks itself
def test_neither_a_clock_set_back_nor_a_touch_hides_a_sleep(tablet: Tablet, clinic: Clinic, slept: str):
    tablet.context.add_init_script(MOVE_CLOCK)
    shared(tablet, clinic)
    tablet.state("window.__moveClock(-26 * 3600_000)")
    tablet.page.wait_for_timeout(1500)  # its clock ticks once a second
    expect(inside(tablet)).to_be_visible()
    touch = "dispatchEvent(new Event('pointerdown'))" if "touch" in slept else ""
    tablet.state(f"() => {{ window.__moveClock(5 * 60_000); {touch} }}")
    expect(inside(tablet)).to_have_count(0)


@pytest.mark.parametrize("engine_name", ["sqlite"])  # the tablet alone decides
def test_locked_just_as_the_service_is_back_it_stays_locked(tablet: Tablet, clinic: Clinic):
    shared(tablet, clinic)
    clinic.stop()
    lock(tablet)
    unlock(tablet, clinic.nurse)
    expect(tablet.page.get_by_text(re.compile("^Not connected since"))).to_be_visible()
    clinic.start()
    lock(tablet)
    tablet.page.wait_for_timeout(3000)  # nothing to wait for: nobody comes in
    expect(inside(tablet)).to_have_count(0)
    expect(tablet.page.get_by_label("Ada Nurse, PIN")).to_be_visible()
