"""Signing, leaving, and what arrives afterwards, through their verbs."""

from uuid import uuid4

import pytest

from app.db.engine import Database
from app.domain.confirmations import (
    AlreadySigned,
    AssessmentMovedOn,
    CriteriaMet,
    CriteriaNotMet,
    EscortMissing,
    NoticeOpen,
    NotSigned,
    ReasonNeeded,
    SignatureOutdated,
)
from app.domain.deciding.signing import AlreadyAcknowledged, NoteNeeded, OtherConfirmation
from app.domain.events import Addendum, EventKind, MedicationGiven, Transferred
from app.domain.facts import Escort
from app.domain.people import Role, RoleMayNot
from app.domain.records import Decision, NoticeKind
from app.domain.sessions import SessionClosed
from app.services import escort, notices, readings
from tests import factories
from tests.factories import at
from tests.services.ward import Ward


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


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


@pytest.mark.parametrize("another_set", [True, False])
def test_a_decline_takes_an_earlier_signature_back(ward: Ward, another_set: bool):
    session_id = ward.ready()
    ward.sign(session_id, 103)
    if another_set:
        ward.reading(session_id, 110)
    ward.sign(session_id, 111, Decision.DECLINE, reason="looks pale")
    with pytest.raises(NotSigned):
        ward.discharge(session_id, 112)
    with pytest.raises(AlreadySigned):
        ward.sign(session_id, 113)


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
    assert ward.assessment(session_id, 125).outcomes["fresh"] == "not-met"
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
    kept = ward.assessments(session_id)
    assert [(held.as_of, held.change) for held in kept[-2:]] == [(at(104), None)] * 2  # judged as the patient left
    assert kept[-2].outcomes["orientated"] == "not-met"
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
    kept = ward.assessments(session_id)
    assert kept[-1].as_of == at(104)
