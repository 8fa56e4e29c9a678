"""The main job through its verbs: a flag raised, withdrawn and lapsed; the doors of a session; charted afterwards."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

import pytest

from app.db import sessions as kept_sessions
from app.db.engine import Database
from app.db.work import service_actor
from app.domain.assessment import Criterion
from app.domain.confirmations import (
    LeftBeforeSigned,
    NotSigned,
)
from app.domain.deciding.readings import NoSuchReading, OtherReading
from app.domain.deciding.sheets import Pinned
from app.domain.errors import Refusal
from app.domain.events import DoseStarted, EventKind, MedicationGiven, SymptomResolved
from app.domain.facts import Escort
from app.domain.people import RoleMayNot
from app.domain.readings import Reading
from app.domain.records import Decision, FlagChange, ScreeningOverride
from app.domain.screening import Exclusion
from app.domain.sessions import SessionClosed
from app.domain.starting import StartGate
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.vitals import Dissociation, DissociationGrade
from app.services import escort, events, readings, screening, sessions
from app.services.readiness import catch_up, replay_all
from app.services.session_work import NoSuchSession, OtherSessionActive
from tests import factories
from tests.factories import at
from tests.services.ward import Ward


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


def flags(ward: Ward, session_id, now: float):
    ward.record(session_id, now)
    kept = ward.assessments(session_id)
    return [(held.change, held.as_of) for held in kept if held.change]


def test_a_flag_rises_with_the_set_that_completes_recovery(ward: Ward):
    session_id = ward.ready()
    assert flags(ward, session_id, 103) == [(FlagChange.RAISED, at(102))]
    assert ward.assessment(session_id, 103).status == "met"


def test_a_flag_rises_at_the_instant_a_dose_clock_has_run(ward: Ward):
    session_id = ward.plan()
    ward.treat(session_id)
    ward.write(escort.put, session_id, Escort("A friend", True, at(60)), None, now=60)
    ward.reading(session_id, 84)
    ward.reading(session_id, 96)
    assert ward.assessment(session_id, 99).status == "not-met"
    assert flags(ward, session_id, 104) == [(FlagChange.RAISED, at(100))]


def test_a_lapse_is_kept_at_its_own_instant_even_if_nobody_looks(ward: Ward):
    session_id = ward.ready()
    assert flags(ward, session_id, 300) == [(FlagChange.RAISED, at(102)), (FlagChange.WITHDRAWN, at(122))]


def test_a_request_that_waited_for_its_turn_takes_nothing_back(ward: Ward):
    session_id = ward.ready()
    ward.event(session_id, 103, EventKind.MEDICATION_GIVEN, MedicationGiven("ondansetron"))
    ward.record(session_id, 118)  # its quarter of an hour has run
    assert ward.assessment(session_id, 118).outcomes["medication-settled"] == "met"
    ward.write(catch_up, session_id, now=117, who=service_actor(ward.clinic.id))
    ward.reading(session_id, 116, now=117)
    kept = ward.assessments(session_id)
    assert [held.as_of for held in kept] == sorted(held.as_of for held in kept)
    assert kept[-1].outcomes["medication-settled"] == "met"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda ward, s: ward.reading(s, 110, dissociation=Dissociation(DissociationGrade.MILD)),
        lambda ward, s: ward.reading(s, 110, spo2=None, oxygen=None, not_measured=(("spo2", "probe fault"),)),
        lambda ward, s: ward.event(s, 110, EventKind.INFUSION_RESUMED),
        lambda ward, s: ward.event(s, 110, EventKind.MEDICATION_GIVEN, MedicationGiven("midazolam")),
        # late: typed after the flag, measured between its two sets
        lambda ward, s: ward.reading(s, 95, now=110, gait_steady=False),
    ],
)
def test_a_flag_is_withdrawn_at_once(ward: Ward, spoil):
    session_id = ward.ready()
    spoil(ward, session_id)
    assert [change for change, _ in flags(ward, session_id, 110)] == [FlagChange.RAISED, FlagChange.WITHDRAWN]


def test_a_corrected_baseline_withdraws_the_flag(ward: Ward):
    session_id = ward.plan()
    ward.event(session_id, -30, EventKind.CHECKED_IN)
    first = ward.reading(session_id, -20)
    ward.reading(session_id, -10)
    ward.event(session_id, 0, EventKind.INFUSION_STARTED)
    ward.event(session_id, 40, EventKind.INFUSION_STOPPED)
    ward.recover(session_id)
    corrected = factories.reading(-20, id=first.id, systolic=80, confirmed_unlikely=frozenset(), diastolic=60)
    ward.write(readings.correct, session_id, first.id, uuid4(), corrected, "misread", now=104)
    assert [change for change, _ in flags(ward, session_id, 104)] == [FlagChange.RAISED, FlagChange.WITHDRAWN]


def test_signed_and_left(ward: Ward):
    session_id = ward.ready()
    with pytest.raises(NotSigned):
        ward.discharge(session_id, 104)
    kept, new = ward.sign(session_id, 104)
    assert new
    assert kept.value.digest in kept.value.signed_text
    assert "alert, steady" in kept.value.signed_text
    with pytest.raises(LeftBeforeSigned):
        ward.discharge(session_id, 106, left=103)
    left, new = ward.discharge(session_id, 106)
    assert new
    assert left.value.ready_at == at(102)
    assert ward.discharge(session_id, 106) == (left, False)
    with pytest.raises(SessionClosed):
        ward.reading(session_id, 107)


def test_every_kept_assessment_can_be_replayed(ward: Ward):
    session_id = ward.ready()
    ward.reading(session_id, 110, heart_rate=120)
    ward.sign(session_id, 111, Decision.DECLINE, reason="look again")
    replayed = ward.write(replay_all, session_id, now=200)
    assert len(replayed) > 8
    assert all(one.agrees for one in replayed)


def test_a_dose_waits_for_the_start_gate(ward: Ward):
    session_id = ward.plan(cleared=False)
    with pytest.raises(StartGate) as refused:
        ward.event(session_id, 0, EventKind.INFUSION_STARTED)
    assert {fault.field for fault in refused.value.errors} == {"screening", "clearance"}
    ward.write(screening.put, session_id, factories.clear_screening(pregnancy=True), None, now=0)
    ward.write(screening.clear, session_id, None, None, now=0, who=ward.clinician)
    with pytest.raises(StartGate):
        ward.event(session_id, 0, EventKind.INFUSION_STARTED)
    override = ScreeningOverride((Exclusion.PREGNANCY,), "test was wrong")
    with pytest.raises(RoleMayNot):
        ward.write(screening.override, session_id, override, now=0)
    ward.write(screening.override, session_id, override, now=0, who=ward.clinician)
    ward.event(session_id, 0, EventKind.INFUSION_STARTED)


def test_one_active_session_a_patient(ward: Ward):
    first, second = ward.plan(), ward.plan()
    ward.event(first, 0, EventKind.CHECKED_IN)
    with pytest.raises(OtherSessionActive):
        ward.event(second, 1, EventKind.CHECKED_IN)
    ward.event(first, 2, EventKind.CANCELLED)
    ward.event(second, 3, EventKind.CHECKED_IN)


def test_patient_route_and_protocol_are_pinned(ward: Ward):
    session_id = ward.plan()
    header = factories.header(ward.patient, weight_kg=Decimal(80))
    ward.write(sessions.put, session_id, header, 1)
    with pytest.raises(Pinned) as refused:
        ward.write(sessions.put, session_id, factories.header(ward.add_patient()), 2)
    assert [fault.field for fault in refused.value.errors] == ["patient_id"]


def test_an_id_of_another_session_or_clinic_is_unknown(ward: Ward, database: Database):
    session_id, other_session = ward.plan(), ward.plan(ward.add_patient())
    mine = ward.reading(session_id, 0)
    before = ward.record(session_id, 1)
    with pytest.raises(NoSuchReading):
        ward.write(readings.put, other_session, mine, now=1)
    for verb, rest in ((readings.correct, (uuid4(), mine, "no")), (readings.void, ("no",))):
        with pytest.raises(NoSuchReading):
            ward.write(verb, other_session, mine.id, *rest, now=1)
    stranger = Ward(database)
    with pytest.raises(NoSuchSession):
        stranger.write(readings.put, session_id, mine, now=1)
    with pytest.raises(NoSuchSession):
        stranger.write(readings.void, session_id, mine.id, "no", now=1)
    assert ward.record(session_id, 1) == before


def test_the_same_reading_again_is_kept_once_and_other_content_is_refused_with_both(ward: Ward):
    session_id = ward.plan()
    reading = ward.reading(session_id, 0)
    assert not ward.write(readings.put, session_id, reading, now=5).new
    with pytest.raises(OtherReading) as refused:
        ward.write(readings.put, session_id, factories.reading(0, id=reading.id, heart_rate=80), now=5)
    assert (refused.value.extra["kept"]["heart_rate"], refused.value.extra["offered"]["heart_rate"]) == (72, 80)


def story() -> list:
    """A whole session's facts with fixed ids, symptoms and medication included."""
    nausea = (Symptom(SymptomCode.NAUSEA, Severity.SEVERE),)
    return [
        factories.event(-30, EventKind.CHECKED_IN),
        factories.reading(-20),
        factories.reading(-10),
        factories.event(0, EventKind.INFUSION_STARTED, DoseStarted(Decimal(36), 40)),
        factories.reading(20, systolic=138, dissociation=Dissociation(DissociationGrade.MODERATE)),
        factories.event(25, EventKind.INFUSION_PAUSED),
        factories.event(28, EventKind.INFUSION_RESUMED),
        factories.event(40, EventKind.INFUSION_STOPPED),
        factories.reading(55, symptoms=nausea),
        factories.event(56, EventKind.MEDICATION_GIVEN, MedicationGiven("ondansetron", Decimal(4), "mg", "iv")),
        factories.event(66, EventKind.SYMPTOM_RESOLVED, SymptomResolved(SymptomCode.NAUSEA)),
        factories.reading(70),
        factories.reading(85),
    ]


def instant(fact) -> object:
    return fact.measured_at if isinstance(fact, Reading) else fact.at


@pytest.mark.parametrize("seed", range(3))
def test_charted_afterwards_shuffled_and_twice_gives_the_digest_of_charted_live(database: Database, seed: int):
    facts, session_id, chance = story(), uuid4(), Random(seed)

    def chart(order: list, *, live: bool):
        ward = Ward(database)  # another clinic, so that every id can be the same
        ward.plan(session_id=session_id)
        for fact in order:
            verb = readings.put if isinstance(fact, Reading) else events.put
            now = instant(fact) if live else at(100)
            ward.database.write_now(verb, ward.nurse, now, session_id, fact)
        ward.write(escort.put, session_id, Escort("A friend", True, at(60)), None, now=101)
        return ward.assessment(session_id, 101)

    live = chart(facts, live=True)
    mixed = [*facts, *chance.sample(facts, 5)]
    chance.shuffle(mixed)
    late = chart(mixed, live=False)
    assert late.as_of == live.as_of == at(101)
    assert late.document == live.document
    assert late.status == live.status == "met"
    assert late.digest == live.digest


def test_every_criterion_is_asked(ward: Ward):
    session_id = ward.plan()
    assert list(ward.assessment(session_id, 0).outcomes) == [criterion.value for criterion in Criterion]


def test_a_refused_write_keeps_nothing(ward: Ward):
    session_id = ward.plan()
    before = ward.record(session_id, 0)
    for wrong in ({"heart_rate": 1200}, {"diastolic": 130}, {"measured_at": at(0) + timedelta(minutes=3)}):
        with pytest.raises(Refusal):
            ward.write(readings.put, session_id, factories.reading(0, **wrong), now=0)
    assert ward.record(session_id, 0) == before


# --- whoever opens settles -------------------------------------------------------------------------------------------


def flag_changes(ward: Ward, session_id) -> list[tuple[str, object]]:
    return [(kept.change.value, kept.as_of) for kept in ward.assessments(session_id) if kept.change]


def test_a_repeat_after_an_outage_keeps_what_time_brought_once(ward: Ward):
    """B7: an early return left the line as it was, so that the next request kept the same changes again."""
    session_id = ward.ready()
    last = ward.record(session_id, 103).readings[-1].current.value
    for now in (400, 401, 402):
        assert not ward.write(readings.put, session_id, last, now=now).new
    changes = flag_changes(ward, session_id)
    assert [change for change, _ in changes] == ["raised", "withdrawn"]
    assert [at for _, at in changes] == sorted(at for _, at in changes)
    instants = [kept.as_of for kept in ward.assessments(session_id)]
    assert instants == sorted(instants)
    assert ward.write(line_of_session, session_id, now=403).next_change_at is None


def line_of_session(work, session_id):
    return kept_sessions.lock(work, session_id).line


@pytest.mark.parametrize("refused", [False, True])
def test_what_was_due_is_kept_whether_or_not_the_verb_keeps_anything(ward: Ward, refused):
    session_id = ward.ready()
    if refused:
        held = ward.record(session_id, 103).readings[-1].current.value
        with pytest.raises(OtherReading):
            ward.write(readings.put, session_id, factories.reading(102, id=held.id, heart_rate=80), now=400)
        assert [change for change, _ in flag_changes(ward, session_id)] == ["raised"], "a refusal leaves nothing behind"
    ward.write(catch_up, session_id, now=401)
    assert [change for change, _ in flag_changes(ward, session_id)] == ["raised", "withdrawn"]
