"""A clinician signs, a notice is acknowledged, the patient leaves."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.domain import keeping
from app.domain.assessment import Criterion, Outcome, outcomes_in
from app.domain.canonical import Document
from app.domain.confirmations import (
    AssessmentMovedOn,
    ExaminedByNeeded,
    LeavingDiffers,
    check_decision,
    check_leaving,
    open_criteria,
    signature_in_force,
    signed_text,
)
from app.domain.deciding import SAME_AGAIN, Standing, ToKeep
from app.domain.derive import derive
from app.domain.documents import confirmation_document, discharge_document
from app.domain.errors import Conflict, FieldError, Invalid, NotFound
from app.domain.instants import to_text, to_text_or_none
from app.domain.overrides import holds_until, worse_than_signed
from app.domain.records import Confirmation, Decision, Discharge, KeptAssessment, SessionRecord
from app.domain.sentences import because_of
from app.domain.sessions import Door
from app.domain.signatures import SignatureProof
from app.domain.typed import check_not_future


class NoSuchConfirmation(NotFound):
    """There is no confirmation under this id in this session."""

    code = "no-such-confirmation"


class OtherConfirmation(Conflict):
    """This id holds another decision already."""

    code = "same-id-other-content"


class NoSuchNotice(NotFound):
    """There is no notice under this id in this session."""

    code = "no-such-notice"


class AlreadyAcknowledged(Conflict):
    """This notice has been acknowledged."""

    code = "already-acknowledged"


class NoteNeeded(Invalid):
    """You are not the one who signed: say in `note` why you acknowledge this in their place."""

    code = "note-needed"


class AlreadyDischarged(Conflict):
    """This patient has been discharged already; add what is missing as an addendum."""

    code = "already-discharged"


def sign(
    session: Standing,
    confirmation_id: UUID,
    decision: Decision,
    digest: str,
    own_assessment: str,
    reason: str | None,
    had_left_at: datetime | None = None,
    examined_by: str | None = None,
    *,
    proof: SignatureProof,
) -> ToKeep:
    """A signed decision over the digest of the latest kept assessment; any other is refused with what changed.

    `had_left_at`: the leaving the signer was shown, where the session is charted afterwards; `examined_by`: who had
    examined the patient before it.
    """
    record = session.record
    repeat = next((held for held in record.confirmations if held.value.id == confirmation_id), None)
    if repeat is not None:
        offered = {
            "decision": decision.value,
            "digest": digest,
            "own_assessment": own_assessment,
            "reason": reason,
            "had_left_at": to_text_or_none(had_left_at),
            "examined_by": examined_by,
        }
        signed = confirmation_document(repeat.value)
        if repeat.by.staff_id == session.by.staff_id and {name: signed[name] for name in offered} == offered:
            return SAME_AGAIN
        raise OtherConfirmation(kept=signed, offered={"id": str(confirmation_id), **offered})
    session.check(Door.CONFIRMATION)
    _check_afterwards(session, decision, had_left_at, examined_by)
    latest = _latest_that_still_holds(session, digest)
    findings = _with_tablets_of_now(session, latest.findings)
    named = open_criteria(outcomes_in(findings))
    check_decision(decision, reason, latest, record.confirmations, named)
    value = Confirmation(
        id=confirmation_id,
        decision=decision,
        digest=digest,
        own_assessment=own_assessment,
        reason=reason,
        named=named if decision is Decision.OVERRIDE else (),
        signed_text=signed_text(
            decision=decision,
            signer=session.by,
            at=session.now,
            digest=digest,
            seen={name: because_of(findings[name]) for name in named},
            own=own_assessment,
            reason=reason,
            had_left_at=had_left_at,
            examined_by=examined_by,
            until=None if had_left_at else holds_until(session.now, session.protocol.signature_minutes),
        ),
        signed_at=session.now,
        had_left_at=had_left_at,
        examined_by=examined_by,
        proof=proof,
    )
    return ToKeep((keeping.confirmation(value),))


def _check_afterwards(
    session: Standing, decision: Decision, had_left_at: datetime | None, examined_by: str | None
) -> None:
    """Whoever signs afterwards knows that they do, and says who had examined the patient; nobody else says either."""
    _check_leaving_is(session, "had_left_at", had_left_at)
    if had_left_at is None and examined_by is not None:
        raise LeavingDiffers(
            errors=[FieldError("examined_by", "only where the patient had left before this signature")]
        )
    if had_left_at is not None and examined_by is None and decision is not Decision.DECLINE:
        raise ExaminedByNeeded(errors=[FieldError("examined_by", "say who examined the patient before they left")])


def _check_leaving_is(session: Standing, field: str, offered: datetime | None) -> None:
    held = session.had_left_at
    if offered != held:
        said = f"the session says {to_text(held)}" if held else "nothing that the session says of a leaving holds"
        raise LeavingDiffers(errors=[FieldError(field, said)], had_left_at=to_text_or_none(held))


def _with_tablets_of_now(session: Standing, findings: Mapping[str, Document]) -> Mapping[str, Document]:
    """The findings; where they are of a leaving, with what lies on a tablet now: it may be a set of this session."""
    name = Criterion.TABLETS_IN_STEP.value
    if session.had_left_at is None or findings[name]["outcome"] != Outcome.MET.value:
        return findings
    return {**findings, name: derive(session.record, session.protocol, session.now).findings[name]}


def _latest_that_still_holds(session: Standing, digest: str) -> KeptAssessment:
    latest = session.record.assessment
    if latest is None:
        raise AssessmentMovedOn
    now = session.look().outcomes
    if latest.digest == digest and latest.outcomes == now:
        return latest
    shown = assessment_under(session.record, digest)
    seen = shown.outcomes if shown else {}
    changed = [
        {"criterion": name, "was": seen.get(name, Outcome.UNKNOWN.value), "is": outcome}
        for name, outcome in now.items()
        if seen.get(name) != outcome
    ]
    raise AssessmentMovedOn(changed=changed, digest=latest.digest)


def assessment_under(record: SessionRecord, digest: str) -> KeptAssessment | None:
    """The newest kept assessment with this digest."""
    return next((kept for kept in reversed(record.assessments) if kept.digest == digest), None)


def worse_than_its_signature(record: SessionRecord, signed: Confirmation, now: Mapping[str, Document]) -> list[str]:
    """The criteria a signature names whose finding is worse in `now` than in the assessment it is of."""
    signed_for = assessment_under(record, signed.digest)
    return worse_than_signed(signed.named, signed_for.findings if signed_for else {}, now)


def acknowledge(session: Standing, notice_id: UUID, note: str | None) -> ToKeep:
    """A notice was looked at: by its signer, or by another clinician who says why."""
    history = next((held for held in session.record.notices if held.notice.id == notice_id), None)
    if history is None:
        raise NoSuchNotice
    if (seen := history.acknowledged) is not None:
        if seen.by.staff_id == session.by.staff_id and seen.value == note:
            return SAME_AGAIN
        raise AlreadyAcknowledged(f"{seen.by.name} has acknowledged this notice already")
    session.check(Door.ACKNOWLEDGEMENT)
    if history.notice.signer_id not in (None, session.by.staff_id) and not note:
        raise NoteNeeded(errors=[FieldError("note", "say why you acknowledge it in the signer's place")])
    return ToKeep((keeping.acknowledgement(notice_id, note),))


def leave(session: Standing, left_at: datetime, *, instructions_given: bool, note: str | None) -> ToKeep:
    """The patient leaves. It rests on a signature that still holds, and on an escort who is here."""
    record = session.record
    if (held := record.discharge) is not None:
        if (held.value.left_at, held.value.instructions_given, held.value.note) == (left_at, instructions_given, note):
            return SAME_AGAIN
        raise AlreadyDischarged(kept=discharge_document(held.value))
    session.check(Door.DISCHARGE)
    check_not_future("left_at", left_at, session.asked_at)
    gone = session.had_left_at
    if gone is not None:
        _check_leaving_is(session, "left_at", left_at)
    found = session.look()
    findings = _with_tablets_of_now(session, found.findings)
    in_force = signature_in_force(record.confirmations)
    signed = check_leaving(
        signed=in_force,
        outcomes=outcomes_in(findings),
        worse=worse_than_its_signature(record, in_force.value, findings) if in_force else (),
        notices=record.notices,
        escort_present=record.escort is not None and record.escort.value.present,
        left_at=left_at,
        now=gone or session.now,
        signature_minutes=session.protocol.signature_minutes,
        dose_ended_at=found.dose.ended.at if found.dose and found.dose.ended else None,
        had_left_at=gone,
    )
    ready_at = record.assessment.raised_at if record.assessment else None
    value = Discharge(left_at, instructions_given, note, ready_at, signed.value.had_left_at is not None)
    return ToKeep((keeping.discharge(session.id, value),))
