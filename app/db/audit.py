"""The audit as it is read: the journal and the log together, newest or oldest first."""

from collections.abc import Iterable
from datetime import datetime
from heapq import merge
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, select, tuple_

from app.db.journal import entry_of
from app.db.tables import journal, log_events
from app.db.work import Work
from app.domain.audit import LOG, AuditEvent
from app.domain.canonical import Document
from app.domain.journal import Entry, as_event


class Conditions(Protocol):
    """Which events: all conditions given must hold. `since` inclusive, `until` exclusive, by the clinic's clock."""

    @property
    def session_id(self) -> UUID | None: ...
    @property
    def patient_id(self) -> UUID | None: ...
    @property
    def actor_id(self) -> UUID | None: ...
    @property
    def action(self) -> str | None: ...
    @property
    def since(self) -> datetime | None: ...
    @property
    def until(self) -> datetime | None: ...


_J, _E = journal.c, log_events.c
_BEFORE = select(_J.kind, _J.fact_id, _J.revision, _J.document).where(
    _J.clinic_id == bindparam("clinic"),
    tuple_(_J.kind, _J.fact_id, _J.revision).in_(bindparam("these", expanding=True)),
)
_Where = list[ColumnElement[bool]]


def log_event(row: Row[Any]) -> AuditEvent:
    """A row of the log as a value."""
    return AuditEvent(stream=LOG, **{name: getattr(row, name) for name in AuditEvent.__slots__ if name != "stream"})


def _where(work: Work, table: Any, at: Any, actor: Any, conditions: Conditions) -> _Where:
    """All conditions but `until`."""
    where: _Where = [table.clinic_id == work.clinic_id]
    for column, value in (
        (table.session_id, conditions.session_id),
        (table.patient_id, conditions.patient_id),
        (actor, conditions.actor_id),
        (table.action, conditions.action),
    ):
        if value is not None:
            where.append(column == value)
    if conditions.since is not None:
        where.append(at >= conditions.since)
    return where


def _both(work: Work, conditions: Conditions) -> tuple[_Where, _Where]:
    return (
        _where(work, _J, _J.recorded_at, _J.by_id, conditions),
        _where(work, _E, _E.at, _E.actor_id, conditions),
    )


def _shown(work: Work, rows: Iterable[Row[Any]]) -> list[AuditEvent]:
    """Entries as events, each with the document of the revision before."""
    entries = [entry_of(row) for row in rows]
    wanted = [(entry.kind, entry.fact_id, entry.revision - 1) for entry in entries if entry.revision > 1]
    before: dict[tuple[str, str, int], Document] = {}
    if wanted:
        for row in work.all(_BEFORE, these=wanted):
            before[row.kind, row.fact_id, row.revision] = Entry.read(row.document)
    return [as_event(entry, before.get((entry.kind, entry.fact_id, entry.revision - 1))) for entry in entries]


def _merged(work: Work, entries: Select[Any], events: Select[Any], limit: int, *, down: bool) -> list[AuditEvent]:
    kept = _shown(work, work.all(entries.limit(limit)))
    noted = [log_event(row) for row in work.all(events.limit(limit))]
    return list(merge(kept, noted, key=lambda event: event.id, reverse=down))[:limit]


def page(work: Work, conditions: Conditions, after: UUID | None, limit: int) -> tuple[list[AuditEvent], UUID | None]:
    """Events newest first, and where to go on."""
    kept, noted = _both(work, conditions)
    if conditions.until is not None:
        kept.append(_J.recorded_at < conditions.until)
        noted.append(_E.at < conditions.until)
    if after is not None:
        kept.append(_J.id < after)
        noted.append(_E.id < after)
    entries = select(journal).where(and_(*kept)).order_by(_J.id.desc())
    events = select(log_events).where(and_(*noted)).order_by(_E.id.desc())
    found = _merged(work, entries, events, limit + 1, down=True)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def events_after(work: Work, conditions: Conditions, after: UUID | None, limit: int) -> list[AuditEvent]:
    """The next events, oldest first. `until` is inclusive here, for whoever tells the record as of an instant."""
    kept, noted = _both(work, conditions)
    if conditions.until is not None:
        kept.append(_J.recorded_at <= conditions.until)
        noted.append(_E.at <= conditions.until)
    if after is not None:
        kept.append(_J.id > after)
        noted.append(_E.id > after)
    entries = select(journal).where(and_(*kept)).order_by(_J.id)
    events = select(log_events).where(and_(*noted)).order_by(_E.id)
    return _merged(work, entries, events, limit, down=False)


def event(work: Work, event_id: UUID) -> AuditEvent | None:
    """One event."""
    row = work.first(select(log_events).where(_E.clinic_id == work.clinic_id, _E.id == event_id))
    if row is not None:
        return log_event(row)
    rows = work.all(select(journal).where(_J.clinic_id == work.clinic_id, _J.id == event_id))
    return _shown(work, rows)[0] if rows else None
