"""Sheets: every revision of a thing, inserted and never changed. The nouns say which thing, and what it means."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, bindparam, select

from app.db.tables import sheets
from app.db.work import Work
from app.domain.canonical import Document
from app.domain.records import Kept, Signer

T = TypeVar("T")
From = Callable[[Mapping[str, Any]], T]

_OF = (sheets.c.clinic_id == bindparam("clinic"), sheets.c.subject == bindparam("subject"))
_HISTORY = select(sheets).where(*_OF, sheets.c.kind == bindparam("kind")).order_by(sheets.c.revision)
_CURRENT = select(sheets).where(*_OF, sheets.c.kind == bindparam("kind")).order_by(sheets.c.revision.desc()).limit(1)

_OF_SEVERAL = (sheets.c.clinic_id == bindparam("clinic"), sheets.c.subject.in_(bindparam("subjects", expanding=True)))
_NEWEST = select(sheets).where(*_OF_SEVERAL, sheets.c.kind == bindparam("kind"))
_HISTORIES = (
    select(sheets)
    .where(*_OF_SEVERAL, sheets.c.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(sheets.c.subject, sheets.c.kind, sheets.c.revision)
)


def signer_of(row: Row[Any]) -> Signer:
    """Who typed a kept row."""
    return Signer(staff_id=row.by_id, name=row.by_name, role=row.by_role)


def kept(row: Row[Any], value: T, revision: int = 1) -> Kept[T]:
    """A value with what its row says of it."""
    return Kept(
        value=value,
        revision=revision,
        by=signer_of(row),
        recorded_at=row.recorded_at,
        tablet_id=row.tablet_id,
        reason=row.reason,
    )


def keep_sheet(
    work: Work, subject: UUID | str, kind: str, revision: int, document: Document, reason: str | None = None
) -> None:
    """Adds a revision. A revision that is kept already is refused (`AlreadyKept`)."""
    work.insert(sheets, subject=str(subject), kind=kind, revision=revision, **work.stamp(document, reason))


def current(work: Work, subject: UUID | str, kind: str, read: From[T]) -> Kept[T] | None:
    """The newest revision, None where there is none."""
    row = work.first(_CURRENT, subject=str(subject), kind=kind)
    return None if row is None else kept(row, read(row.document), row.revision)


def history(work: Work, subject: UUID | str, kind: str, read: From[T]) -> tuple[Kept[T], ...]:
    """Every revision, oldest first."""
    rows = work.all(_HISTORY, subject=str(subject), kind=kind)
    return tuple(kept(row, read(row.document), row.revision) for row in rows)


def newest_of(work: Work, kind: str, revisions: Mapping[UUID, int], read: From[T]) -> dict[UUID, Kept[T]]:
    """The named revision of each of several subjects."""
    subjects = {str(subject): subject for subject in revisions}
    rows = work.all(_NEWEST, kind=kind, subjects=list(subjects))
    return {
        subjects[row.subject]: kept(row, read(row.document), row.revision)
        for row in rows
        if revisions[subjects[row.subject]] == row.revision
    }


class Histories:
    """The sheets of several kinds of several subjects, every revision, in one statement."""

    def __init__(self, work: Work, subjects: Iterable[UUID], kinds: Collection[str]) -> None:
        self._rows: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
        these = sorted({str(subject) for subject in subjects})
        for row in work.all(_HISTORIES, subjects=these, kinds=list(kinds)) if these else ():
            self._rows[row.subject, row.kind].append(row)

    def of(self, subject: UUID | None, kind: str, read: From[T]) -> tuple[Kept[T], ...]:
        """Every revision of one of them, oldest first; none where there is no such sheet."""
        rows = self._rows.get((str(subject), kind), ())
        return tuple(kept(row, read(row.document), row.revision) for row in rows)
