"""What happened after the first device, answer by answer: the words, the value, and what each rests on."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from uuid import UUID

import pytest

from app.domain.assessment import RestsOn
from app.domain.events import (
    DeviceGiven,
    EventKind,
    MedicationGiven,
    OxygenStarted,
    SymptomResolved,
    Transferred,
)
from app.domain.facts import Facts
from app.domain.monitoring import Missing, Monitored, Value, course, happenings, pressures
from app.domain.monitoring.happenings import BREATHING, DISSOCIATION, SEDATION
from app.domain.readings import Reading
from app.domain.symptoms import SERIOUS, Severity, Symptom, SymptomCode
from app.domain.vitals import Consciousness, ConsciousnessScale, Dissociation, DissociationGrade
from tests.domain.shipped import protocol
from tests.factories import at, event, reading

K, S = EventKind, SymptomCode
NASAL = protocol("intranasal-example")


def device(minute=0, number=1, lot="L-1", dose=56, **other):
    return event(minute, K.NASAL_DEVICE_GIVEN, DeviceGiven(Decimal(dose), lot), id=UUID(int=number), **other)


def taken(minute, number, *symptoms, **other):
    """A good set; each symptom is a code, or a code with its severity."""
    named = tuple(Symptom(*one) if isinstance(one, tuple) else Symptom(one, Severity.MILD) for one in symptoms)
    return reading(minute, **{"id": UUID(int=number), "symptoms": named} | other)


def watched(*things, left=130, left_by=None):
    """A session from the first device at noon on; the patient leaves so many minutes after it."""
    readings = tuple(one for one in things if isinstance(one, Reading))
    events = tuple(one for one in things if not isinstance(one, Reading))
    return Monitored(Facts(UUID(int=0), events, readings), NASAL, None if left is None else at(left), left_by)


def on(kind, *numbers, revision=1):
    return tuple(RestsOn(kind, str(UUID(int=number)), revision) for number in numbers)


def doubtful(thing):
    return replace(thing, clock_doubtful=True)


# --- which sets are looked at -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("left", [None, 60])
def test_sets_count_after_the_first_device_and_up_to_leaving(left):
    sets = [taken(minute, 100 + minute) for minute in (0, 1, 30, 60, 61)]
    here = [one.id.int - 100 for one in watched(device(), *sets, left=left).while_here()]
    assert here == ([1, 30, 60, 61] if left is None else [1, 30, 60])


def test_sets_are_looked_at_by_instant_then_id_in_any_order_of_arrival():
    sets = [taken(5, 12), taken(5, 11), taken(3, 13)]
    for arrival in permutations(sets):
        assert [one.id.int for one in watched(device(), *arrival).readings] == [13, 11, 12]


QUESTIONS = (happenings.sedation, happenings.dissociation, happenings.breathing)


@pytest.mark.parametrize("asked", [*QUESTIONS, happenings.other_events, happenings.serious_events])
def test_without_a_device_or_a_set_there_is_no_answer(asked):
    for session in (
        watched(),
        watched(taken(5, 11, S.NAUSEA, S.SEIZURE)),
        watched(device()),
        watched(device(), taken(0, 11)),
    ):
        assert asked(session) == Missing("no set was taken after the first device")


# --- yes, no, and what lacks ------------------------------------------------------------------------------------------
SHOWS = {
    happenings.sedation: ("not fully awake", S.DROWSY),
    happenings.dissociation: ("dissociated", S.DISSOCIATIVE_EPISODE),
    happenings.breathing: ("a sign of it", S.APNOEA),
}


@pytest.mark.parametrize("asked", QUESTIONS)
def test_yes_says_in_how_many_sets_and_when(asked):
    what, code = SHOWS[asked]
    one = watched(device(), taken(10, 11), taken(20, 12, code), taken(30, 13))
    assert asked(one) == Value("yes", f"yes: {what} in 1 of 3 sets, at 2026-03-07T12:20:00Z", on("reading", 12))
    several = watched(device(), taken(10, 11, code), taken(20, 12, code), taken(30, 13), taken(40, 14, code))
    said = f"yes: {what} in 3 of 4 sets, from 2026-03-07T12:10:00Z to 2026-03-07T12:40:00Z"
    assert asked(several) == Value("yes", said, on("reading", 11, 12, 14))
    two = watched(device(), taken(10, 11, code), taken(20, 12, code))
    assert asked(two).words.endswith("in 2 of 2 sets, from 2026-03-07T12:10:00Z to 2026-03-07T12:20:00Z")


@pytest.mark.parametrize("asked", QUESTIONS)
def test_no_rests_on_every_set(asked):
    assert asked(watched(device(), taken(10, 11), taken(20, 12))) == Value(
        "no", "no: in none of 2 sets", on("reading", 11, 12)
    )


BLANKS = {
    happenings.sedation: (
        "the level of consciousness was not given, symptoms were not asked, or the clock was in doubt",
        ({"consciousness": None}, {"symptoms": None}, {"clock_doubtful": True}),
    ),
    happenings.dissociation: (
        "dissociation was not graded, or the clock was in doubt",
        ({"dissociation": None}, {"clock_doubtful": True}),
    ),
    happenings.breathing: (
        "symptoms were not asked, or the clock was in doubt",
        ({"symptoms": None}, {"clock_doubtful": True}),
    ),
}


@pytest.mark.parametrize(("asked", "blank"), [(asked, blank) for asked in QUESTIONS for blank in BLANKS[asked][1]])
def test_one_set_that_could_not_show_it_is_no_no(asked, blank):
    lacks = BLANKS[asked][0]
    session = watched(device(), taken(10, 11), taken(20, 12, **blank), taken(30, 13))
    assert asked(session) == Missing(f"in 1 of 3 sets {lacks}", on("reading", 12))
    # what was seen in another set is yes all the same
    seen = watched(device(), taken(10, 11, SHOWS[asked][1]), taken(20, 12, **blank))
    assert asked(seen).value == "yes"


@pytest.mark.parametrize("code", SymptomCode)
def test_each_symptom_answers_its_own_question(code):
    session = watched(device(), taken(10, 11, code))
    for asked, codes in zip(QUESTIONS, (SEDATION, DISSOCIATION, BREATHING), strict=True):
        assert asked(session).value == ("yes" if code in codes else "no")
    other = happenings.other_events(session).value
    assert [one["code"] for one in other] == ([] if code in SEDATION | DISSOCIATION | BREATHING else [code.value])
    serious = happenings.serious_events(session).value
    assert [one["code"] for one in serious] == ([code.value] if code in SERIOUS else [])


@pytest.mark.parametrize(
    ("scale", "awake", "sedated"),
    [
        (ConsciousnessScale.MOAAS, [5], [4, 3, 2, 1, 0]),
        (ConsciousnessScale.ACVPU, ["A"], ["C", "V", "P", "U"]),
        (ConsciousnessScale.RASS, [0, 1, 2, 3, 4], [-1, -2, -3, -4, -5]),
    ],
)
def test_sedated_is_below_the_best_and_restless_is_not(scale, awake, sedated):
    for score in [*awake, *sedated]:
        session = watched(device(), taken(10, 11, consciousness=Consciousness(scale, score)))
        assert happenings.sedation(session).value == ("yes" if score in sedated else "no")


def test_dissociated_is_any_grade_but_none():
    for grade in DissociationGrade:
        session = watched(device(), taken(10, 11, dissociation=Dissociation(grade)))
        assert happenings.dissociation(session).value == ("no" if grade is DissociationGrade.NONE else "yes")


# --- the lowest SpO2 --------------------------------------------------------------------------------------------------
def test_the_lowest_saturation_after_the_first_device():
    sets = (taken(-10, 10, spo2=80), taken(10, 11, spo2=97), taken(20, 12, spo2=91), taken(30, 13, spo2=95))
    found = happenings.lowest_spo2(watched(device(), *sets, taken(40, 14, spo2=None)))
    assert found == Value(91, "91 % at 2026-03-07T12:20:00Z", on("reading", 12))


def test_of_equal_saturations_the_first_is_named_and_of_one_instant_the_lower_id():
    sets = (taken(30, 11, spo2=91), taken(20, 14, spo2=91), taken(20, 13, spo2=91))
    for arrival in permutations(sets):
        assert happenings.lowest_spo2(watched(device(), *arrival)).rests_on == on("reading", 13)


def test_a_saturation_never_measured_has_no_lowest():
    for session in (watched(), watched(device()), watched(device(), taken(10, 11, spo2=None))):
        assert happenings.lowest_spo2(session) == Missing("SpO2 was not measured after the first device")


# --- events to list ---------------------------------------------------------------------------------------------------
def resolved(minute, number, code):
    return event(minute, K.SYMPTOM_RESOLVED, SymptomResolved(code), id=UUID(int=number))


def test_an_event_is_listed_with_its_onset_its_worst_and_its_end():
    session = watched(
        device(),
        taken(10, 11, (S.NAUSEA, Severity.MILD), (S.SYNCOPE, None)),
        taken(20, 12, (S.NAUSEA, Severity.SEVERE)),
        resolved(30, 31, S.NAUSEA),
    )
    nausea = {
        "code": "nausea",
        "severity": "severe",
        "onset": "2026-03-07T12:10:00Z",
        "resolved": "2026-03-07T12:30:00Z",
        "serious": False,
    }
    syncope = {
        "code": "syncope",
        "severity": None,
        "onset": "2026-03-07T12:10:00Z",
        "resolved": None,
        "serious": True,
    }
    fainted = "syncope (severity not given), first named 2026-03-07T12:10:00Z, resolution not on record"
    sick = "nausea (severe), first named 2026-03-07T12:10:00Z, resolved 2026-03-07T12:30:00Z"
    both = on("reading", 11, 12) + on("event", 31)
    assert happenings.other_events(session) == Value([nausea, syncope], f"{sick}; {fainted}", both)
    assert happenings.serious_events(session) == Value([syncope], fainted, on("reading", 11))


def test_what_ended_by_the_first_device_is_not_of_the_session():
    for minute, listed in ((-10, 0), (0, 0), (1, 1)):
        session = watched(device(), taken(minute, 11, S.NAUSEA), taken(20, 12))
        assert len(happenings.other_events(session).value) == listed
    # one that went on is, from its first mention
    session = watched(device(), taken(-10, 11, S.NAUSEA), taken(20, 12, S.NAUSEA))
    assert [one["onset"] for one in happenings.other_events(session).value] == ["2026-03-07T11:50:00Z"]


@pytest.mark.parametrize("asked", [happenings.other_events, happenings.serious_events])
def test_none_is_said_only_where_every_set_was_asked(asked):
    assert asked(watched(device(), taken(10, 11), taken(20, 12))) == Value([], "none", on("reading", 11, 12))
    for blind in (taken(20, 12, symptoms=None), doubtful(taken(20, 12))):
        session = watched(device(), taken(10, 11), blind, taken(30, 13))
        why = "in 1 of 3 sets symptoms were not asked, or the clock was in doubt"
        assert asked(session) == Missing(why, on("reading", 12))


def test_an_end_other_than_a_discharge_is_listed_first():
    sets = (taken(10, 11, S.CHEST_PAIN), taken(20, 12, S.NAUSEA))
    moved = event(40, K.TRANSFERRED, Transferred("General Hospital"), id=UUID(int=31))
    found = happenings.serious_events(watched(device(), *sets, moved, left=40, left_by=K.TRANSFERRED))
    pain = "chest pain (mild), first named 2026-03-07T12:10:00Z, resolution not on record"
    assert found.words == f"transferred to hospital to General Hospital; {pain}"
    assert [one["code"] for one in found.value] == ["transferred", "chest-pain"]
    assert found.rests_on == on("event", 31) + on("reading", 11)

    away = event(40, K.LEFT_AGAINST_ADVICE, id=UUID(int=32))
    found = happenings.serious_events(watched(device(), taken(10, 11), away, left=40, left_by=K.LEFT_AGAINST_ADVICE))
    assert found == Value([{"code": "left-against-advice"}], "left against advice", on("event", 32))


def test_an_end_is_listed_with_what_resolved_and_with_what_nobody_asked():
    moved = event(40, K.TRANSFERRED, Transferred("General Hospital"), id=UUID(int=31))
    later = event(50, K.TRANSFERRED, Transferred("nowhere"), id=UUID(int=33))
    beside = event(40, K.MEDICATION_GIVEN, MedicationGiven("midazolam"), id=UUID(int=34))
    sets = (taken(10, 11, S.CHEST_PAIN), resolved(15, 32, S.CHEST_PAIN), taken(20, 12), beside)
    found = happenings.serious_events(watched(device(), *sets, moved, later, left=40, left_by=K.TRANSFERRED))
    assert found.rests_on == on("event", 31) + on("reading", 11) + on("event", 32)
    blind = (taken(10, 11), taken(20, 12, symptoms=None))
    found = happenings.serious_events(watched(device(), *blind, moved, left=40, left_by=K.TRANSFERRED))
    assert found.words == (
        "transferred to hospital to General Hospital; in 1 of 2 sets symptoms were not asked, or the clock was in doubt"
    )


# --- treatment --------------------------------------------------------------------------------------------------------
def test_treatment_is_listed_by_instant_in_words():
    given = (
        event(20, K.MEDICATION_GIVEN, MedicationGiven("oral-ondansetron", Decimal("4.0"), "mg"), id=UUID(int=31)),
        event(20, K.OXYGEN_STARTED, OxygenStarted(Decimal("2.5")), id=UUID(int=32)),
        event(10, K.MEDICATION_GIVEN, MedicationGiven("midazolam"), id=UUID(int=33)),
        event(0, K.MEDICATION_GIVEN, MedicationGiven("labetalol", Decimal(5)), id=UUID(int=34)),
    )
    before = event(-1, K.MEDICATION_GIVEN, MedicationGiven("aspirin"), id=UUID(int=35))
    other = event(15, K.OXYGEN_STOPPED, id=UUID(int=36))
    said = [
        "labetalol 5 at 2026-03-07T12:00:00Z",
        "midazolam at 2026-03-07T12:10:00Z",
        "oral ondansetron 4.0 mg at 2026-03-07T12:20:00Z",
        "oxygen 2.5 l/min at 2026-03-07T12:20:00Z",
    ]
    for arrival in permutations(given):
        found = happenings.treatment(watched(device(), *arrival, before, other))
        assert found.words == "; ".join(said)
        assert found.value == [{"at": words.rpartition(" at ")[2], "words": words} for words in said]
        assert found.rests_on == on("event", 31, 32, 33, 34)


def test_no_treatment_is_said_and_without_a_device_nothing_is():
    assert happenings.treatment(watched(device())) == Value([], "none on record", ())
    assert happenings.treatment(watched()) == Missing("no device is on record: enter the nasal device that was given")


# --- the course and the pressures -------------------------------------------------------------------------------------
BEFORE = (taken(-20, 1001), taken(-10, 1002))
READY = (taken(100, 11), taken(115, 12))


def test_minutes_to_ready_name_the_set_that_made_it_so():
    assert course.ready_minutes(watched(device(), *BEFORE, *READY)) == Value(
        115, "115 minutes, at 2026-03-07T13:55:00Z", on("reading", 12) + on("event", 1)
    )


def test_what_is_done_at_the_instant_of_leaving_counts_too():
    for minute, ready in ((130, False), (131, True)):
        given = event(minute, K.MEDICATION_GIVEN, MedicationGiven("midazolam"))
        found = course.ready_minutes(watched(device(), *BEFORE, *READY, given))
        assert isinstance(found, Value) is ready


def test_a_session_without_anything_after_its_device_says_so():
    assert course.ready_minutes(watched(device(), *BEFORE)) == Missing(
        "the criteria were not met at leaving: nothing was measured after the first device"
    )


def test_a_device_whose_instant_is_in_doubt_times_nothing():
    session = watched(doubtful(device()), *BEFORE, *READY)
    doubt = Missing("the instant of the first device is in doubt: its tablet's clock was off", on("event", 1))
    for asked in (
        course.observed_minutes,
        course.two_hours,
        course.ready_minutes,
        pressures.before,
        pressures.at_forty_minutes,
        pressures.leaving,
    ):
        assert asked(session) == doubt


def test_the_pressure_at_forty_minutes_is_not_the_one_before_leaving_but_the_newest_other_is():
    forty = taken(40, 13)
    session = watched(device(), *BEFORE, forty, *READY)
    assert pressures.at_forty_minutes(session).rests_on == on("reading", 13)
    assert pressures.leaving(session).rests_on == on("reading", 12)
    assert pressures.leaving(session).value == {
        "systolic": 122,
        "diastolic": 78,
        "measured_at": "2026-03-07T13:55:00Z",
        "minutes_from_first_device": 115,
    }
    assert pressures.leaving(watched(device(), *BEFORE, forty, left=45)) == Missing(
        "no blood pressure was measured before leaving: the only one counts as at 40 minutes"
    )
