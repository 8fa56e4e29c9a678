"""The main job through its verbs: a flag raised, withdrawn, lapsed, signed, and what arrives afterwards."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

import pytest

from app.db import assessments
from app.db.engine import Database
from app.db.work import service_actor
from app.domain.assessment import Criterion
from app.domain.confirmations import (
    AlreadySigned,
    AssessmentMovedOn,
    CriteriaMet,
    CriteriaNotMet,
    EscortMissing,
    LeftBeforeSigned,
    NoticeOpen,
    NotSigned,
    ReasonNeeded,
    SignatureOutdated,
)
from app.domain.errors import Refusal
from app.domain.events import Addendum, DoseStarted, EventKind, MedicationGiven, SymptomResolved, Transferred
from app.domain.facts import Escort
from app.domain.people import Role, RoleMayNot
from app.domain.readings import Reading
from app.domain.records import Decision, FlagChange, NoticeKind, ScreeningOverride
from app.domain.screening import Exclusion, StartGate
from app.domain.sessions import SessionClosed
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.vitals import Dissociation, DissociationGrade
from app.services import escort, events, notices, readings, screening, sessions
from app.services.assessing import outcomes
from app.services.confirmations import OtherConfirmation
from app.services.events import OtherSessionActive
from app.services.notices import AlreadyAcknowledged, NoteNeeded
from app.services.readiness import catch_up, replay_all
from app.services.readings import NoSuchReading, OtherReading
from app.services.session_work import NoSuchSession
from app.services.sessions import Pinned
from tests import factories
from tests.factories import at
from tests.services.ward import Ward


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


def flags(ward: Ward, session_id, now: float):
    ward.record(session_id, now)
    kept = ward.read(assessments.all_kept, session_id)
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
    assert outcomes(ward.assessment(session_id, 118).document)["medication-settled"] == "met"
    ward.write(catch_up, session_id, now=117, who=service_actor(ward.clinic.id))
    ward.reading(session_id, 116, now=117)
    kept = ward.read(assessments.all_kept, session_id)
    assert [held.as_of for held in kept] == sorted(held.as_of for held in kept)
    assert outcomes(kept[-1].document)["medication-settled"] == "met"


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


def test_only_a_clinician_signs_and_only_what_is_there_now(ward: Ward):
    session_id = ward.ready()
    seen = ward.assessment(session_id, 103).digest
    with pytest.raises(RoleMayNot):
        ward.sign(session_id, 103, who=ward.nurse)
    with pytest.raises(CriteriaMet):
        ward.sign(session_id, 103, Decision.OVERRIDE, reason="because")
    with pytest.raises(ReasonNeeded):
        ward.sign(session_id, 103, Decision.DECLINE)
    ward.reading(session_id, 104, orientated=False)
    with pytest.raises(AssessmentMovedOn) as refused:
        ward.sign(session_id, 105, digest=seen)
    assert {"criterion": "orientated", "was": "met", "is": "not-met"} in refused.value.extra["changed"]
    with pytest.raises(CriteriaNotMet):
        ward.sign(session_id, 105)


def test_a_lapse_between_view_and_signature_is_refused(ward: Ward):
    session_id = ward.ready()
    seen = ward.assessment(session_id, 103).digest
    with pytest.raises(AssessmentMovedOn) as refused:
        ward.sign(session_id, 122, digest=seen)
    assert [change["criterion"] for change in refused.value.extra["changed"]] == ["fresh"]


def test_signing_twice(ward: Ward):
    session_id = ward.ready()
    signature = uuid4()
    kept, _ = ward.sign(session_id, 103, id=signature)
    assert ward.sign(session_id, 104, id=signature) == (kept, False)
    with pytest.raises(OtherConfirmation):
        ward.sign(session_id, 104, id=signature, own="other words")
    with pytest.raises(AlreadySigned):
        ward.sign(session_id, 104)


def test_a_decline_takes_an_earlier_signature_back(ward: Ward):
    session_id = ward.ready()
    ward.sign(session_id, 103)
    ward.reading(session_id, 110)
    ward.sign(session_id, 111, Decision.DECLINE, reason="looks pale")
    with pytest.raises(NotSigned):
        ward.discharge(session_id, 112)


def test_an_override_names_what_it_takes_responsibility_for(ward: Ward):
    session_id = ward.plan()
    ward.treat(session_id)
    ward.recover(session_id)
    ward.reading(session_id, 110, gait_steady=False)
    kept, _ = ward.sign(session_id, 111, Decision.OVERRIDE, reason="uses a wheelchair")
    assert set(kept.value.named) == {"gait-steady", "sustained"}
    assert "gait-steady" in kept.value.signed_text
    ward.reading(session_id, 112, gait_steady=False, orientated=False)
    note = next(held for held in ward.record(session_id, 112).notices)
    with pytest.raises(NoticeOpen):
        ward.discharge(session_id, 113)
    ward.write(notices.acknowledge, session_id, note.notice.id, None, now=113, who=ward.clinician)
    with pytest.raises(SignatureOutdated) as refused:
        ward.discharge(session_id, 114)
    assert refused.value.extra["criteria"] == ["orientated"]


def test_what_changes_an_outcome_after_a_signature_raises_a_notice(ward: Ward):
    session_id = ward.ready()
    ward.sign(session_id, 103)
    ward.reading(session_id, 110)  # a routine good set says nothing new
    assert ward.record(session_id, 110).notices == ()
    ward.reading(session_id, 108, now=111, systolic=175)  # late, and bad
    (held,) = ward.record(session_id, 111).notices
    assert held.notice.kind is NoticeKind.LATE_INFORMATION
    assert "sustained" in held.notice.text
    signed = ward.record(session_id, 111).confirmations[0]
    assert signed.value.decision is Decision.CONFIRM


def test_a_notice_is_acknowledged_by_the_signer_or_with_a_reason(ward: Ward):
    session_id = ward.ready()
    ward.sign(session_id, 103)
    ward.reading(session_id, 104, orientated=False)
    (held,) = ward.record(session_id, 104).notices
    other = factories.actor(ward.clinic.id, Role.CLINICIAN)
    with pytest.raises(RoleMayNot):
        ward.write(notices.acknowledge, session_id, held.notice.id, "seen", now=105)
    with pytest.raises(NoteNeeded):
        ward.write(notices.acknowledge, session_id, held.notice.id, None, now=105, who=other)
    ward.write(notices.acknowledge, session_id, held.notice.id, "signer has left", now=105, who=other)
    ward.write(notices.acknowledge, session_id, held.notice.id, "signer has left", now=106, who=other)
    with pytest.raises(AlreadyAcknowledged):
        ward.write(notices.acknowledge, session_id, held.notice.id, None, now=106, who=ward.clinician)


def test_leaving_within_the_signature_minutes_though_no_longer_fresh(ward: Ward):
    session_id = ward.ready()
    ward.sign(session_id, 103)
    assert outcomes(ward.assessment(session_id, 125).document)["fresh"] == "not-met"
    ward.discharge(session_id, 132)


def test_leaving_after_the_signature_minutes_needs_a_new_look(ward: Ward):
    session_id = ward.ready()
    ward.sign(session_id, 103)
    with pytest.raises(SignatureOutdated):
        ward.discharge(session_id, 133)


def test_a_signature_does_not_carry_over_a_further_dose(ward: Ward):
    session_id = ward.plan()
    ward.treat(session_id)
    ward.recover(session_id)
    ward.reading(session_id, 104, gait_steady=False)
    ward.sign(session_id, 105, Decision.OVERRIDE, reason="uses a wheelchair")
    ward.event(session_id, 110, EventKind.INFUSION_RESUMED)
    ward.event(session_id, 112, EventKind.INFUSION_STOPPED)
    ward.write(escort.put, session_id, Escort("A friend", True, at(113)), 1, now=113)
    ward.reading(session_id, 160)
    ward.reading(session_id, 174)
    assert ward.assessment(session_id, 175).status == "met"
    for held in ward.record(session_id, 175).notices:
        ward.write(notices.acknowledge, session_id, held.notice.id, None, now=175, who=ward.clinician)
    with pytest.raises(SignatureOutdated):
        ward.discharge(session_id, 175)
    ward.sign(session_id, 176)
    ward.discharge(session_id, 177)


def test_no_discharge_without_an_escort_who_is_here(ward: Ward):
    session_id = ward.ready()
    ward.write(escort.put, session_id, Escort("A friend", False, None), 1, now=103)
    ward.sign(session_id, 104, Decision.OVERRIDE, reason="lives next door")
    with pytest.raises(EscortMissing):
        ward.discharge(session_id, 105)


def test_an_escort_seen_again_needs_if_match_and_means_now(ward: Ward):
    session_id = ward.plan()
    kept, new = ward.write(escort.put, session_id, Escort("A friend", True, None), None, now=5)
    assert (new, kept.value.present_at) == (True, at(5))
    again, new = ward.write(escort.put, session_id, Escort("A friend", True, None), None, now=9)
    assert (new, again.value.present_at, again.revision) == (False, at(5), 1)
    seen, new = ward.write(escort.put, session_id, Escort("A friend", True, None), 1, now=12)
    assert (new, seen.value.present_at, seen.revision) == (False, at(12), 2)


def test_after_closing_only_addenda_corrections_and_voids_and_each_raises_a_notice(ward: Ward):
    session_id = ward.ready()
    ward.sign(session_id, 103)
    ward.discharge(session_id, 104)
    late = factories.reading(103, systolic=170)
    ward.event(session_id, 110, EventKind.ADDENDUM, Addendum("found on paper", late))
    reading_id = ward.record(session_id, 110).readings[-1].current.value.id
    bad = factories.reading(102, id=reading_id, orientated=False)
    ward.write(readings.correct, session_id, reading_id, uuid4(), bad, "wrong column", now=120)
    ward.write(readings.void, session_id, reading_id, "other patient", now=130)
    record = ward.record(session_id, 140)
    assert [held.notice.kind for held in record.notices] == [NoticeKind.AFTER_CLOSING] * 3
    kept = ward.read(assessments.all_kept, session_id)
    assert [(held.as_of, held.change) for held in kept[-2:]] == [(at(104), None)] * 2  # judged as the patient left
    assert outcomes(kept[-2].document)["orientated"] == "not-met"
    with pytest.raises(SessionClosed):
        ward.event(session_id, 111, EventKind.MEDICATION_GIVEN, MedicationGiven("ondansetron"))


def test_what_comes_after_a_transfer_is_judged_as_of_the_transfer(ward: Ward):
    """Not as of a cancelling, which a session with a dose keeps and does not follow."""
    session_id = ward.ready()
    ward.event(session_id, -5, EventKind.CANCELLED, now=103)
    ward.event(session_id, 104, EventKind.TRANSFERRED, Transferred("hospital"))
    last = ward.record(session_id, 110).readings[-1].current.value
    bad = factories.reading(102, id=last.id, orientated=False)
    ward.write(readings.correct, session_id, last.id, uuid4(), bad, "wrong column", now=120)
    kept = ward.read(assessments.all_kept, session_id)
    assert kept[-1].as_of == at(104)


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
    _, _, new = ward.write(readings.put, session_id, reading, now=5)
    assert not new
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
    assert list(outcomes(ward.assessment(session_id, 0).document)) == [criterion.value for criterion in Criterion]


def test_a_refused_write_keeps_nothing(ward: Ward):
    session_id = ward.plan()
    before = ward.record(session_id, 0)
    for wrong in ({"heart_rate": 1200}, {"diastolic": 130}, {"measured_at": at(0) + timedelta(minutes=3)}):
        with pytest.raises(Refusal):
            ward.write(readings.put, session_id, factories.reading(0, **wrong), now=0)
    assert ward.record(session_id, 0) == before
