"""Discharges: the patient left."""

from uuid import UUID

from sqlalchemy import bindparam, select

from app.db import sheets
from app.db.tables import discharges
from app.db.work import Work
from app.domain.documents import discharge_document, discharge_from
from app.domain.records import Discharge, Kept

_FIND = select(discharges).where(
    discharges.c.clinic_id == bindparam("clinic"), discharges.c.session_id == bindparam("session")
)


def find(work: Work, session_id: UUID) -> Kept[Discharge] | None:
    """The session's discharge."""
    row = work.first(_FIND, session=session_id)
    return None if row is None else sheets.kept(row, discharge_from(row.document))


def keep(work: Work, session_id: UUID, discharge: Discharge) -> None:
    """Keeps it, once; a second is refused (`AlreadyKept`)."""
    work.insert(discharges, session_id=session_id, **work.stamp(discharge_document(discharge)))
