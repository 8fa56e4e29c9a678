"""A session for older record systems. Reading it for them is audited, and so is what came of sending."""

from uuid import UUID

from app.db import clinics, session_records
from app.db.work import Work
from app.domain.people import Act, check_may
from app.exchange.hl7 import Message, message
from app.services.readiness import read_record


def oru(work: Work, session_id: UUID) -> Message:
    """The session as a message. Raises `NoSuchSession`, or `ChangesDue`."""
    check_may(work.actor, Act.EXPORT_RECORD)
    record = read_record(work, session_id, "session.exported")
    clinic = clinics.get(work)
    assert clinic is not None
    return message(record, clinic, work.now, demo=clinics.installation(work).demo)


def record_sending(work: Work, session_id: UUID, control_id: str, to: str, outcome: str) -> None:
    """What the receiver said, or why it is not known."""
    check_may(work.actor, Act.EXPORT_RECORD)
    [whose] = session_records.whose(work, [session_id])
    work.audit(
        "session.sent",
        subject="session",
        subject_id=session_id,
        session_id=session_id,
        patient_id=whose.patient_id,
        after={"control_id": control_id, "to": to, "outcome": outcome},
    )
