"""Confirmations: a clinician's signed decisions, as signed."""

from uuid import UUID

from sqlalchemy import bindparam, select

from app.db import sheets
from app.db.tables import confirmations
from app.db.work import Work
from app.domain.documents import confirmation_document, confirmation_from
from app.domain.records import Confirmation, Kept

_FIND = select(confirmations).where(
    confirmations.c.clinic_id == bindparam("clinic"), confirmations.c.id == bindparam("this")
)


def find(work: Work, confirmation_id: UUID) -> tuple[UUID, Kept[Confirmation]] | None:
    """(session id, confirmation) by its id, anywhere in the clinic: whether the session fits is for the caller."""
    row = work.first(_FIND, this=confirmation_id)
    return None if row is None else (row.session_id, sheets.kept(row, confirmation_from(row.document)))


def keep(work: Work, session_id: UUID, confirmation: Confirmation) -> None:
    """Keeps one. An id that the clinic knows already is refused (`AlreadyKept`)."""
    work.insert(
        confirmations,
        session_id=session_id,
        id=confirmation.id,
        decision=confirmation.decision.value,
        digest=confirmation.digest,
        **work.stamp(confirmation_document(confirmation), confirmation.reason),
    )
