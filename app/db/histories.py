"""The revisions of one fact, page by page: what a look touches is the page, however many were kept."""

from uuid import UUID

from sqlalchemy import bindparam, select

from app.db.journal import From, T, entry_of, kept
from app.db.tables import journal
from app.db.work import Work
from app.domain.journal import Kind
from app.domain.records import Kept

_J = journal.c
_AFTER = (
    select(journal)
    .where(
        _J.clinic_id == bindparam("clinic"),
        _J.kind == bindparam("of_kind"),
        _J.fact_id == bindparam("fact"),
        _J.revision > bindparam("place"),
    )
    .order_by(_J.revision)
    .limit(bindparam("most"))
)


def page(
    work: Work, kind: Kind, fact_id: UUID | str, read: From[T], after: int | None, limit: int
) -> tuple[Kept[T], ...]:
    """The next revisions behind the one of this number, oldest first; from the first one where there is none."""
    rows = work.all(_AFTER, of_kind=kind.value, fact=str(fact_id), place=after or 0, most=limit)
    return tuple(kept(entry_of(row), read) for row in rows)
