"""Every revision of a session's sheets: nothing that was ever typed is out of sight."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from app.db import session_records
from app.db.work import Work
from app.domain.facts import Escort
from app.domain.records import Clearance, Kept, Screening, SessionHeader, SessionRecord
from app.services.session_work import NoSuchSession

T = TypeVar("T")


def headers(work: Work, session_id: UUID) -> tuple[Kept[SessionHeader], ...]:
    """Of the header, oldest first; audited as read. Raises `NoSuchSession`; so does every verb below."""
    return _revisions(work, session_id, "session", lambda record: record.headers)


def screenings(work: Work, session_id: UUID) -> tuple[Kept[Screening], ...]:
    """Of the eight answers."""
    return _revisions(work, session_id, "screening", lambda record: record.screenings)


def clearances(work: Work, session_id: UUID) -> tuple[Kept[Clearance], ...]:
    """Of a clinician's clearance of this one session."""
    return _revisions(work, session_id, "clearance", lambda record: record.clearances)


def escorts(work: Work, session_id: UUID) -> tuple[Kept[Escort], ...]:
    """Of who takes the patient home."""
    return _revisions(work, session_id, "escort", lambda record: record.escorts)


def _revisions(
    work: Work, session_id: UUID, sheet: str, of: Callable[[SessionRecord], tuple[Kept[T], ...]]
) -> tuple[Kept[T], ...]:
    record = session_records.load(work, session_id)
    if record is None:
        raise NoSuchSession
    work.audit(
        "sheet.history-read",
        subject=sheet,
        subject_id=session_id,
        session_id=session_id,
        patient_id=record.header.value.patient_id,
    )
    return of(record)
