"""The perfect session by which a protocol is tried, and what is taken out of it: reading by reading."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from app.domain.errors import FieldError
from app.domain.events import EventKind
from app.domain.facts import TabletContact
from app.domain.protocol.check import DOSE_START, ITEMS, check, lacking, perfect_session
from app.domain.protocol.parse import ProtocolInvalid, parse
from app.domain.readiness import assess
from app.domain.vitals import Vital
from tests.domain.shipped import NAMES, document, protocol

IV, NASAL = NAMES
K = EventKind
INSTANT, SECOND, MINUTE = timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=1)


def parts(session):
    """Its readings before the dose, and its sets after it."""
    readings = session.facts.readings
    return (
        [one for one in readings if one.measured_at < DOSE_START],
        [one for one in readings if one.measured_at > session.dose_end],
    )


def apart(readings):
    """Whole minutes from each to the next."""
    instants = [one.measured_at for one in readings]
    return [(later - earlier) / MINUTE for earlier, later in pairwise(instants)]


@pytest.mark.parametrize("name", NAMES)
def test_everything_has_a_name_of_its_own(name):
    facts = perfect_session(protocol(name)).facts
    named = [facts.session_id, *(one.id for one in (*facts.events, *facts.readings, *facts.tablets))]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("name", NAMES)
def test_recovery_begins_after_the_instant_at_which_the_dose_ends(name):
    session = perfect_session(protocol(name))
    before, after = session.facts.readings[0], session.facts.readings[-1]
    assert not session.recovery(before)
    assert session.recovery(after)
    assert not session.recovery(replace(after, measured_at=session.dose_end))
    assert session.recovery(replace(after, measured_at=session.dose_end + INSTANT))


def test_the_dose_of_each_route():
    infusion = perfect_session(protocol(IV))
    assert [one.kind for one in infusion.facts.events] == [K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_STOPPED]
    _, started, stopped = infusion.facts.events
    assert DOSE_START == started.at < stopped.at == infusion.dose_end
    nasal = perfect_session(protocol(NASAL))
    assert [one.kind for one in nasal.facts.events] == [K.CHECKED_IN, K.NASAL_DEVICE_GIVEN]
    assert DOSE_START == nasal.facts.events[1].at == nasal.dose_end


@pytest.mark.parametrize(("count", "spacing"), [(2, 1), (2, 10), (3, 7), (5, 15)])
def test_before_the_dose_there_are_as_many_readings_as_asked_and_no_more(count, spacing):
    made = document(baseline__min_readings=count, baseline__spacing=spacing, baseline__max_age_minutes=120)
    session = perfect_session(parse(made))
    before, _ = parts(session)
    assert apart(before) == [spacing] * (count - 1)
    assert before[-1].measured_at == DOSE_START - SECOND
    assert session.facts.events[0].at == before[0].measured_at - MINUTE


@pytest.mark.parametrize(
    ("recovery", "max_gap", "spacing", "minutes", "sets", "gap", "taken"),
    [
        (15, 20, 5, 10, 2, 15, 2),  # on schedule, and two are enough
        (15, 20, 5, 15, 2, 15, 2),
        (15, 20, 5, 16, 2, 15, 3),  # a minute more takes another
        (15, 20, 5, 60, 2, 15, 5),
        (15, 20, 5, 60, 5, 15, 5),
        (10, 60, 15, 15, 3, 15, 3),  # no closer than they count
        (15, 18, 15, 60, 3, 15, 5),
        (2, 5, 5, 7, 3, 5, 3),
        (1, 4, 3, 5, 3, 3, 3),
        (1, 4, 15, 60, 3, 4, 17),  # no wider than the gap: only every fourth counts
        (1, 4, 12, 5, 2, 4, 4),
    ],
)
def test_after_it_sets_come_on_schedule_until_they_are_enough(recovery, max_gap, spacing, minutes, sets, gap, taken):
    made = document(schedule__recovery=recovery, schedule__grace=3)
    made["criteria"]["sustained"] |= {"max_gap": max_gap, "spacing": spacing, "minutes": minutes, "sets": sets}
    session = perfect_session(parse(made))
    _, after = parts(session)
    assert apart(after) == [gap] * (taken - 1)
    assert session.as_of == after[-1].measured_at
    check(parse(made))


@pytest.mark.parametrize(
    ("name", "clocks", "wait"),
    [
        (IV, {"infusion-end": 15}, 15),
        (IV, {"infusion-end": 240}, 240),
        (NASAL, {"first-device": 120, "last-device": 60}, 120),
        (NASAL, {"first-device": 120, "last-device": 200}, 200),
    ],
)
def test_the_first_set_after_it_waits_for_the_longest_clock(name, clocks, wait):
    made = document(name)
    made["criteria"]["minutes-since-dose"] |= clocks
    session = perfect_session(parse(made))
    _, after = parts(session)
    assert after[0].measured_at == session.dose_end + wait * MINUTE


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_answered_and_everybody_is_there_at_the_end(name):
    session = perfect_session(protocol(name))
    facts, tablet_id = session.facts, UUID(int=0)
    assert all(getattr(reading, item) is not None for reading in facts.readings for item in ITEMS)
    assert (facts.escort.present, facts.escort.present_at) == (True, session.as_of)
    assert [replace(tablet, id=tablet_id) for tablet in facts.tablets] == [
        TabletContact(tablet_id, session.as_of, 0, draft=False, enrolled=True, pace=1)
    ]


@pytest.mark.parametrize(("instrument", "version"), [(None, None), ("cadss", "23-item"), ("cadss-6", "2021")])
def test_dissociation_is_scored_nought_by_the_instrument_asked_for(instrument, version):
    made = document()
    if instrument:
        made["criteria"]["dissociation-absent"]["instrument"] = instrument
    for reading in perfect_session(parse(made)).facts.readings:
        seen = reading.dissociation
        assert (seen.instrument, seen.version, seen.score) == (instrument, version, 0 if instrument else None)


@pytest.mark.parametrize(("scale", "best"), [("moaas", 5), ("acvpu", "A"), ("rass", 0)])
def test_consciousness_is_the_best_of_the_protocol_s_scale(scale, best):
    made = document()
    made["criteria"]["consciousness-recovered"]["scale"] = scale
    for reading in perfect_session(parse(made)).facts.readings:
        assert (reading.consciousness.scale.value, reading.consciousness.score) == (scale, best)


def test_a_vital_lies_midway_between_the_highest_floor_and_the_lowest_ceiling():
    made = document()
    made["criteria"]["systolic-recovered"] |= {"floor": 100, "ceiling": 150}
    made["criteria"]["spo2-recovered"]["floor"] = 97
    made["concern"] = {"heart_rate": {"floor": 60, "ceiling": 80, "acknowledge": True}}
    made["baseline"]["diastolic"] = {"floor": 70, "ceiling": 75, "source": "s"}
    usual = perfect_session(parse(made)).facts.readings[0]
    assert (usual.systolic, usual.spo2, usual.heart_rate, usual.diastolic) == (125, 98, 70, 72)
    assert usual.respiratory_rate == 15  # between 10 and 20, as the example has them


# --- what is taken out ------------------------------------------------------------------------------------------------
DOSES = {
    IV: ["the event infusion-started", "the event infusion-stopped"],
    NASAL: ["the event nasal-device-given"],
}


@pytest.mark.parametrize("name", NAMES)
def test_each_thing_is_missing_once(name):
    found = [missing for missing, _ in lacking(perfect_session(protocol(name)))]
    items = [f"{item} in {where}" for item in ITEMS for where in ("the newest set", "every set after the dose")]
    vitals = [f"{vital.value} before the dose" for vital in Vital]
    whole = [
        "every value of every reading",
        "every reading",
        "every set after the dose",
        "every reading before the dose",
        "every set after the dose but the newest",
        "the first reading before the dose",
    ]
    assert found == [*items, *vitals, *whole, *DOSES[name], "the escort"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_to_be_missing_is_and_nothing_else(name):
    session = perfect_session(protocol(name))
    facts, without = session.facts, dict(lacking(session))
    before, after = parts(session)

    def blank(chosen, *items):
        gone = dict.fromkeys(items)
        return replace(facts, readings=tuple(replace(one, **gone) if one in chosen else one for one in facts.readings))

    for item in ITEMS:
        assert without[f"{item} in the newest set"] == blank(after[-1:], item)
        assert without[f"{item} in every set after the dose"] == blank(after, item)
    for vital in Vital:
        assert without[f"{vital.value} before the dose"] == blank(before, vital.value)
    assert without["every value of every reading"] == blank([*before, *after], *ITEMS)
    kept = {
        "every reading": (),
        "every set after the dose": before,
        "every reading before the dose": after,
        "every set after the dose but the newest": [*before, after[-1]],
        "the first reading before the dose": [*before[1:], *after],
    }
    for missing, readings in kept.items():
        assert without[missing] == replace(facts, readings=tuple(readings))
    for missing in DOSES[name]:
        kind = missing.removeprefix("the event ")
        assert without[missing] == replace(facts, events=tuple(one for one in facts.events if one.kind != kind))
    assert without["the escort"] == replace(facts, escort=None)


def test_of_three_sets_only_the_newest_is_blanked_as_the_newest():
    """A protocol that asks for three must ask each of them: blank one at a time."""
    three = parse(document(criteria__sustained={**document()["criteria"]["sustained"], "sets": 3}))
    session = perfect_session(three)
    _, after = parts(session)
    assert len(after) > 2
    without = dict(lacking(session))[f"{ITEMS[0]} in the newest set"]
    blank = [one.id for one in without.readings if getattr(one, ITEMS[0]) is None]
    assert blank == [after[-1].id]


# --- room between the limits ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("floor", "refused"), [(94, False), (95, False), (96, True)])
def test_one_value_that_passes_is_room_enough(floor, refused):
    made = document(concern__diastolic={"floor": floor, "acknowledge": True})
    assert made["baseline"]["diastolic"]["ceiling"] == 95
    if not refused:
        assert not [fault for fault in faults_of(made) if fault.field.startswith("concern")]
        return
    (fault,) = faults_of(made)
    assert fault == FieldError(
        "concern.diastolic",
        "leaves no diastolic that neither concerns anybody nor breaks another limit: the highest floor is 96, the"
        " lowest ceiling 95",
    )


def faults_of(made, rules=assess):
    try:
        check(parse(made), rules)
    except ProtocolInvalid as refused:
        return refused.errors
    return ()
