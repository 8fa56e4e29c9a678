"""A clinician signs: confirm, decline or override the very assessment that was on screen."""

from uuid import UUID

from app.db import confirmations
from app.db.work import Work
from app.domain.assessment import Outcome
from app.domain.confirmations import AssessmentMovedOn, check_decision, open_criteria, signed_text
from app.domain.documents import confirmation_document
from app.domain.errors import Conflict, NotFound
from app.domain.people import Act, check_may
from app.domain.readiness import assess
from app.domain.records import Confirmation, Decision, Kept, KeptAssessment
from app.domain.sessions import Door
from app.services import assessing
from app.services.session_work import OpenSession, keep_as_is, kept_now, open_session


class NoSuchConfirmation(NotFound):
    """There is no confirmation under this id in this session."""

    code = "no-such-confirmation"


class OtherConfirmation(Conflict):
    """This id holds another decision already."""

    code = "same-id-other-content"


def sign(
    work: Work,
    session_id: UUID,
    confirmation_id: UUID,
    decision: Decision,
    digest: str,
    own_assessment: str,
    reason: str | None,
) -> tuple[Kept[Confirmation], bool]:
    """Keeps the signed decision and returns it, and whether it is new. The caller has checked the password.

    Under the session's row lock the rules have been caught up to this instant, so that the latest kept assessment is
    what holds now; any other digest is refused with what changed.
    """
    check_may(work.actor, Act.SIGN)
    session = open_session(work, session_id)
    if (repeat := _held(work, session_id, confirmation_id)) is not None:
        offered = {"decision": decision.value, "digest": digest, "own_assessment": own_assessment, "reason": reason}
        signed = confirmation_document(repeat.value)
        if repeat.by.staff_id == work.actor.staff_id and {name: signed[name] for name in offered} == offered:
            return repeat, False
        raise OtherConfirmation(kept=signed, offered={"id": str(confirmation_id), **offered})
    session.check(Door.CONFIRMATION)
    latest = _latest_that_still_holds(work, session, digest)
    check_decision(decision, reason, latest, session.record.confirmations)
    named = open_criteria(assessing.outcomes(latest.document))
    value = Confirmation(
        id=confirmation_id,
        decision=decision,
        digest=digest,
        own_assessment=own_assessment,
        reason=reason,
        named=named if decision is Decision.OVERRIDE else (),
        signed_text=signed_text(
            decision=decision,
            signer=work.signer,
            at=session.now,
            digest=digest,
            named=named,
            own=own_assessment,
            reason=reason,
        ),
        signed_at=session.now,
    )
    confirmations.keep(work, session_id, value)
    kept = kept_now(work, value)
    work.audit(
        f"discharge.{PAST[decision]}",
        subject="confirmation",
        subject_id=confirmation_id,
        session_id=session_id,
        after={"digest": digest, "decision": decision.value, "named": list(value.named)},
        reason=reason,
    )
    keep_as_is(work, session, confirmations=(*session.record.confirmations, kept))
    return kept, True


def _held(work: Work, session_id: UUID, confirmation_id: UUID) -> Kept[Confirmation] | None:
    """The decision under this id; an id that lives in another session is treated as unknown there, and refused here."""
    found = confirmations.find(work, confirmation_id)
    if found is None:
        return None
    where, held = found
    if where != session_id:
        raise NoSuchConfirmation
    return held


PAST = {Decision.CONFIRM: "confirmed", Decision.DECLINE: "declined", Decision.OVERRIDE: "overridden"}


def _latest_that_still_holds(work: Work, session: OpenSession, digest: str) -> KeptAssessment:
    latest = session.record.assessment
    again = assess(session.record.facts(), session.protocol, session.now)
    if latest is None:
        raise AssessmentMovedOn
    now = {finding.criterion.value: finding.outcome.value for finding in again.findings}
    if latest.digest == digest and assessing.outcomes(latest.document) == now:
        return latest
    seen = assessing.outcomes_under(work, session.id, digest)
    changed = [
        {"criterion": name, "was": seen.get(name, Outcome.UNKNOWN.value), "is": outcome}
        for name, outcome in now.items()
        if seen.get(name) != outcome
    ]
    raise AssessmentMovedOn(changed=changed, digest=latest.digest)
