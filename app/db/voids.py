"""Voids: a fact entered in error stays visible and counts for nothing."""

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, bindparam, select

from app.db import sheets
from app.db.tables import voids
from app.db.work import Work
from app.domain.documents import void_document, void_from
from app.domain.records import Kept, Void

VoidOf = Literal["reading", "event"]

_FIND = select(voids).where(
    voids.c.clinic_id == bindparam("clinic"),
    voids.c.session_id == bindparam("session"),
    voids.c.kind == bindparam("kind"),
    voids.c.fact_id == bindparam("fact"),
)


def kept_void(row: Row[Any]) -> Kept[Void]:
    """A void with who said it and when."""
    return sheets.kept(row, void_from(row.document))


def find(work: Work, session_id: UUID, kind: VoidOf, fact_id: UUID) -> Kept[Void] | None:
    """The void of one fact, None where it is in force."""
    row = work.first(_FIND, session=session_id, kind=kind, fact=fact_id)
    return None if row is None else kept_void(row)


def keep(work: Work, session_id: UUID, kind: VoidOf, void: Void) -> None:
    """Voids a reading (all its revisions) or an event. A second void of one fact is refused (`AlreadyKept`)."""
    work.insert(
        voids,
        session_id=session_id,
        kind=kind,
        fact_id=void.fact_id,
        **work.stamp(void_document(void), void.reason),
    )
