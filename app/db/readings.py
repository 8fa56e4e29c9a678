"""Readings: every revision is inserted once and never changed."""

from uuid import UUID

from sqlalchemy import bindparam, select

from app.db import sheets, voids
from app.db.tables import readings
from app.db.work import Work
from app.domain.documents import reading_document, reading_from
from app.domain.readings import Reading
from app.domain.records import Kept, ReadingHistory

_FIND = (
    select(readings)
    .where(readings.c.clinic_id == bindparam("clinic"), readings.c.id == bindparam("this"))
    .order_by(readings.c.revision)
)

_CORRECTION = select(readings).where(
    readings.c.clinic_id == bindparam("clinic"),
    readings.c.session_id == bindparam("session"),
    readings.c.id == bindparam("this"),
    readings.c.correction_id == bindparam("correction"),
)


def find(work: Work, reading_id: UUID) -> tuple[UUID, ReadingHistory] | None:
    """(session id, history) by the reading's id, anywhere in the clinic: whether the session fits is for the caller."""
    rows = work.all(_FIND, this=reading_id)
    if not rows:
        return None
    session_id: UUID = rows[0].session_id
    revisions = tuple(sheets.kept(row, reading_from(row.document), row.revision) for row in rows)
    return session_id, ReadingHistory(revisions=revisions, void=voids.find(work, session_id, "reading", reading_id))


def correction(work: Work, session_id: UUID, reading_id: UUID, correction_id: UUID) -> Kept[Reading] | None:
    """The revision of this reading that was sent under this id of a correction."""
    row = work.first(_CORRECTION, session=session_id, this=reading_id, correction=correction_id)
    return None if row is None else sheets.kept(row, reading_from(row.document), row.revision)


def keep(
    work: Work,
    session_id: UUID,
    reading: Reading,
    reason: str | None = None,
    *,
    correction_id: UUID | None = None,
) -> None:
    """Keeps the reading's revision: 1 is a new reading, a later one a correction of the one before, with its reason.

    An id and revision that the clinic knows already are refused (`AlreadyKept`), and a correction in another session
    than its reading's by the database itself.
    """
    work.insert(
        readings,
        session_id=session_id,
        id=reading.id,
        revision=reading.revision,
        corrects=reading.revision - 1 or None,
        correction_id=correction_id,
        measured_at=reading.measured_at,
        **work.stamp(reading_document(reading), reason),
    )
