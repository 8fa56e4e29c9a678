"""What was typed can be put right on the screen where it stands: events, chair, weight, patient; and undone at once."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.chairs import Chair, maria, screened
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.ward import sign_in

pytestmark = pytest.mark.parametrize(
    "engine_name", ["sqlite"]
)  # what the tablet sends; the record has tests of its own


@pytest.fixture
def chair(clinic: Clinic) -> Chair:
    return maria(clinic).checked_in("3")


def at(tablet: Tablet, address: str, words: str = "Discharge criteria") -> None:
    tablet.open(f"/#/{address}")
    expect(tablet.page.get_by_text(words).first).to_be_visible()


def opened(tablet: Tablet, chair: Chair, kind: str) -> None:
    """The details of the newest event of this kind."""
    at(tablet, f"session/{chair.id}")
    row = tablet.page.locator("tr.event-row", has_text=kind).first
    tablet.tap(row.get_by_role("button"))
    expect(
        tablet.page.get_by_role("group", name=re.compile(f"^{kind.partition(':')[0]} of .*: where it comes from"))
    ).to_be_visible()


def events(chair: Chair, kind: str) -> list[tuple[Any, Any]]:
    """Detail and void reason of each, oldest first."""
    found = [each for each in chair.read()["events"] if each["kind"] == kind]
    return [(each["detail"], each["void"] and each["void"]["reason"]) for each in found]


def test_an_event_is_corrected_and_one_is_marked(tablet: Tablet, clinic: Clinic, chair: Chair):
    page = tablet.page
    tablet.open()
    sign_in(tablet, clinic.nurse)
    at(tablet, f"event/{chair.id}/infusion-started", "Dose in mg")
    # a decimal comma is a decimal; what is no number is said at its field
    tablet.fill("Dose in mg", "6e1")
    tablet.tap(tablet.button(re.compile("^Save infusion started")))
    expect(page.get_by_role("alert")).to_contain_text('"6e1" is not a number')
    expect(page.get_by_label("Dose in mg")).to_be_focused()
    tablet.fill("Dose in mg", "62,5")
    tablet.tap(tablet.button(re.compile("^Save infusion started")))
    tablet.all_in_the_record()

    opened(tablet, chair, "infusion started")
    tablet.tap(tablet.link("Correct it"))
    expect(page.get_by_label("Dose in mg")).to_have_value("62.5")
    tablet.fill("Dose in mg", "36")
    tablet.tap(tablet.button(re.compile("^Save corrected infusion started")))
    # a reason is asked for, and its field stands above the footer with the focus
    reason = page.get_by_label("Why is it corrected?")
    expect(reason).to_be_focused()
    reason.fill("wrong patient's dose")
    tablet.tap(tablet.button(re.compile("^Save corrected infusion started")))
    tablet.all_in_the_record()
    kept = events(chair, "infusion-started")
    assert [(detail["dose_mg"], why) for detail, why in kept] == [
        (62.5, "corrected: wrong patient's dose"),
        (36, None),
    ] or [(detail["dose_mg"], why) for detail, why in reversed(kept)] == [
        (62.5, "corrected: wrong patient's dose"),
        (36, None),
    ]

    opened(tablet, chair, "infusion started: 36 mg")
    tablet.tap(tablet.button("Entered in error…"))
    tablet.tap(tablet.button(re.compile("^Mark as entered in error")))
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    tablet.tap(tablet.button("not done"))
    tablet.tap(tablet.button(re.compile("^Mark as entered in error")))
    tablet.all_in_the_record()
    assert {why for _, why in events(chair, "infusion-started")} == {"corrected: wrong patient's dose", "not done"}
    assert chair.read()["state"] == "checked-in"


def _screened(chair: Chair, revision: int, present: str = "") -> None:
    """The screening is answered anew upon a revision; `present`: an exclusion that is there now."""
    answer = chair.clinic.client.put(
        f"{chair.clinic.url}/v1/sessions/{chair.id}/screening",
        json=screened(chair.now(), present),
        headers={"Authorization": f"Bearer {chair.clinic.nurse.token}", "If-Match": f'"{revision}"'},
    )
    answer.raise_for_status()


def test_a_correction_that_is_refused_takes_nothing_back(tablet: Tablet, clinic: Clinic, chair: Chair):
    chair.start()
    # from now on the service refuses every dose
    _screened(chair, 1, present="pregnancy")
    tablet.open()
    sign_in(tablet, clinic.nurse)
    opened(tablet, chair, "infusion started: 36 mg")
    tablet.tap(tablet.link("Correct it"))
    tablet.fill("Dose in mg", "30")
    tablet.fill("Why is it corrected?", "misread")
    tablet.tap(tablet.button(re.compile("^Save corrected infusion started")))
    tablet.tap(tablet.link(re.compile("2 refused")))
    lines = tablet.page.locator("main li.danger")
    expect(lines).to_have_count(2)
    expect(lines.nth(1)).to_contain_text("Not sent: it rests on “infusion started, Rivera”, which was refused.")
    # what rests on a refusal is sent with it or not at all
    expect(lines.nth(1).get_by_role("button", name="Send again")).to_have_count(0)
    assert [(detail["dose_mg"], why) for detail, why in events(chair, "infusion-started")] == [(36, None)]
    assert chair.read()["state"] == "infusing"

    # nor does a lock send it
    tablet.lock()
    sign_in(tablet, clinic.nurse)
    expect(tablet.link(re.compile("2 refused"))).to_be_visible()
    tablet.pass_by(1)
    assert [why for _, why in events(chair, "infusion-started")] == [None]

    _screened(chair, 2)
    tablet.open("/#/outbox")
    tablet.tap(lines.nth(0).get_by_role("button", name="Send again"))
    tablet.all_in_the_record()
    kept = {detail["dose_mg"]: why for detail, why in events(chair, "infusion-started")}
    assert kept == {36: "corrected: misread", 30: None}


def test_a_set_and_an_event_are_undone_at_once(tablet: Tablet, clinic: Clinic, chair: Chair):
    tablet.open()
    sign_in(tablet, clinic.nurse)
    at(tablet, f"event/{chair.id}/oxygen-started", "Flow in l/min")
    tablet.fill("Flow in l/min", "2")
    tablet.tap(tablet.button(re.compile("^Save oxygen started")))
    expect(tablet.page.get_by_text("Saved: oxygen started")).to_be_visible()
    tablet.tap(tablet.button("Undo"))
    tablet.all_in_the_record()
    assert events(chair, "oxygen-started") == [({"flow_l_min": 2}, "undone at once")]

    at(tablet, f"entry/{chair.id}", "Measured at")
    tablet.type_digits("12480721498")
    tablet.tap(tablet.radio("Awake", "5 awake"))
    tablet.tap(tablet.radio("Dissociation", "none"))
    tablet.tap(tablet.button(re.compile("^Save set")))
    tablet.tap(tablet.button("Undo"))
    tablet.all_in_the_record()
    (reading,) = chair.read()["readings"]
    assert reading["void"]["reason"] == "undone at once"
    # ten seconds, and it is gone
    at(tablet, f"event/{chair.id}/oxygen-stopped", "When")
    tablet.tap(tablet.button(re.compile("^Save oxygen stopped")))
    expect(tablet.button("Undo")).to_be_visible()
    expect(tablet.button("Undo")).to_have_count(0)
    assert events(chair, "oxygen-stopped") == [(None, None)]


def test_chair_weight_and_patient_after_the_check_in(tablet: Tablet, clinic: Clinic, chair: Chair):
    other = Chair(clinic, "Chen", "Wei", "1977-06-05", "R-1980").known().checked_in("5")
    tablet.open()
    sign_in(tablet, clinic.nurse)
    expect(tablet.link("New set for Chen, Wei")).to_be_visible()
    at(tablet, f"start/{chair.id}", "Chair and weight")
    tablet.fill("Chair", "5")
    expect(tablet.page.get_by_text("Chen, Wei is in this chair now.")).to_be_visible()
    tablet.fill("Chair", "6")
    tablet.fill("Weight in kg", "1,250")
    tablet.tap(tablet.button(re.compile("^Save chair and weight")))
    expect(tablet.page.get_by_role("alert")).to_contain_text("can be read as 1250 or as a decimal")
    tablet.fill("Weight in kg", "75,5")
    tablet.tap(tablet.button(re.compile("^Save chair and weight")))
    tablet.page.get_by_text("Correct the name, birth date or record number").click()
    tablet.fill("Family name", "Riviera")
    tablet.tap(tablet.button(re.compile("^Save patient Riviera")))
    expect(tablet.page.get_by_role("heading", name="RIVIERA, Maria")).to_be_visible()
    tablet.all_in_the_record()
    record = chair.read()
    assert (record["chair"], record["weight_kg"], record["patient"]["family_name"]) == ("6", 75.5, "Riviera")
    assert (record["protocol"]["id"], record["patient"]["record_number"]) == ("iv-infusion-example", "R-2231")
    assert other.read()["chair"] == "5"
    # the sheet before is put back by one tap
    tablet.tap(tablet.button("Undo"))
    tablet.all_in_the_record()
    assert chair.read()["patient"]["family_name"] == "Rivera"


def test_medication_comes_from_the_protocols_list(tablet: Tablet, clinic: Clinic, chair: Chair):
    page = tablet.page
    tablet.open()
    sign_in(tablet, clinic.nurse)
    at(tablet, f"event/{chair.id}/medication-given", "Medication")
    tablet.tap(tablet.radio("Medication", "ondansetron"))
    tablet.fill("Dose", "4")
    tablet.tap(tablet.button(re.compile("^Save medication given")))
    expect(page.get_by_role("alert")).to_contain_text("A dose needs its unit")
    tablet.tap(tablet.radio("Unit", "mg"))
    tablet.tap(tablet.radio("Route", "IV"))
    tablet.tap(tablet.button(re.compile("^Save medication given")))
    expect(page.locator("tr.event-row", has_text="medication given: ondansetron 4 mg IV")).to_be_visible()
    # another name is kept in its letters, and what it is kept as is said before
    at(tablet, f"event/{chair.id}/medication-given", "Medication")
    tablet.tap(tablet.radio("Medication", "other"))
    tablet.fill("Name of the medication", "Ondansétron")
    expect(page.get_by_text('Kept as "ondansetron", which is on the protocol\'s list')).to_be_visible()
    tablet.tap(tablet.button(re.compile("^Save medication given")))
    tablet.all_in_the_record()
    kept = [detail for detail, _ in events(chair, "medication-given")]
    assert sorted(detail["code"] for detail in kept) == ["ondansetron", "ondansetron"]
    assert {"code": "ondansetron", "dose": 4, "unit": "mg", "route": "iv"} in kept


def test_text_stays_as_it_was_typed(tablet: Tablet, clinic: Clinic, chair: Chair):
    chair.event("addendum", text="RASS -2 at 14:00, follow-up; 1-2 l/min")
    tablet.open()
    sign_in(tablet, clinic.nurse)
    at(tablet, f"session/{chair.id}")
    expect(tablet.page.get_by_text("RASS -2 at 14:00, follow-up; 1-2 l/min")).to_be_visible()


def test_a_correction_asks_for_its_reason_in_sight(tablet: Tablet, clinic: Clinic, chair: Chair):
    chair.set()
    tablet.page.set_viewport_size({"width": 1080, "height": 760})
    tablet.open()
    sign_in(tablet, clinic.nurse)
    at(tablet, f"session/{chair.id}")
    tablet.tap(tablet.page.locator("tr.set-row button.time"))
    tablet.tap(tablet.link("Correct this set"))
    expect(tablet.page.get_by_role("textbox", name="Systolic")).to_have_value("124")
    tablet.tap(tablet.button(re.compile("^Save correction")))
    reason = tablet.page.get_by_label("Why is it corrected?")
    expect(reason).to_be_focused()
    expect(tablet.page.get_by_text("Say why: one tap, or your own words.")).to_be_in_viewport()
    box, foot = reason.bounding_box(), tablet.page.locator(".foot").bounding_box()
    assert box is not None
    assert foot is not None
    assert box["y"] + box["height"] <= foot["y"]
    # a correction is undone by one more: the values of before, with the reason
    reason.fill("typed wrong")
    tablet.tap(tablet.page.get_by_role("textbox", name="Systolic"))
    tablet.type_digits("134")
    tablet.tap(tablet.button(re.compile("^Save correction")))
    tablet.tap(tablet.button("Undo"))
    tablet.all_in_the_record()
    (kept,) = chair.read()["readings"]
    assert (kept["systolic"], kept["revision"], kept["reason"]) == (124, 3, "undone at once")


def test_an_addendum_half_typed_outlives_a_lock(tablet: Tablet, clinic: Clinic, chair: Chair):
    tablet.open()
    sign_in(tablet, clinic.nurse)
    at(tablet, f"event/{chair.id}/addendum", "What is to be added")
    tablet.fill("What is to be added", "seen by the dentist, who")
    tablet.lock()
    sign_in(tablet, clinic.nurse)
    text = tablet.page.get_by_label("What is to be added")
    expect(text).to_have_value("seen by the dentist, who")
    text.fill("seen by the dentist, who agrees")
    tablet.tap(tablet.button(re.compile("^Save addendum")))
    tablet.all_in_the_record()
    assert events(chair, "addendum") == [({"text": "seen by the dentist, who agrees", "reading": None}, None)]
    at(tablet, f"event/{chair.id}/addendum", "What is to be added")
    expect(text).to_have_value("")


def test_the_time_that_was_set_stays_set(tablet: Tablet, clinic: Clinic, chair: Chair):
    tablet.open()
    sign_in(tablet, clinic.nurse)
    at(tablet, f"event/{chair.id}/oxygen-started", "Flow in l/min")
    tablet.tap(tablet.button("Change the time"))
    tablet.tap(tablet.button("5 min earlier"))
    said = tablet.page.locator(".when b").inner_text()
    tablet.pass_by(3)
    assert tablet.page.locator(".when b").inner_text() == said
    tablet.fill("Flow in l/min", "2")
    tablet.tap(tablet.button(re.compile("^Save oxygen started")))
    tablet.all_in_the_record()
    (kept,) = [each for each in chair.read()["events"] if each["kind"] == "oxygen-started"]
    assert kept["at"][11:16] == said
