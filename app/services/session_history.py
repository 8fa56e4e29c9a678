"""Every revision of a session's sheets: nothing that was ever typed is out of sight."""

from collections.abc import Callable
from uuid import UUID

from app.db import session_sheets, sessions
from app.db.work import Work
from app.domain.facts import Escort
from app.domain.records import Clearance, Kept, Screening, SessionHeader
from app.services.session_work import NoSuchSession, T


def headers(work: Work, session_id: UUID) -> tuple[Kept[SessionHeader], ...]:
    """Of the header, oldest first; audited as read. Raises `NoSuchSession`; so does every verb below."""
    return _revisions(work, session_id, "session", sessions.header_history)


def screenings(work: Work, session_id: UUID) -> tuple[Kept[Screening], ...]:
    """Of the eight answers."""
    return _revisions(work, session_id, "screening", session_sheets.screenings)


def clearances(work: Work, session_id: UUID) -> tuple[Kept[Clearance], ...]:
    """Of a clinician's clearance of this one session."""
    return _revisions(work, session_id, "clearance", session_sheets.clearances)


def escorts(work: Work, session_id: UUID) -> tuple[Kept[Escort], ...]:
    """Of who takes the patient home."""
    return _revisions(work, session_id, "escort", session_sheets.escorts)


def _revisions(
    work: Work, session_id: UUID, sheet: str, fetch: Callable[[Work, UUID], tuple[Kept[T], ...]]
) -> tuple[Kept[T], ...]:
    header = sessions.find_header(work, session_id)
    if header is None:
        raise NoSuchSession
    work.audit(
        "sheet.history-read",
        subject=sheet,
        subject_id=session_id,
        session_id=session_id,
        patient_id=header.value.patient_id,
    )
    return fetch(work, session_id)
