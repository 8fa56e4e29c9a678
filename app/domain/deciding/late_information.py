"""What arrives after a signature, or after the session closed, is put before the signer as a notice."""

from datetime import datetime
from uuid import uuid5

from app.domain import keeping
from app.domain.assessment import outcomes_in
from app.domain.confirmations import signature_in_force
from app.domain.deciding.signing import assessment_under, worse_than_its_signature
from app.domain.journal import Fact
from app.domain.records import Confirmation, Notice, NoticeKind, SessionRecord


def notice_where_due(
    before: SessionRecord, record: SessionRecord, arrived: str, now: datetime, *, was_closed: bool
) -> Fact | None:
    """A notice, where what `arrived` touches a signature or a closed session."""
    signed = signature_in_force(record.confirmations)
    if was_closed:
        kind, text = NoticeKind.AFTER_CLOSING, f"after the session had closed: {arrived}"
    elif signed is not None and (touched := _touched(before, record, signed.value)):
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


def _touched(before: SessionRecord, after: SessionRecord, signed: Confirmation) -> list[str]:
    """Criteria that what arrived has changed to other than was signed, or has made worse than an override let pass."""
    of = assessment_under(after, signed.digest)
    as_signed = of.outcomes if of else {}
    earlier, now = (record.assessment.findings if record.assessment else {} for record in (before, after))
    worse_before, worse = (set(worse_than_its_signature(after, signed, findings)) for findings in (earlier, now))
    was = outcomes_in(earlier)
    return [
        name
        for name, outcome in outcomes_in(now).items()
        if outcome not in (was.get(name), as_signed.get(name)) or name in worse - worse_before
    ]
