"""The journal as it is read: entries of a stream, of a fact, of a kind."""

from collections import defaultdict
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select

from app.db.tables import journal
from app.db.work import Work
from app.domain.journal import Entry, Kind
from app.domain.records import Kept, Signer

T = TypeVar("T")
From = Callable[[Mapping[str, Any]], T]
PAGE = 500
"""Rows that whoever reads a whole stream holds at once."""

_J = journal.c
_OURS = _J.clinic_id == bindparam("clinic")
_OF_FACT = (_OURS, _J.kind == bindparam("of_kind"), _J.fact_id == bindparam("fact"))
_REVISIONS = select(journal).where(*_OF_FACT).order_by(_J.revision)
_NEWEST = select(journal).where(*_OF_FACT).order_by(_J.revision.desc()).limit(1)
_LAST_REVISION = select(func.max(_J.revision)).where(*_OF_FACT)
_SEVERAL = (
    select(journal)
    .where(_OURS, _J.kind.in_(bindparam("kinds", expanding=True)), _J.fact_id.in_(bindparam("facts", expanding=True)))
    .order_by(_J.kind, _J.fact_id, _J.revision)
)
_TYPED = (Kind.SCREENING, Kind.ESCORT, Kind.EVENT, Kind.EVENT_VOID, Kind.READING, Kind.READING_VOID, Kind.DISCHARGE)
_LATE = (
    select(_J.kind, func.count().label("many"))
    .where(
        _OURS,
        _J.kind.in_([kind.value for kind in _TYPED]),
        _J.at >= bindparam("since", type_=_J.at.type),
        _J.at < bindparam("until", type_=_J.at.type),
        _J.recorded_at >= bindparam("until", type_=_J.at.type),
    )
    .group_by(_J.kind)
)
_STREAM = select(journal).where(_OURS, _J.stream == bindparam("of_stream")).order_by(_J.position)


def entry_of(row: Row[Any]) -> Entry:
    """A row as a value."""
    return Entry(
        clinic_id=row.clinic_id,
        stream=row.stream,
        position=row.position,
        id=row.id,
        kind=row.kind,
        fact_id=row.fact_id,
        revision=row.revision,
        at=row.at,
        action=row.action,
        patient_id=row.patient_id,
        text=row.document,
        by=Signer(row.by_id, row.by_name, row.by_role),
        tablet_id=row.tablet_id,
        reason=row.reason,
        sent_as=row.sent_as,
        recorded_at=row.recorded_at,
        wall_at=row.wall_at,
        hash=row.hash,
    )


def kept(entry: Entry, read: From[T]) -> Kept[T]:
    """The value an entry keeps, with who kept it, when, where and why."""
    value = read(entry.document)
    return Kept(value, entry.revision, entry.by, entry.recorded_at, entry.tablet_id, entry.reason)


def newest(work: Work, kind: Kind, fact_id: UUID | str, read: From[T]) -> Kept[T] | None:
    """The newest revision of one fact, None where there is none."""
    row = work.first(_NEWEST, of_kind=kind.value, fact=str(fact_id))
    return None if row is None else kept(entry_of(row), read)


def revisions(work: Work, kind: Kind, fact_id: UUID | str, read: From[T]) -> tuple[Kept[T], ...]:
    """Every revision of one fact, oldest first."""
    return tuple(kept(entry, read) for entry in of_fact(work, kind, fact_id))


def of_fact(work: Work, kind: Kind, fact_id: UUID | str) -> list[Entry]:
    """The entries of one fact, oldest first."""
    return [entry_of(row) for row in work.all(_REVISIONS, of_kind=kind.value, fact=str(fact_id))]


def next_revision(work: Work, kind: Kind, fact_id: UUID | str) -> int:
    """The revision that whatever is kept next of this fact has."""
    row = work.first(_LAST_REVISION, of_kind=kind.value, fact=str(fact_id))
    return (row[0] or 0) + 1 if row else 1


def newest_of(work: Work, kind: Kind, wanted: Mapping[UUID, int], read: From[T]) -> dict[UUID, Kept[T]]:
    """The named revision of each of several facts."""
    found = FactRevisions(work, wanted, [kind])
    return {
        this: held
        for this, revision in wanted.items()
        for held in found.of(this, kind, read)
        if held.revision == revision
    }


class FactRevisions:
    """Facts of several kinds and ids, every revision, in one statement."""

    def __init__(self, work: Work, facts: Iterable[UUID], kinds: Collection[Kind]) -> None:
        self._entries: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        these = sorted({str(fact) for fact in facts})
        for row in work.all(_SEVERAL, facts=these, kinds=[kind.value for kind in kinds]) if these else ():
            self._entries[row.fact_id, row.kind].append(entry_of(row))

    def of(self, fact: UUID | None, kind: Kind, read: From[T]) -> tuple[Kept[T], ...]:
        """Every revision of one of them, oldest first; none where there is nothing of this kind."""
        return tuple(kept(entry, read) for entry in self._entries.get((str(fact), kind.value), ()))


def arrived_late(work: Work, since: datetime, until: datetime) -> dict[str, int]:
    """How many typed facts of this clinic, by kind, are of between these instants and were kept after the later one."""
    return {row.kind: row.many for row in work.all(_LATE, since=since, until=until)}


def of_stream(work: Work, stream: str) -> Generator[Entry, None, None]:
    """Every entry of a stream, in order; a page of rows in memory at a time."""
    for row in work.flow(_STREAM, PAGE, of_stream=stream):
        yield entry_of(row)
