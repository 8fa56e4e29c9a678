"""The after-visit sheet of a session."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import clinics
from app.db.work import Work
from app.domain.after_visit import AfterVisit, after_visit
from app.domain.records import Signer
from app.services.clinic_papers import site
from app.services.readiness import read_record


@dataclass(frozen=True, slots=True)
class AfterVisitSheet:
    """The sheet, of which session, and who asked for it when."""

    session_id: UUID
    sheet: AfterVisit
    demo: bool
    at: datetime
    by: Signer


def read(work: Work, session_id: UUID) -> AfterVisitSheet:
    """Audited as read. Raises `NoSuchSession`, `NotDischarged`, `PapersNotSettled`."""
    record = read_record(work, session_id, "after-visit.read")
    return AfterVisitSheet(
        session_id, after_visit(record, site(work)), clinics.installation(work).demo, work.now, work.signer
    )
