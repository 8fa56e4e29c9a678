"""Locked and unlocked, or started anew, without a network: the chairs are still there to be charted, and only then."""

import re

from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_story import take_set
from tests.browser.ward import (
    MOVE_CLOCK,
    Chair,
    all_that_lies,
    at_home,
    check_in,
    enrol,
    lock,
    set_pin,
    sign_in,
    unlock,
)

CRITERIA = "Discharge criteria"
SILENT = re.compile("^Unknown: not connected since")


def into(tablet: Tablet, patient: str) -> None:
    """From the board to one chair."""
    tablet.tap(tablet.link(re.compile(patient)))
    expect(tablet.page.get_by_role("heading", name=CRITERIA)).to_be_visible()


def two_chairs(tablet: Tablet, clinic: Clinic) -> tuple[Chair, Chair]:
    """Two sessions on the board, one of them looked at, with a set in the record; then the service is gone."""
    seen, unseen = check_in(clinic, "Probe", "3"), check_in(clinic, "Probst", "Chair 4")
    tablet.open()
    enrol(tablet)
    sign_in(tablet, clinic.nurse)
    set_pin(tablet, clinic.nurse)
    into(tablet, "PROBE, Maria")
    take_set(tablet)
    tablet.all_in_the_record()
    tablet.tap(tablet.link("Back").first)
    # the board has it: 124/80 is the chair's last set
    expect(tablet.page.get_by_role("main").get_by_text("124/80")).to_be_visible()
    at_home(tablet)
    clinic.stop()
    return seen, unseen


def nothing_to_read(tablet: Tablet, *chairs: Chair) -> None:
    """Neither on the lock screen nor where the browser keeps what it keeps."""
    lies = all_that_lies(tablet)
    for secret in (*(each.family_name for each in chairs), "PROBE", "Maria", "1984-03-11", "systolic", "124/80"):
        assert secret not in lies, f"{secret} can be read on a locked tablet"
    assert "North Clinic" in lies, "the search can find: the clinic's name is there"


def save_first_set(tablet: Tablet, family_name: str) -> None:
    """Of a session of which only the board's line is known: its scale and what is breathed are asked, not assumed."""
    tablet.tap(tablet.link(re.compile("^New set")))
    tablet.type_digits("1187870" + "15" + "99")
    expect(tablet.page.get_by_role("radio", name="5 awake")).to_have_count(0)
    tablet.tap(tablet.radio("Awake: which scale?", "MOAA/S"))
    for group, choice in (("Awake", "5 awake"), ("Dissociation", "none"), ("Gait", "steady"), ("Orientated", "yes")):
        tablet.tap(tablet.radio(group, choice))
    tablet.tap(tablet.page.locator("[data-field=symptoms]").get_by_role("button", name="none"))
    save = tablet.button(re.compile(f"^Save set for {family_name}, as"))
    tablet.tap(save)
    expect(tablet.page.locator(".open-fields")).not_to_be_empty()
    tablet.tap(tablet.page.get_by_role("radio", name="on room air"))
    tablet.tap(save)
    expect(tablet.page.get_by_role("heading", name=CRITERIA)).to_be_visible()


def test_locked_unlocked_and_started_anew_it_goes_on(tablet: Tablet, clinic: Clinic):
    seen, unseen = two_chairs(tablet, clinic)
    lock(tablet)
    nothing_to_read(tablet, seen, unseen)
    unlock(tablet, clinic.nurse)
    expect(tablet.page.get_by_text(re.compile("^The board as this tablet heard it"))).to_be_visible()
    expect(tablet.page.get_by_text(SILENT)).to_have_count(2)
    into(tablet, "PROBE, Maria")
    expect(tablet.page.locator("tr.set-row")).to_contain_text("124/80")
    expect(tablet.page.get_by_text(SILENT)).to_be_visible()
    take_set(tablet, ("126", "81", "74", "15", "97"))
    tablet.tap(tablet.link("Back").first)
    into(tablet, "PROBST, Maria")
    expect(tablet.page.get_by_text("This session was not opened on this tablet before")).to_be_visible()
    expect(tablet.page.get_by_role("banner").get_by_text("Chair 4", exact=False)).not_to_contain_text("chair Chair")
    save_first_set(tablet, "Probst")

    tablet.page.reload()
    expect(tablet.page.get_by_label("Ada Nurse, PIN")).to_be_visible()
    nothing_to_read(tablet, seen, unseen)
    unlock(tablet, clinic.nurse)
    # the address is still the second patient's
    expect(tablet.page.get_by_role("heading", name="PROBST, Maria")).to_be_visible()
    expect(tablet.page.locator("tr.set-row")).to_contain_text("118/78")
    tablet.tap(tablet.link("Back").first)
    into(tablet, "PROBE, Maria")
    expect(tablet.page.locator("tr.set-row")).to_have_count(2)
    expect(tablet.page.get_by_text(SILENT)).to_be_visible()
    take_set(tablet, ("128", "82", "76", "16", "96"))
    expect(tablet.page.get_by_text("3 on this tablet")).to_be_visible()

    clinic.start()
    tablet.all_in_the_record()
    kept = {
        session["patient"]["family_name"]: [reading["systolic"] for reading in session["readings"]]
        for session in clinic.sessions()
    }
    assert kept == {"Probe": [124, 126, 128], "Probst": [118]}
    expect(tablet.page.get_by_text(SILENT)).to_have_count(0)


def names(tablet: Tablet, database: str) -> set[str]:
    """Under which names something lies sealed."""
    found: list[str] = tablet.state(
        """(name) => new Promise((tell) => {
             const asked = indexedDB.open(name);
             asked.onsuccess = () => {
               const all = asked.result.transaction(name).objectStore(name).getAllKeys();
               all.onsuccess = () => { asked.result.close(); tell(all.result); };
             };
           })""",
        database,
    )
    return set(found)


def soon(tablet: Tablet, database: str, wanted: set[str]) -> None:
    """Waits until just these lie there."""
    tablet.until(lambda: names(tablet, database), wanted)


def test_what_was_closed_elsewhere_or_lies_for_a_day_is_taken_away(tablet: Tablet, clinic: Clinic):
    tablet.context.add_init_script(MOVE_CLOCK)
    seen, _ = two_chairs(tablet, clinic)
    clinic.start()
    other = check_in(clinic, "Probus", "5")
    tablet.open(f"/#/entry/{other.session_id}")
    tablet.type_digits("137")
    soon(tablet, "sessions", {"board", seen.session_id, other.session_id})
    soon(tablet, "drafts", {f"{other.session_id}/new"})
    at = clinic.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    path = f"/v1/sessions/{seen.session_id}/events/{seen.patient_id}"
    clinic.ask(clinic.nurse, "PUT", path, {"kind": "cancelled", "at": at})
    soon(tablet, "sessions", {"board", other.session_id})
    clinic.stop()
    for hours, left in ((23, True), (2, False)):
        tablet.state(f"window.__moveClock({hours * 3600_000})")
        tablet.page.reload()
        expect(tablet.page.get_by_role("heading", name="Infusion Vitals")).to_be_visible()
        if left:
            tablet.page.wait_for_timeout(1500)  # nothing to wait for: nothing goes
        soon(tablet, "sessions", {"board", other.session_id} if left else set())
        soon(tablet, "drafts", {f"{other.session_id}/new"} if left else set())
