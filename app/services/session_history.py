"""Every revision of a session's sheets, page by page: nothing that was ever typed is out of sight."""

from typing import TypeVar
from uuid import UUID

from app.db import histories, sessions
from app.db.journal import From
from app.db.work import Work
from app.domain.documents import clearance_from, escort_from, form_answers_from, header_from, screening_from
from app.domain.facts import Escort
from app.domain.forms import FormAnswers
from app.domain.journal import SAID, Kind
from app.domain.records import Clearance, Kept, Screening, SessionHeader
from app.services.session_work import NoSuchSession

T = TypeVar("T")


def headers(work: Work, session_id: UUID, after: int | None, limit: int) -> tuple[Kept[SessionHeader], ...]:
    """Of the header, the next, oldest first; audited as read. Raises `NoSuchSession`; so does every verb below."""
    return _revisions(work, session_id, Kind.SESSION, header_from, after, limit)


def screenings(work: Work, session_id: UUID, after: int | None, limit: int) -> tuple[Kept[Screening], ...]:
    """Of the eight answers."""
    return _revisions(work, session_id, Kind.SCREENING, screening_from, after, limit)


def clearances(work: Work, session_id: UUID, after: int | None, limit: int) -> tuple[Kept[Clearance], ...]:
    """Of a clinician's clearance of this one session."""
    return _revisions(work, session_id, Kind.CLEARANCE, clearance_from, after, limit)


def escorts(work: Work, session_id: UUID, after: int | None, limit: int) -> tuple[Kept[Escort], ...]:
    """Of who takes the patient home."""
    return _revisions(work, session_id, Kind.ESCORT, escort_from, after, limit)


def form_answers(work: Work, session_id: UUID, after: int | None, limit: int) -> tuple[Kept[FormAnswers], ...]:
    """Of what was asked for the monitoring form."""
    return _revisions(work, session_id, Kind.FORM_ANSWERS, form_answers_from, after, limit)


def _revisions(
    work: Work, session_id: UUID, kind: Kind, read: From[T], after: int | None, limit: int
) -> tuple[Kept[T], ...]:
    header = sessions.find_header(work, session_id)
    if header is None:
        raise NoSuchSession
    work.audit(
        "sheet.history-read",
        subject=SAID[kind].subject,
        subject_id=session_id,
        session_id=session_id,
        patient_id=header.value.patient_id,
    )
    return histories.page(work, kind, session_id, read, after, limit)
