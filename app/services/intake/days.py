"""Planned sessions from a day list. A session's id follows from the patient and the clinic's day: one a day."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from app.db import patients as kept_patients
from app.db import protocols as kept_protocols
from app.db import session_records
from app.db import sessions as kept_sessions
from app.db.work import Work
from app.domain.names import folded, number_key
from app.domain.records import Kept, Patient, SessionHeader
from app.domain.sessions import CLOSED, SessionState
from app.exchange.intake import Fault, Planned, Row, planned_of
from app.exchange.intake.days import DayOptions
from app.services import sessions
from app.services.intake.outcomes import IMPORTED, Line, Report, What, against, finish, may_import
from app.services.session_work import session_life

Put = tuple[UUID, SessionHeader, int | None]
IMPORTED_FIELDS = ("planned_at", "chair")
"""What a later file may change of a session that has not begun; the rest is pinned or typed here."""


def session_id_of(work: Work, patient_id: UUID, planned: Planned) -> UUID:
    """The id of the patient's imported session of that day."""
    return uuid5(work.clinic_id, f"session:{patient_id}:{planned.day.isoformat()}")


def import_days(work: Work, rows: Sequence[Row], options: DayOptions, *, commit: bool) -> Report:
    """Decides every row, and plans them all where `commit`. Raises `ImportRefused`, then nothing is kept."""
    may_import(work)
    lines, faults = [], []
    offered: list[Planned] = []
    for row in rows:
        if row.left_out is not None:
            lines.append(Line(row.number, What.LEFT, row.left_out))
            continue
        found = planned_of(row, options)
        if isinstance(found, list):
            faults += found
        else:
            offered.append(found)
    faults += _twice(offered)
    puts: list[tuple[int, Put]] = []
    for planned in offered:
        decided = _decide(work, planned, options.zone)
        if isinstance(decided, Fault):
            faults.append(decided)
            continue
        line, put = decided
        lines.append(line)
        if put is not None:
            puts.append((planned.row, put))
    report = Report.of(lines, faults, kept=commit)
    finish(work, "day", report, look_alikes_seen=True)
    if commit:
        for _, (session_id, header, expected) in puts:
            sessions.put(work, session_id, header, expected, reason=IMPORTED)
    return report


def _twice(offered: Sequence[Planned]) -> list[Fault]:
    rows = defaultdict(list)
    for planned in offered:
        rows[number_key(planned.record_number), planned.day].append(planned.row)
    return [
        Fault(number, "record_number", f"stands in rows {', '.join(map(str, numbers))} of one day: plan one by hand")
        for numbers in rows.values()
        if len(numbers) > 1
        for number in numbers
    ]


def _decide(work: Work, planned: Planned, zone: ZoneInfo) -> tuple[Line, Put | None] | Fault:
    found = _patient(work, planned)
    if isinstance(found, Fault):
        return found
    patient_id, _ = found
    header = _header(work, planned, patient_id)
    if isinstance(header, Fault):
        return header
    session_id = session_id_of(work, patient_id, planned)
    history = kept_sessions.header_history(work, session_id)
    if history:
        return _revision(work, planned, session_id, history, header)
    if _planned_by_hand(work, planned, patient_id, zone):
        return Line(planned.row, What.LEFT, "a session of this patient is on that day already"), None
    return Line(planned.row, What.NEW), (session_id, header, None)


def _patient(work: Work, planned: Planned) -> tuple[UUID, Patient] | Fault:
    held = kept_patients.numbered(work, planned.record_number)
    if len(held) != 1:
        said = "no patient has this number: import the patients first" if not held else "several patients have it"
        return Fault(planned.row, "record_number", said)
    patient_id, kept = held[0]
    # of a patient with one name, that name, whichever it was kept as
    family = kept.value.family_name or kept.value.given_name
    if planned.family_name is not None and folded(planned.family_name) != folded(family):
        return Fault(planned.row, "family_name", "is not the name of the patient of this number")
    if planned.birth_date is not None and planned.birth_date != kept.value.birth_date:
        return Fault(planned.row, "birth_date", "is not the birth date of the patient of this number")
    return patient_id, kept.value


def _header(work: Work, planned: Planned, patient_id: UUID) -> SessionHeader | Fault:
    usable = [
        row
        for row in kept_protocols.all_versions(work)
        if row.approvals
        and row.document["route"] == planned.route.value
        and planned.protocol_id in {None, row.protocol_id}
        and planned.protocol_version in {None, row.version}
    ]
    if len({row.protocol_id for row in usable}) != 1:
        said = "several approved protocols fit: name one" if usable else "no approved protocol of this route fits"
        return Fault(planned.row, "protocol", said)
    newest = max(usable, key=lambda row: row.version)
    return SessionHeader(
        patient_id=patient_id,
        route=planned.route,
        protocol_id=newest.protocol_id,
        protocol_version=newest.version,
        chair=planned.chair,
        planned_at=planned.at,
    )


def _planned_by_hand(work: Work, planned: Planned, patient_id: UUID, zone: ZoneInfo) -> bool:
    for session_id in kept_sessions.sessions_of(work, patient_id):
        header = kept_sessions.find_header(work, session_id)
        at = header.value.planned_at if header else None
        if at is not None and at.astimezone(zone).date() == planned.day:
            return True
    return False


def _revision(
    work: Work, planned: Planned, session_id: UUID, history: Sequence[Kept[SessionHeader]], offered: SessionHeader
) -> tuple[Line, Put | None] | Fault:
    current = history[-1].value
    if offered.route is not current.route:
        return Fault(planned.row, "route", "is pinned since the session was planned: cancel it and plan another")
    named = planned.protocol_id is not None
    if named and offered.protocol_id != current.protocol_id:
        return Fault(planned.row, "protocol", "is pinned since the session was planned: cancel it and plan another")
    # what was typed here besides (weight, course) stays, and a protocol pinned then stays pinned
    moved = replace(current, **{name: getattr(offered, name) for name in IMPORTED_FIELDS})
    found = against([_imported_fields(kept) for kept in history], (moved.planned_at, moved.chair))
    if found.what is What.SAME:
        return Line(planned.row, What.SAME), None
    record = session_records.load(work, session_id)
    state = session_life(record).state if record else SessionState.PLANNED
    if state is not SessionState.PLANNED:
        said = "is closed here" if state in CLOSED else "has begun here"
        return Line(planned.row, What.LEFT, f"the session {said}, and stays as it is"), None
    if found.conflict:
        return Fault(planned.row, "time", found.because)
    put = (session_id, moved, history[-1].revision) if found.what is What.REVISED else None
    return Line(planned.row, found.what, found.because), put


def _imported_fields(kept: Kept[SessionHeader]) -> Kept[tuple[object, object]]:
    value = (kept.value.planned_at, kept.value.chair)
    return Kept(value, kept.revision, kept.by, kept.recorded_at, kept.tablet_id, kept.reason)
