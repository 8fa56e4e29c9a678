"""A clinician signs: confirm, decline or override the very assessment that was on screen."""

from datetime import datetime
from functools import partial
from uuid import UUID

from app.db.work import Work
from app.domain.deciding import signing as deciding
from app.domain.deciding.signing import NoSuchConfirmation
from app.domain.people import Act, check_may
from app.domain.records import Confirmation, Decision, Kept
from app.domain.signatures import SignatureProof
from app.services.session_work import carry_out


def sign(
    work: Work,
    session_id: UUID,
    confirmation_id: UUID,
    decision: Decision,
    digest: str,
    own_assessment: str,
    reason: str | None,
    had_left_at: datetime | None = None,
    examined_by: str | None = None,
    *,
    proof: SignatureProof,
) -> tuple[Kept[Confirmation], bool]:
    """Keeps the signed decision and returns it, and whether it is new. The caller has taken the `proof`.

    Under the session's row lock the rules have been caught up to this instant, so that the latest kept assessment is
    what holds now; any other digest is refused with what changed.
    """
    check_may(work.actor, Act.SIGN)
    decide = partial(
        deciding.sign,
        confirmation_id=confirmation_id,
        decision=decision,
        digest=digest,
        own_assessment=own_assessment,
        reason=reason,
        had_left_at=had_left_at,
        examined_by=examined_by,
        proof=proof,
    )
    done = carry_out(work, session_id, decide, NoSuchConfirmation)
    return next(held for held in done.record.confirmations if held.value.id == confirmation_id), done.new
