"""The audit as it is read: the journal and the log together, newest or oldest first."""

from collections.abc import Collection, Iterable
from datetime import datetime
from heapq import merge
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, select, tuple_

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


def page(
    work: Work, conditions: Conditions, after: UUID | None, limit: int, actions: Collection[str] | None = None
) -> tuple[list[AuditEvent], UUID | None]:
    """Events newest first, and where to go on. `actions`: of these alone."""
    kept, noted = _both(work, conditions)
    if conditions.until is not None:
        kept.append(_J.recorded_at < conditions.until)
        noted.append(_E.at < conditions.until)
    if after is not None:
        kept.append(_J.id < after)
        noted.append(_E.id < after)
    rows: list[tuple[bool, Row[Any]]] = []
    for entries_of, events_of in _by_action(conditions, actions):
        entries = select(journal).where(*kept, *entries_of).order_by(_J.id.desc()).limit(limit + 1)
        events = select(log_events).where(*noted, *events_of).order_by(_E.id.desc()).limit(limit + 1)
        rows += [(True, row) for row in work.all(entries)] + [(False, row) for row in work.all(events)]
    newest = sorted(rows, key=lambda one: one[1].id, reverse=True)[: limit + 1]
    shown = [
        *_shown(work, [row for is_entry, row in newest if is_entry]),
        *(log_event(row) for is_entry, row in newest if not is_entry),
    ]
    found = sorted(shown, key=lambda event: event.id, reverse=True)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _by_action(conditions: Conditions, actions: Collection[str] | None) -> Iterable[tuple[_Where, _Where]]:
    """What else to ask of journal and log, in as many questions as it takes to find what is rare at once."""
    if actions is None:
        return [([], [])]
    if conditions.patient_id is not None or conditions.session_id is not None:
        # there are few of one patient: those are gone through
        return [([_J.action.in_(sorted(actions))], [_E.action.in_(sorted(actions))])]
    # each action has its own place in the index, and is in order there
    return [([_J.action == action], [_E.action == action]) for action in sorted(actions)]


def events_after(work: Work, conditions: Conditions, after: UUID | None, limit: int) -> list[AuditEvent]:
    """The next events, oldest first. `until` is inclusive here, for whoever tells the record as of an instant."""
    kept, noted = _both(work, conditions)
    if conditions.until is not None:
        kept.append(_J.recorded_at <= conditions.until)
        noted.append(_E.at <= conditions.until)
    if after is not None:
        kept.append(_J.id > after)
        noted.append(_E.id > after)
    entries = _shown(work, work.all(select(journal).where(*kept).order_by(_J.id).limit(limit)))
    events = map(log_event, work.all(select(log_events).where(*noted).order_by(_E.id).limit(limit)))
    return list(merge(entries, events, key=lambda event: event.id))[:limit]


def event(work: Work, event_id: UUID) -> AuditEvent | None:
    """One event."""
    row = work.first(select(log_events).where(_E.clinic_id == work.clinic_id, _E.id == event_id))
    if row is not None:
        return log_event(row)
    rows = work.all(select(journal).where(_J.clinic_id == work.clinic_id, _J.id == event_id))
    return _shown(work, rows)[0] if rows else None
