"""The monitoring form as a whole: every field in its place, and the answers that no other table asks."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations
from uuid import UUID

import pytest

from app.domain.assessment import RestsOn
from app.domain.events import BaselineAccepted, DeviceGiven, EventKind, ReadingRef, Route, Transferred
from app.domain.monitoring import Group, Missing, NotIntranasal, Site, Value, summary
from app.domain.monitoring.summary import monitored
from app.domain.people import Clinic
from app.domain.records import Discharge, EventHistory, ReadingHistory, SessionRecord, Void
from tests.domain.shipped import protocol
from tests.factories import at, event, header, kept, patient, reading

K = EventKind
NASAL = protocol("intranasal-example")
CLINIC = Clinic(UUID(int=2), "Harbour Clinic")
SITE = Site(kept(CLINIC))
ASK = Missing("not asked yet: ask, and answer it on the session's monitoring form")
SETTLE = Missing("not settled: a lead does that under Setting up, the clinic's papers")
NO_DEVICE = Missing("no device is on record: enter the nasal device that was given")
STILL_HERE = Missing("the patient has not left")


def device(minute=0, number=1, lot="L-1", dose="28"):
    return event(minute, K.NASAL_DEVICE_GIVEN, DeviceGiven(Decimal(dose), lot), id=UUID(int=number))


def good(minute, number, **other):
    return reading(minute, id=UUID(int=number), **other)


DEVICES = (device(), device(5, 2))
BEFORE = (good(-20, 11), good(-10, 12))
AFTER = (good(40, 13), good(115, 14), good(127, 15))


def record(events=DEVICES, readings=(*BEFORE, *AFTER), left=130, void=(), **other):
    """A nasal session, discharged so many minutes after the first device."""
    gone = None if left is None else kept(Discharge(at(left), instructions_given=True, note=None, ready_at=None))
    usual = {
        "id": UUID(int=3),
        "headers": (kept(header(UUID(int=4), route=Route.INTRANASAL)),),
        "patients": (kept(patient(sex="female")),),
        "events": tuple(EventHistory(kept(one), kept(Void(one.id, "x")) if one in void else None) for one in events),
        "readings": tuple(ReadingHistory((kept(one),)) for one in readings),
        "discharge": gone,
    }
    return SessionRecord(**usual | other)


def answers(**other):
    return {field.id: field.answer for field in summary(record(**other), NASAL, SITE)}


def on(kind, *numbers):
    return tuple(RestsOn(kind, str(UUID(int=number)), 1) for number in numbers)


def test_every_field_stands_in_its_place():
    found = [(field.group, field.id) for field in summary(record(), NASAL, SITE)]
    asked = {
        Group.PATIENT: ["name", "birth-date", "sex", "first-treatment", "enrolled"],
        Group.MEDICATION: ["benzodiazepines", "other-sedatives", "psychostimulants", "maois", "opioids"],
        Group.SITE: [
            "site",
            "care-setting",
            "site-address",
            "site-enrolment",
            "monitored-by",
            "monitor-phone",
            "monitor-email",
        ],
        Group.SESSION: [
            "date",
            "first-device",
            "dose",
            "lots",
            "vitals-before",
            "vitals-leaving",
            "left-at",
            "signed-at",
            "minutes",
            "two-hours",
            "ready-minutes",
        ],
        Group.PRESSURE: ["bp-before", "bp-40-minutes", "bp-leaving"],
        Group.EVENTS: [
            "sedation",
            "dissociation",
            "respiratory-depression",
            "lowest-spo2",
            "other-events",
            "serious-events",
            "treatment",
        ],
    }
    assert found == [(group, name) for group in Group for name in asked[group]]


def test_an_ordinary_session_answers_all_that_the_record_holds():
    found = answers()
    missing = {name for name, answer in found.items() if isinstance(answer, Missing)}
    medicines = {"benzodiazepines", "other-sedatives", "psychostimulants", "maois", "opioids"}
    asked = {"first-treatment", "enrolled", "monitored-by"} | medicines
    settled = {"care-setting", "site-address", "site-enrolment", "monitor-phone", "monitor-email"}
    assert missing == asked | settled | {"signed-at"}
    assert {found[name] for name in asked} == {ASK}
    assert {found[name] for name in settled} == {SETTLE}
    assert found["signed-at"] == Missing("no signature is in force")
    told = {name: found[name].value for name in ("minutes", "two-hours", "ready-minutes", "sedation", "lowest-spo2")}
    assert told == {"minutes": 130, "two-hours": "yes", "ready-minutes": 127, "sedation": "no", "lowest-spo2": 98}
    pressures = {name: found[name].rests_on for name in ("bp-before", "bp-40-minutes", "bp-leaving")}
    assert pressures == {
        "bp-before": on("reading", 12),
        "bp-40-minutes": on("reading", 13),
        "bp-leaving": on("reading", 15),
    }


def test_who_and_where():
    found = answers(patients=(kept(patient(sex="female", birth_date=date(1984, 3, 11))),))
    assert found["name"] == Value("Probe, Maria", "Probe, Maria")
    assert found["birth-date"] == Value("1984-03-11", "1984-03-11")
    assert found["sex"] == Value("female", "female")
    assert found["site"] == Value("Harbour Clinic", "Harbour Clinic")
    assert answers(patients=(kept(patient(sex=None)),))["sex"] == Missing(
        "no sex is on record: enter it on the patient's sheet"
    )


def test_another_route_has_no_such_form():
    other = record(headers=(kept(header(UUID(int=4), route=Route.IV_INFUSION)),))
    with pytest.raises(NotIntranasal, match="this is an iv-infusion") as refused:
        summary(other, NASAL, SITE)
    assert refused.value.code == "not-intranasal"


# --- when and how the patient left ------------------------------------------------------------------------------------
MOVED = event(50, K.TRANSFERRED, Transferred("General Hospital"), id=UUID(int=21))
AWAY = event(60, K.LEFT_AGAINST_ADVICE, id=UUID(int=22))
LATEST = event(70, K.LEFT_AGAINST_ADVICE, id=UUID(int=23))


def left_of(**other):
    session = monitored(record(**other), NASAL)
    return session.left_at, session.left_by


def test_a_discharge_says_when_and_no_event_does():
    assert left_of(left=130) == (at(130), None)
    assert left_of(left=130, events=(*DEVICES, AWAY)) == (at(130), None)
    assert left_of(left=None) == (None, None)


def test_else_the_first_event_that_closed_the_session():
    for arrival in permutations((MOVED, AWAY, LATEST)):
        assert left_of(left=None, events=(*DEVICES, *arrival)) == (at(50), K.TRANSFERRED)
    assert left_of(left=None, events=(*DEVICES, LATEST, AWAY)) == (at(60), K.LEFT_AGAINST_ADVICE)
    assert left_of(left=None, events=(*DEVICES, MOVED, AWAY), void=(MOVED,)) == (at(60), K.LEFT_AGAINST_ADVICE)


def test_what_moved_nothing_closed_nothing():
    """A session that was dosed is never cancelled: the patient is here, whatever was entered."""
    for minute in (-5, 20):
        cancelled = event(minute, K.CANCELLED, id=UUID(int=24))
        assert left_of(left=None, events=(*DEVICES, cancelled)) == (None, None)
        assert left_of(left=None, events=(*DEVICES, cancelled, MOVED)) == (at(50), K.TRANSFERRED)
    assert left_of(left=None, events=(event(-5, K.CANCELLED, id=UUID(int=24)),)) == (at(-5), K.CANCELLED)


def test_the_form_looks_at_what_is_in_force_under_the_protocol_given():
    session = monitored(record(void=DEVICES[1:]), NASAL)
    assert session.protocol is NASAL
    assert session.facts.events == DEVICES[:1]
    assert session.facts.readings == (*BEFORE, *AFTER)


# --- the dose ---------------------------------------------------------------------------------------------------------
def test_without_a_device_there_is_no_dose():
    found = answers(events=())
    assert [found[name] for name in ("date", "first-device", "dose", "lots")] == [NO_DEVICE] * 4


def test_the_dose_is_the_sum_of_its_devices_in_the_order_given():
    one = answers(events=(device(),))
    assert one["dose"] == Value("28", "28 mg", on("event", 1))
    assert one["first-device"] == Value("2026-03-07T12:00:00Z", "2026-03-07T12:00:00Z", on("event", 1))
    two = answers(events=(device(5, 2, dose="14.5"), device(), event(-30, K.CHECKED_IN)))
    assert two["dose"] == Value("42.5", "42.5 mg (28 + 14.5)", on("event", 1, 2))


@pytest.mark.parametrize(
    ("lots", "answer"),
    [
        (("L-1",), Value(["L-1"], "L-1", on("event", 1))),
        (("L-1", "L-1"), Value(["L-1"], "L-1", on("event", 1, 2))),
        (("L-2", "L-1"), Value(["L-2", "L-1"], "L-2, L-1", on("event", 1, 2))),
        (("L-1", None), Missing("1 of 2 devices have no lot number; known: L-1", on("event", 1, 2))),
        ((None, None), Missing("2 of 2 devices have no lot number", on("event", 1, 2))),
        ((None,), Missing("1 of 1 devices have no lot number", on("event", 1))),
    ],
)
def test_every_device_has_its_lot(lots, answer):
    given = tuple(device(5 * place, place + 1, lot) for place, lot in enumerate(lots))
    assert answers(events=given)["lots"] == answer


# --- vital signs acceptable -------------------------------------------------------------------------------------------
def test_vital_signs_before_are_those_of_the_baseline():
    sound = answers()["vitals-before"]
    assert (sound.value, sound.words[:5], sound.rests_on) == ("yes", "yes: ", on("reading", 11, 12))
    alone = answers(readings=(BEFORE[1], *AFTER))["vitals-before"]
    assert isinstance(alone, Missing)
    assert alone.because.startswith("the baseline cannot be formed: ")


def test_a_baseline_out_of_limits_is_no_until_a_clinician_accepts_it():
    high = (replace(BEFORE[0], systolic=178), replace(BEFORE[1], systolic=178))
    found = answers(readings=(*high, *AFTER))["vitals-before"]
    assert (found.value, found.words[:4]) == ("no", "no: ")
    assert on("reading", 12)[0] in found.rests_on
    accepted = BaselineAccepted(tuple(ReadingRef(one.id, 1) for one in high))
    taken = event(-5, K.BASELINE_ACCEPTED, accepted, id=UUID(int=31))
    found = answers(readings=(*high, *AFTER), events=(*DEVICES, taken))["vitals-before"]
    assert found.value == "yes"
    assert found.words.startswith("yes, accepted by a clinician although ")


def test_vital_signs_before_leaving_are_those_of_the_newest_set():
    found = answers()["vitals-leaving"]
    assert found == Value("yes", "yes: each near the baseline at 2026-03-07T14:07:00Z", on("reading", 15))


def test_two_readings_of_one_instant_are_one_set():
    found = answers(readings=(*BEFORE, *AFTER, good(127, 16)))["vitals-leaving"]
    assert (found.value, found.rests_on) == ("yes", on("reading", 15, 16))


def test_a_vital_far_from_the_baseline_is_no_whatever_else_is_unknown():
    for other in ({}, {"spo2": None}):
        last = replace(AFTER[2], heart_rate=125, systolic=178, **other)
        found = answers(readings=(*BEFORE, *AFTER[:2], last))["vitals-leaving"]
        assert (found.value, found.rests_on) == ("no", on("reading", 15))
        assert found.words.startswith("no: ")
        assert "125" in found.words
        assert "178" in found.words


def test_a_vital_not_measured_before_leaving_is_no_answer():
    last = replace(AFTER[2], spo2=None, not_measured=(("spo2", "probe fault"),))
    found = answers(readings=(*BEFORE, *AFTER[:2], last))["vitals-leaving"]
    assert isinstance(found, Missing)
    assert found.rests_on == on("reading", 15)


def test_what_is_no_vital_sign_plays_no_part_in_it():
    last = replace(AFTER[2], gait_steady=False, orientated=None)
    assert answers(readings=(*BEFORE, *AFTER[:2], last))["vitals-leaving"].value == "yes"


def test_what_was_measured_after_leaving_is_not_looked_at():
    late = good(131, 16, heart_rate=125)
    assert answers(readings=(*BEFORE, *AFTER, late))["vitals-leaving"].rests_on == on("reading", 15)


def test_without_leaving_or_a_set_there_is_no_answer():
    assert answers(left=None)["vitals-leaving"] == STILL_HERE
    assert answers(readings=BEFORE)["vitals-leaving"] == Missing("no set was taken after the first device")
