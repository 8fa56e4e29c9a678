"""Sessions with their whole histories, many at a time: a few statements for each batch, in the order of their ids."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Table,
    bindparam,
    literal_column,
    or_,
    select,
    union,
)

from app.db import assessments as kept_assessments
from app.db import courses, patients, session_sheets, sheets, voids
from app.db.tables import (
    assessments,
    audit_events,
    confirmations,
    discharges,
    events,
    notice_acknowledgements,
    notices,
    readings,
    sessions,
)
from app.db.tables import voids as voids_table
from app.db.work import Work
from app.domain.documents import (
    clearance_from,
    confirmation_from,
    course_from,
    discharge_from,
    escort_from,
    event_from,
    header_from,
    notice_from,
    override_from,
    patient_from,
    reading_from,
    screening_from,
)
from app.domain.histories import SessionHistory
from app.domain.records import (
    EventHistory,
    KeptAssessment,
    NoticeHistory,
    ReadingHistory,
    SessionRecord,
)

T = TypeVar("T")


class Part(StrEnum):
    """What of a session is loaded, besides its header, patient, course and events."""

    READINGS = "readings"
    SHEETS = "sheets"
    """Screening with its overrides, clearances, escort."""
    ASSESSMENTS = "assessments"
    ENDING = "ending"
    """Confirmations, notices, discharge."""


WHOLE = frozenset(Part)


@dataclass(frozen=True, slots=True)
class Which:
    """Which sessions: all conditions given must hold.

    `changed`: by the audit, some part of it arrived in this span (from, to; each inclusive, None open). `measured`:
    a reading, an event (in force or not) or an arrival lies in this span; with `or_open`, or the session is not closed.
    """

    ids: Collection[UUID] | None = None
    patients: Collection[UUID] | None = None
    changed: tuple[datetime | None, datetime | None] | None = None
    measured: tuple[datetime | None, datetime | None] | None = None
    or_open: bool = False


_S = sessions.c
_CHANGE = audit_events.c.stream != literal_column("'clinic'")


def _within(column: ColumnElement[Any], span: tuple[datetime | None, datetime | None]) -> list[ColumnElement[bool]]:
    first, last = span
    found: list[ColumnElement[bool]] = []
    if first is not None:
        found.append(column >= first)
    if last is not None:
        found.append(column <= last)
    return found


def _of(table: Table, clinic_id: UUID, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(table.c.session_id).where(table.c.clinic_id == clinic_id, *conditions)


def _conditions(work: Work, which: Which) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_S.clinic_id == work.clinic_id]
    if which.ids is not None:
        found.append(_S.id.in_(list(which.ids)))
    if which.patients is not None:
        found.append(_S.patient_id.in_(list(which.patients)))
    if which.changed is not None:
        changed = _within(audit_events.c.at, which.changed)
        found.append(_S.id.in_(_of(audit_events, work.clinic_id, _CHANGE, *changed)))
    if which.measured is not None:
        measured = _of(readings, work.clinic_id, *_within(readings.c.measured_at, which.measured))
        given = _of(events, work.clinic_id, *_within(events.c.at, which.measured))
        kept = _of(audit_events, work.clinic_id, _CHANGE, *_within(audit_events.c.at, which.measured))
        near = _S.id.in_(union(measured, given, kept))
        found.append(or_(near, _S.listing != "closed") if which.or_open else near)
    return found


def page(work: Work, which: Which, after: UUID | None, limit: int) -> list[UUID]:
    """The ids of the next `limit` sessions after this one, in order."""
    where = _conditions(work, which)
    if after is not None:
        where.append(_S.id > after)
    return [row.id for row in work.all(select(_S.id).where(*where).order_by(_S.id).limit(limit))]


def _session_of(work: Work, table: Table, fact_id: UUID) -> UUID | None:
    row = work.first(_of(table, work.clinic_id, table.c.id == fact_id))
    return None if row is None else row.session_id


def of_reading(work: Work, reading_id: UUID) -> UUID | None:
    """The session of a reading."""
    return _session_of(work, readings, reading_id)


def of_event(work: Work, event_id: UUID) -> UUID | None:
    """The session of an event."""
    return _session_of(work, events, event_id)


def of_confirmation(work: Work, confirmation_id: UUID) -> UUID | None:
    """The session of a confirmation."""
    return _session_of(work, confirmations, confirmation_id)


def of_notice(work: Work, notice_id: UUID) -> UUID | None:
    """The session of a notice."""
    return _session_of(work, notices, notice_id)


# --- loading ---------------------------------------------------------------------------------------------------------

_ROWS = (
    select(_S.id, _S.patient_id, _S.course_id)
    .where(_S.clinic_id == bindparam("clinic"), _S.id.in_(bindparam("these", expanding=True)))
    .order_by(_S.id)
)


def _facts(table: Table, *columns: ColumnElement[Any]) -> Select[Any]:
    where = (table.c.clinic_id == bindparam("clinic"), table.c.session_id.in_(bindparam("these", expanding=True)))
    return select(table).where(*where).order_by(table.c.session_id, *columns)


_READINGS = _facts(readings, readings.c.id, readings.c.revision)
_EVENTS = _facts(events, events.c.recorded_at, events.c.id)
VOIDS = _facts(voids_table, voids_table.c.fact_id)
_ASSESSMENTS = _facts(assessments, assessments.c.number)
_CONFIRMATIONS = _facts(confirmations, confirmations.c.recorded_at, confirmations.c.id)
_NOTICES = _facts(notices, notices.c.recorded_at, notices.c.id)
_ANSWERS = _facts(notice_acknowledgements, notice_acknowledgements.c.notice_id)
_DISCHARGES = _facts(discharges)

_ALWAYS = (session_sheets.HEADER, patients.KIND, courses.KIND)
_MORE = (
    session_sheets.SCREENING,
    session_sheets.OVERRIDE,
    session_sheets.CLEARANCE,
    session_sheets.ESCORT,
    courses.CLEARANCE,
)

Rows = Sequence[Row[Any]]


class _Batch:
    """The rows of several sessions, by what they hang off."""

    def __init__(self, work: Work, these: Sequence[UUID], parts: Collection[Part]) -> None:
        self._work, self._these = work, list(these)
        self.rows = work.all(_ROWS, these=self._these)
        subjects = {row.id for row in self.rows} | {row.patient_id for row in self.rows}
        subjects |= {row.course_id for row in self.rows if row.course_id is not None}
        self.sheets = sheets.Histories(work, subjects, [*_ALWAYS, *(_MORE if Part.SHEETS in parts else ())])
        self.events = self._by_session(_EVENTS)
        self.voids: dict[tuple[str, UUID], Row[Any]] = {
            (row.kind, row.fact_id): row for rows in self._by_session(VOIDS).values() for row in rows
        }
        self.readings = self._by_session(_READINGS, when=Part.READINGS in parts)
        self.assessments = self._by_session(_ASSESSMENTS, when=Part.ASSESSMENTS in parts)
        ending = Part.ENDING in parts
        self.confirmations = self._by_session(_CONFIRMATIONS, when=ending)
        self.notices = self._by_session(_NOTICES, when=ending)
        self.answers = self._by_session(_ANSWERS, when=ending)
        self.discharges = self._by_session(_DISCHARGES, when=ending)

    def _by_session(self, statement: Select[Any], *, when: bool = True) -> dict[UUID, list[Row[Any]]]:
        found: dict[UUID, list[Row[Any]]] = defaultdict(list)
        for row in self._work.all(statement, these=self._these) if when and self._these else ():
            found[row.session_id].append(row)
        return found


def _readings(rows: Iterable[Row[Any]], batch: _Batch) -> tuple[ReadingHistory, ...]:
    revisions: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        revisions[row.id].append(row)
    found = []
    for reading_id, group in revisions.items():
        void = batch.voids.get(("reading", reading_id))
        kept = tuple(sheets.kept(row, reading_from(row.document), row.revision) for row in group)
        found.append(ReadingHistory(kept, None if void is None else voids.kept_void(void)))
    return tuple(found)


def _events(rows: Iterable[Row[Any]], batch: _Batch) -> tuple[EventHistory, ...]:
    found = []
    for row in rows:
        void = batch.voids.get(("event", row.id))
        kept = sheets.kept(row, event_from(row.document))
        found.append(EventHistory(kept, None if void is None else voids.kept_void(void)))
    return tuple(found)


def _notices(rows: Iterable[Row[Any]], answers: Iterable[Row[Any]]) -> tuple[NoticeHistory, ...]:
    answered = {row.notice_id: row for row in answers}
    found = []
    for row in rows:
        answer = answered.get(row.id)
        acknowledged = None if answer is None else sheets.kept(answer, answer.document["note"])
        found.append(NoticeHistory(notice_from(row.document), acknowledged))
    return tuple(found)


def _last(kept: Sequence[T]) -> T | None:
    return kept[-1] if kept else None


def _history(row: Row[Any], batch: _Batch) -> SessionHistory:
    this: UUID = row.id
    headers = batch.sheets.of(this, session_sheets.HEADER, header_from)
    people = batch.sheets.of(row.patient_id, patients.KIND, patient_from)
    course = batch.sheets.of(row.course_id, courses.KIND, course_from)
    screenings = batch.sheets.of(this, session_sheets.SCREENING, screening_from)
    clearances = batch.sheets.of(this, session_sheets.CLEARANCE, clearance_from)
    course_clearances = batch.sheets.of(row.course_id, courses.CLEARANCE, clearance_from)
    escorts = batch.sheets.of(this, session_sheets.ESCORT, escort_from)
    assessed: tuple[KeptAssessment, ...] = tuple(kept_assessments.kept(found) for found in batch.assessments[this])
    left = [sheets.kept(found, discharge_from(found.document)) for found in batch.discharges[this]]
    record = SessionRecord(
        id=this,
        header=headers[-1],
        patient=people[-1],
        course=_last(course),
        screening=_last(screenings),
        overrides=batch.sheets.of(this, session_sheets.OVERRIDE, override_from),
        clearance=_last(clearances),
        course_clearance=_last(course_clearances),
        events=_events(batch.events[this], batch),
        readings=_readings(batch.readings[this], batch),
        escort=_last(escorts),
        tablets=(),
        assessment=_last(assessed),
        confirmations=tuple(
            sheets.kept(found, confirmation_from(found.document)) for found in batch.confirmations[this]
        ),
        notices=_notices(batch.notices[this], batch.answers[this]),
        discharge=_last(left),
    )
    return SessionHistory(record, headers, people, course, screenings, clearances, course_clearances, escorts, assessed)


def load(work: Work, these: Sequence[UUID], parts: Collection[Part] = WHOLE) -> list[SessionHistory]:
    """These sessions in the order of their ids; whom the clinic does not have is left out."""
    batch = _Batch(work, these, parts)
    return [_history(row, batch) for row in batch.rows]
