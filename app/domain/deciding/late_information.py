"""What arrives after a signature, or after the session closed, is put before the signer as a notice."""

from datetime import datetime
from uuid import uuid5

from app.domain import keeping
from app.domain.confirmations import signature_in_force
from app.domain.deciding.signing import outcomes_under
from app.domain.journal import Fact
from app.domain.records import Notice, NoticeKind, SessionRecord


def notice_where_due(
    before: SessionRecord, record: SessionRecord, arrived: str, now: datetime, *, was_closed: bool
) -> Fact | None:
    """A notice, where what `arrived` touches a signature or a closed session."""
    signed = signature_in_force(record.confirmations)
    if was_closed:
        kind, text = NoticeKind.AFTER_CLOSING, f"after the session had closed: {arrived}"
    elif signed is not None and (touched := _touched(before, record, signed.value.digest)):
        kind, text = NoticeKind.LATE_INFORMATION, f"after the signature: {arrived}; this changed {', '.join(touched)}"
    else:
        return None
    return keeping.notice(
        Notice(
            id=uuid5(record.id, f"notice {len(record.notices) + 1}"),
            kind=kind,
            text=text,
            raised_at=now,
            signer_id=signed.by.staff_id if signed else None,
            confirmation_id=signed.value.id if signed else None,
            digest=record.assessment.digest if record.assessment else None,
        )
    )


def _touched(before: SessionRecord, after: SessionRecord, signed_digest: str) -> list[str]:
    """Criteria whose outcome what arrived has changed, and that now differ from what was signed."""
    signed = outcomes_under(after, signed_digest)
    earlier = before.assessment.outcomes if before.assessment else {}
    now = after.assessment.outcomes if after.assessment else {}
    return [name for name, outcome in now.items() if outcome not in (earlier.get(name), signed.get(name))]
