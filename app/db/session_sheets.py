"""The sheets of one session: header, screening with its overrides, clearance, escort."""

from uuid import UUID

from app.db import sheets
from app.db.work import Work
from app.domain.documents import (
    clearance_document,
    clearance_from,
    escort_document,
    escort_from,
    override_document,
    override_from,
    screening_document,
    screening_from,
)
from app.domain.facts import Escort
from app.domain.records import Clearance, Kept, Screening, ScreeningOverride

HEADER = "session"
SCREENING = "screening"
OVERRIDE = "override"
CLEARANCE = "clearance"
ESCORT = "escort"


def screening(work: Work, session_id: UUID) -> Kept[Screening] | None:
    """The newest revision."""
    return sheets.current(work, session_id, SCREENING, screening_from)


def screenings(work: Work, session_id: UUID) -> tuple[Kept[Screening], ...]:
    """Every revision, oldest first."""
    return sheets.history(work, session_id, SCREENING, screening_from)


def keep_screening(work: Work, session_id: UUID, value: Screening, revision: int, reason: str | None = None) -> None:
    """Adds a revision."""
    sheets.keep_sheet(work, session_id, SCREENING, revision, screening_document(value), reason)


def overrides(work: Work, session_id: UUID) -> tuple[Kept[ScreeningOverride], ...]:
    """Every signed override, oldest first; each stands beside the others."""
    return sheets.history(work, session_id, OVERRIDE, override_from)


def keep_override(work: Work, session_id: UUID, value: ScreeningOverride, revision: int) -> None:
    """Adds one more; `revision` counts them from 1."""
    sheets.keep_sheet(work, session_id, OVERRIDE, revision, override_document(value), value.reason)


def clearance(work: Work, session_id: UUID) -> Kept[Clearance] | None:
    """A clinician's newest word on this one session."""
    return sheets.current(work, session_id, CLEARANCE, clearance_from)


def clearances(work: Work, session_id: UUID) -> tuple[Kept[Clearance], ...]:
    """Every revision, oldest first."""
    return sheets.history(work, session_id, CLEARANCE, clearance_from)


def keep_clearance(work: Work, session_id: UUID, value: Clearance, revision: int, reason: str | None = None) -> None:
    """Adds a revision."""
    sheets.keep_sheet(work, session_id, CLEARANCE, revision, clearance_document(value), reason)


def escort(work: Work, session_id: UUID) -> Kept[Escort] | None:
    """The newest revision."""
    return sheets.current(work, session_id, ESCORT, escort_from)


def escorts(work: Work, session_id: UUID) -> tuple[Kept[Escort], ...]:
    """Every revision, oldest first."""
    return sheets.history(work, session_id, ESCORT, escort_from)


def keep_escort(work: Work, session_id: UUID, value: Escort, revision: int, reason: str | None = None) -> None:
    """Adds a revision."""
    sheets.keep_sheet(work, session_id, ESCORT, revision, escort_document(value), reason)
