"""What is missing before a dose: the gate and whoever is told beforehand have it from one place."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest

from app.domain.derive import derive
from app.domain.events import BaselineAccepted, EventKind, ReadingRef, Route
from app.domain.records import Clearance, EventHistory, ReadingHistory, Screening, ScreeningOverride, SessionRecord
from app.domain.screening import LABELS, Exclusion, present
from app.domain.starting import StartGate, check_start_gate, missing_to_start
from tests.factories import at, clear_screening, event, header, kept, patient, reading
from tests.spec.protocols import PROTOCOLS

AT = at(0)
IV = PROTOCOLS["example"]
NASAL = PROTOCOLS["nasal"]
GOOD = (reading(-20), reading(-10))
CLEAR = clear_screening()
FOREVER = (Clearance(None),)


def record(readings=GOOD, events=(), screening=CLEAR, clearances=FOREVER, **other):
    """Checked in, all there."""
    usual = {"screenings": (kept(screening),) if screening else (), "clearances": tuple(map(kept, clearances))}
    return SessionRecord(
        id=uuid4(),
        headers=(kept(other.pop("header", header(uuid4()))),),
        patients=(kept(patient()),),
        readings=tuple(ReadingHistory((kept(one),)) for one in readings),
        events=tuple(EventHistory(kept(one)) for one in (event(-40, EventKind.CHECKED_IN), *events)),
        **usual | other,
    )


def told(session, protocol=IV, now=AT):
    """The codes of what is missing at an instant; one that refuses a dose is marked."""
    missing = missing_to_start(session, derive(session, protocol, AT))
    return missing if missing is None else [f"{'!' * one.refuses}{one.reason.code}" for one in missing if one.at(now)]


def refused(session, now=AT):
    with pytest.raises(StartGate) as refusal:
        check_start_gate(session, IV, now)
    assert refusal.value.code == "start-gate"
    return {fault.field: fault.message for fault in refusal.value.errors}


def test_where_all_is_there_nothing_is_missing_and_the_gate_is_open():
    assert told(record()) == []
    check_start_gate(record(), IV, AT)


def test_nothing_at_all_names_everything():
    bare = record((), screening=None, clearances=(), header=header(uuid4(), weight_kg=None))
    assert told(bare) == ["!not-screened", "!not-cleared", "baseline-sets-missing", "weight-not-given"]
    assert set(refused(bare)) == {"screening", "clearance"}


@pytest.mark.parametrize("exclusion", Exclusion)
def test_each_exclusion_left_unanswered_is_named(exclusion):
    answers = {other: False for other in Exclusion if other is not exclusion}
    # an override cannot stand in for an answer
    for overrides in ((), (kept(ScreeningOverride((exclusion,), "seen")),)):
        session = record(screening=replace(CLEAR, answers=answers), overrides=overrides)
        assert told(session) == ["!exclusion-not-answered"]
        assert "answer this one" in refused(session)[f"screening.answers.{exclusion}"]


@pytest.mark.parametrize("exclusion", Exclusion)
def test_each_exclusion_present_stops_the_dose_until_it_is_overridden(exclusion):
    answers = replace(CLEAR, answers={**CLEAR.answers, exclusion: True})
    others = ScreeningOverride(tuple(set(Exclusion) - {exclusion}), "seen")
    session = record(screening=answers, overrides=(kept(others),))
    assert told(session) == ["!exclusion-present"]
    assert f"{LABELS[exclusion]} is present" in refused(session)[f"screening.answers.{exclusion}"]
    assert present(answers.answers) == [exclusion]
    overridden = record(screening=answers, overrides=(kept(others), kept(ScreeningOverride((exclusion,), "seen"))))
    assert told(overridden) == []
    check_start_gate(overridden, IV, AT)


def test_a_clearance_covers_its_last_instant_and_not_the_next():
    session, next_instant = record(clearances=(Clearance(AT),)), AT + timedelta(microseconds=1)
    check_start_gate(session, IV, AT)
    assert told(session) == []
    assert told(session, now=next_instant) == ["!clearance-ended"]
    assert "ended at 2026-03-07T12:00:00Z" in refused(session, next_instant)["clearance"]


def test_one_valid_clearance_is_enough_and_the_latest_end_is_named():
    past, earlier, later = (Clearance(AT + timedelta(days=days)) for days in (-1, -2, 1))
    for of_session, of_course in ((past, Clearance(None)), (Clearance(None), past), (past, later), (later, past)):
        session = record(clearances=(of_session,), course_clearances=(kept(of_course),))
        check_start_gate(session, IV, AT)
        assert told(session) == []
    ended = record(clearances=(earlier,), course_clearances=(kept(past),))
    assert "2026-03-06" in refused(ended)["clearance"]
    assert "must clear the course or this session" in refused(record(clearances=()))["clearance"]


def test_the_sentence_names_each_missing_thing():
    with pytest.raises(StartGate, match=r"current pregnancy is present.*must clear the course"):
        check_start_gate(record(screening=clear_screening(pregnancy=True), clearances=()), IV, AT)


def test_what_is_said_to_refuse_a_dose_is_what_the_gate_refuses_it_for():
    """Of every session of these, and at every instant of these: never one without the other."""
    screenings = (None, Screening({}), clear_screening(), clear_screening(pregnancy=True))
    overrides = ((), (kept(ScreeningOverride((Exclusion.PREGNANCY,), "seen")),))
    ends = ((), (None,), (AT,), (AT + timedelta(minutes=5),))
    seen = set()
    for screening, overridden, mine, course in product(screenings, overrides, ends, ends):
        session = record(
            screening=screening,
            overrides=overridden,
            clearances=tuple(map(Clearance, mine)),
            course_clearances=tuple(kept(Clearance(end)) for end in course),
        )
        missing = missing_to_start(session, derive(session, IV, AT))
        for now in (AT, AT + timedelta(seconds=1), AT + timedelta(minutes=6)):
            said = {one.field: one.reason.words for one in missing if one.refuses and one.at(now)}
            try:
                check_start_gate(session, IV, now)
                found = {}
            except StartGate as refusal:
                found = {fault.field: fault.message for fault in refusal.errors}
            assert said == found
            seen.add(bool(found))
    assert seen == {True, False}


def test_a_baseline_is_as_many_sets_as_the_protocol_asks_for_in_every_vital():
    assert told(record(GOOD[:1])) == ["baseline-sets-missing"]
    assert told(record((GOOD[0], replace(GOOD[1], spo2=None)))) == ["baseline-sets-missing"]
    *_, missing = missing_to_start(record(GOOD[:1]), derive(record(GOOD[:1]), IV, AT))
    assert missing.reason.words == "1 of 2 baseline sets count: take another"
    # a doubtful clock counts for nothing
    assert told(record((GOOD[0], replace(GOOD[1], clock_doubtful=True)))) == ["baseline-sets-missing"]
    assert told(record((*GOOD, replace(GOOD[1], id=uuid4(), systolic=160)))) == ["baseline-not-formed"]


def test_an_unsound_baseline_is_missing_until_a_clinician_accepts_it():
    high = tuple(replace(one, systolic=185) for one in GOOD)
    assert told(record(high)) == ["baseline-not-sound"]
    seen = BaselineAccepted(tuple(ReadingRef(one.id, one.revision) for one in high))
    accepted = event(-5, EventKind.BASELINE_ACCEPTED, seen)
    assert told(record(high, events=(accepted,))) == []


def test_baseline_sets_grow_too_old_to_start_upon():
    age = IV.baseline.max_age_minutes
    assert told(record(), now=at(age - 20)) == []
    assert told(record(), now=at(age - 20) + timedelta(seconds=1)) == ["baseline-too-old"]
    # a newer one takes the oldest's place
    assert told(record((*GOOD, reading(0))), now=at(age - 20) + timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    ("protocol", "route", "wanted"), [(IV, Route.IV_INFUSION, True), (NASAL, Route.INTRANASAL, False)]
)
def test_an_infusion_is_dosed_by_weight(protocol, route, wanted):
    session = record(header=header(uuid4(), weight_kg=None, route=route), screening=clear_screening(route))
    assert told(session, protocol) == ["weight-not-given"] * wanted


def test_once_a_dose_has_begun_or_the_session_is_closed_nothing_is_missing_to_start():
    assert told(record(events=(event(0, EventKind.INFUSION_STARTED),))) is None
    assert told(record(events=(event(0, EventKind.CANCELLED),))) is None


def test_what_cannot_be_told_is_not_said_to_be_there():
    derived = derive(record(), IV, AT)
    assert missing_to_start(record(), replace(derived, life=None)) is None
    assert missing_to_start(record(), replace(derived, evidence=None)) is None
    broken = replace(record(), clearances=(None,))
    assert missing_to_start(replace(broken, clearances=(kept(None),)), derived) is None
