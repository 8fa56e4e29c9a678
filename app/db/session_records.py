"""One session with everything that hangs off it, in three statements."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Table, bindparam, cast, null, select, union_all

from app.db import assessments, courses, patients, session_sheets, sheets, tablets, voids
from app.db.columns import Id, Sorted, Whole
from app.db.tables import (
    confirmations,
    discharges,
    events,
    notice_acknowledgements,
    notices,
    readings,
    sessions,
)
from app.db.tables import sheets as sheets_table
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
from app.domain.facts import Facts
from app.domain.records import EventHistory, Kept, KeptAssessment, NoticeHistory, ReadingHistory, SessionRecord

Rows = dict[str, list[Row[Any]]]

_KEPT = ("document", "recorded_at", "by_id", "by_name", "by_role", "tablet_id", "reason")


def _part(
    name: str, table: Table, fact: ColumnElement[Any] | None = None, revision: ColumnElement[Any] | None = None
) -> Select[Any]:
    """The rows of one table in the form that all share, marked with where they come from."""
    return select(
        cast(name, Sorted).label("source"),
        (cast(null(), Id) if fact is None else fact).label("fact_id"),
        (cast(1, Whole) if revision is None else revision).label("revision"),
        *(table.c[column] for column in _KEPT),
    ).where(table.c.clinic_id == bindparam("clinic", type_=Id))


def _of_session(part: Select[Any], table: Table) -> Select[Any]:
    return part.where(table.c.session_id == bindparam("session", type_=Id))


_EVENTS = _of_session(_part("event", events, events.c.id), events)
_READINGS = _of_session(_part("reading", readings, readings.c.id, readings.c.revision), readings)
_VOIDS = _of_session(_part("void", voids_table, voids_table.c.fact_id), voids_table).with_only_columns(
    ("void-" + voids_table.c.kind).label("source"),
    voids_table.c.fact_id,
    cast(1, Whole).label("revision"),
    *(voids_table.c[column] for column in _KEPT),
)
_SHEETS = (
    select(
        sheets_table.c.kind.label("source"),
        cast(null(), Id).label("fact_id"),
        sheets_table.c.revision,
        *(sheets_table.c[column] for column in _KEPT),
    )
    .where(sheets_table.c.clinic_id == bindparam("clinic", type_=Id))
    .where(sheets_table.c.subject.in_(bindparam("subjects", expanding=True)))
)
_WHOLE = union_all(
    _SHEETS,
    _EVENTS,
    _READINGS,
    _VOIDS,
    _of_session(_part("confirmation", confirmations, confirmations.c.id), confirmations),
    _of_session(_part("notice", notices, notices.c.id), notices),
    _of_session(
        _part("acknowledgement", notice_acknowledgements, notice_acknowledgements.c.notice_id),
        notice_acknowledgements,
    ),
    _of_session(_part("discharge", discharges), discharges),
)
_FACTS = union_all(
    _SHEETS.where(sheets_table.c.kind == session_sheets.ESCORT),
    _EVENTS,
    _READINGS,
    _VOIDS,
)
_SUBJECTS = select(sessions.c.patient_id, sessions.c.course_id, sessions.c.next_change_at).where(
    sessions.c.clinic_id == bindparam("clinic"), sessions.c.id == bindparam("this")
)


def _grouped(rows: Any) -> Rows:
    """By source, in order of revision, then arrival, then id: the same order on both engines."""
    found: Rows = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.revision, row.recorded_at, str(row.fact_id))):
        found[row.source].append(row)
    return found


def _newest(rows: Rows, source: str, read: sheets.From[Any]) -> Any:
    if not rows[source]:
        return None
    row = rows[source][-1]
    return sheets.kept(row, read(row.document), row.revision)


def _events(rows: Rows) -> tuple[EventHistory, ...]:
    void = {row.fact_id: voids.kept_void(row) for row in rows["void-event"]}
    return tuple(
        EventHistory(event=sheets.kept(row, event_from(row.document)), void=void.get(row.fact_id))
        for row in rows["event"]
    )


def _readings(rows: Rows) -> tuple[ReadingHistory, ...]:
    void = {row.fact_id: voids.kept_void(row) for row in rows["void-reading"]}
    revisions: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows["reading"]:
        revisions[row.fact_id].append(row)
    return tuple(
        ReadingHistory(
            revisions=tuple(sheets.kept(row, reading_from(row.document), row.revision) for row in group),
            void=void.get(reading_id),
        )
        for reading_id, group in revisions.items()
    )


def _notices(rows: Rows) -> tuple[NoticeHistory, ...]:
    answers: dict[UUID, Kept[str | None]] = {
        row.fact_id: sheets.kept(row, row.document["note"]) for row in rows["acknowledgement"]
    }
    return tuple(
        NoticeHistory(notice=notice_from(row.document), acknowledged=answers.get(row.fact_id)) for row in rows["notice"]
    )


def _latest(work: Work, session_id: UUID, next_change_at: datetime | None) -> KeptAssessment | None:
    """The last one kept. What changes next is the session's word: a fact may have moved it without a new assessment."""
    latest = assessments.latest(work, session_id)
    return replace(latest, next_change_at=next_change_at) if latest else None


def load(work: Work, session_id: UUID) -> SessionRecord | None:
    """The whole session; None where the clinic has none of this id."""
    found = work.first(_SUBJECTS, this=session_id)
    if found is None:
        return None
    subjects = [str(session_id), str(found.patient_id)]
    if found.course_id is not None:
        subjects.append(str(found.course_id))
    rows = _grouped(work.all(_WHOLE, session=session_id, subjects=subjects))
    return SessionRecord(
        id=session_id,
        header=_newest(rows, session_sheets.HEADER, header_from),
        patient=_newest(rows, patients.KIND, patient_from),
        course=_newest(rows, courses.KIND, course_from),
        screening=_newest(rows, session_sheets.SCREENING, screening_from),
        overrides=tuple(
            sheets.kept(row, override_from(row.document), row.revision) for row in rows[session_sheets.OVERRIDE]
        ),
        clearance=_newest(rows, session_sheets.CLEARANCE, clearance_from),
        course_clearance=_newest(rows, courses.CLEARANCE, clearance_from),
        events=_events(rows),
        readings=_readings(rows),
        escort=_newest(rows, session_sheets.ESCORT, escort_from),
        tablets=tablets.of_session(work, session_id),
        assessment=_latest(work, session_id, found.next_change_at),
        confirmations=tuple(sheets.kept(row, confirmation_from(row.document)) for row in rows["confirmation"]),
        notices=_notices(rows),
        discharge=_newest(rows, "discharge", discharge_from),
    )


def load_facts(work: Work, session_id: UUID) -> Facts:
    """What the rules are given, in one statement; empty where the clinic has no such session."""
    rows = _grouped(work.all(_FACTS, session=session_id, subjects=[str(session_id)]))
    escort = _newest(rows, session_sheets.ESCORT, escort_from)
    return Facts(
        session_id=session_id,
        events=tuple(history.event.value for history in _events(rows) if history.void is None),
        readings=tuple(history.current.value for history in _readings(rows) if history.void is None),
        escort=escort.value if escort else None,
        tablets=(),
    )
