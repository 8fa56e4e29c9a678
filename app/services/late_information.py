"""What arrives after a signature, or after the session closed, is put before the signer as a notice."""

from dataclasses import replace
from uuid import uuid5

from app.db import notices as kept_notices
from app.db.work import Work
from app.domain.confirmations import signature_in_force
from app.domain.records import Notice, NoticeHistory, NoticeKind, SessionRecord
from app.services import assessing


def raise_where_due(
    work: Work, before: SessionRecord, record: SessionRecord, arrived: str, *, was_closed: bool
) -> SessionRecord:
    """The record with a notice more where what `arrived` touches a signature or a closed session."""
    signed = signature_in_force(record.confirmations)
    if was_closed:
        kind, text = NoticeKind.AFTER_CLOSING, f"after the session had closed: {arrived}"
    elif signed is not None and (touched := _touched(work, before, record, signed.value.digest)):
        kind, text = NoticeKind.LATE_INFORMATION, f"after the signature: {arrived}; this changed {', '.join(touched)}"
    else:
        return record
    notice = Notice(
        id=uuid5(record.id, f"notice {len(record.notices) + 1}"),
        kind=kind,
        text=text,
        raised_at=work.now,
        signer_id=signed.by.staff_id if signed else None,
        confirmation_id=signed.value.id if signed else None,
        digest=record.assessment.digest if record.assessment else None,
    )
    kept_notices.keep(work, record.id, notice)
    work.audit(
        "notice.raised", subject="notice", subject_id=notice.id, session_id=record.id, after={"kind": kind.value}
    )
    return replace(record, notices=(*record.notices, NoticeHistory(notice)))


def _touched(work: Work, before: SessionRecord, after: SessionRecord, signed_digest: str) -> list[str]:
    """Criteria whose outcome what arrived has changed, and that now differ from what was signed."""
    signed = assessing.outcomes_under(work, after.id, signed_digest)
    earlier = assessing.outcomes(before.assessment.document) if before.assessment else {}
    now = assessing.outcomes(after.assessment.document) if after.assessment else {}
    return [name for name, outcome in now.items() if outcome not in (earlier.get(name), signed.get(name))]
