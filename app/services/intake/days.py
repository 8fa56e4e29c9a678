"""Planned sessions from a day list.

Which session a row means follows from the appointment's own number, where the source gives one, else from the patient
and the clinic's day: one a day.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from app.db import patients as kept_patients
from app.db import protocols as kept_protocols
from app.db import session_records
from app.db import sessions as kept_sessions
from app.db.protocols import ProtocolRow
from app.db.work import Work
from app.domain.derive import life_in
from app.domain.names import folded, number_key
from app.domain.records import Kept, Patient, SessionHeader
from app.domain.sessions import CLOSED, SessionState
from app.exchange.intake import CountedIn, Fault, Incoming, Passed, PassedOver, Planned, Row, planned_of
from app.exchange.intake.days import DayOptions, instant_of
from app.services import sessions
from app.services.intake.chairs import taken_twice
from app.services.intake.finishing import SeenReport, finish, may_import
from app.services.intake.outcomes import IMPORTED, AcceptedRow, Report, What, against
from app.services.intake.patients import id_of

Put = tuple[UUID, SessionHeader, int | None]
History = tuple[Kept[SessionHeader], ...]
ALREADY = "a session of this patient is on that day already"


def session_id_of(clinic_id: UUID, patient_id: UUID, day: date) -> UUID:
    """The id of the patient's imported session of that day."""
    return uuid5(clinic_id, f"session:{patient_id}:{day.isoformat()}")


def appointed_id(clinic_id: UUID, appointment: str) -> UUID:
    """The id of the session that an appointment of a source becomes, on whatever day it is."""
    return uuid5(clinic_id, f"appointment:{appointment}")


def import_days(
    work: Work, incoming: Incoming, options: DayOptions, *, commit: bool, seen: SeenReport | None = None
) -> Report:
    """Decides every row, and plans them all where `commit`. Raises `ImportRefused`, then nothing is kept."""
    may_import(work)
    lines, passed = _not_to_plan(work, incoming, options)
    faults: list[Fault] = []
    offered: list[tuple[Row, Planned]] = []
    for row in incoming.rows:
        if row.against is None:
            found = planned_of(row, options)
            if isinstance(found, list):
                faults += found
            else:
                offered.append((row, found))
    faults += _twice([planned for _, planned in offered], incoming.unit)
    decided: list[tuple[AcceptedRow, UUID, SessionHeader, int | None]] = []
    protocols = kept_protocols.all_versions(work)
    for row, planned in offered:
        found_out = _Decision(work, planned, protocols, options.zone).decide()
        match found_out:
            case Fault():
                faults.append(found_out)
            case AcceptedRow():
                lines.append(replace(found_out, notes=row.notes))
            case line, (session_id, header, expected):
                line = replace(line, notes=row.notes, session=header)
                decided.append((line, session_id, header, expected))
    chairs = taken_twice(
        work, [(line.row, session_id, header) for line, session_id, header, _ in decided], incoming.unit
    )
    lines += [replace(line, notes=line.notes + chairs.get(line.row, ())) for line, *_ in decided]
    report = Report.of(lines, faults, kept=commit, passed=passed, unit=incoming.unit)
    report = finish(work, "day", report, look_alikes_seen=True, seen=seen)
    if commit:
        for line, session_id, header, expected in decided:
            if line.what in {What.NEW, What.REVISED}:
                sessions.keep(work, session_id, header, expected, reason=IMPORTED)
    return report


def _not_to_plan(work: Work, incoming: Incoming, options: DayOptions) -> tuple[list[AcceptedRow], tuple[Passed, ...]]:
    """Rows the source itself speaks against: passed over, or named one by one where they were planned here before."""
    may_be = {row.number: _sessions_of(work, row, options) for row in incoming.rows if row.against is not None}
    planned = kept_sessions.planned_among(work, sorted({one for ids in may_be.values() for one in ids}))
    lines, passed = [], PassedOver()
    for one in incoming.passed:
        passed.note(one.because, *one.rows)
    for row in incoming.rows:
        if row.against is None:
            continue
        if planned.isdisjoint(may_be[row.number]):
            passed.note(row.against, row.number)
        else:
            said = f"{row.against}, and its session is still planned here: cancel it here by hand"
            lines.append(AcceptedRow(row.number, What.LEFT, said))
    return lines, passed.all()


def _sessions_of(work: Work, row: Row, options: DayOptions) -> set[UUID]:
    """Every session that an earlier file may have planned for this row."""
    ids = {appointed_id(work.clinic_id, appointment) for appointment in row.appointments}
    number, at = row.cells.get("record_number"), instant_of(row.cells.get("time", ""), options)
    if number is not None and not isinstance(at, str):
        day = at.astimezone(options.zone).date()
        ids.add(session_id_of(work.clinic_id, id_of(work.clinic_id, number), day))
    return ids


def _twice(offered: Sequence[Planned], unit: CountedIn) -> list[Fault]:
    days, numbers = defaultdict(list), defaultdict(list)
    for planned in offered:
        days[number_key(planned.record_number), planned.day].append(planned.row)
        for appointment in planned.appointments:
            numbers[appointment].append(planned.row)
    return [
        Fault(row, column, f"stands in {unit.named(rows)} {what}")
        for column, what, found in (
            ("record_number", "of one day: plan one by hand", days),
            ("appointment", "of this file: one appointment is at one time", numbers),
        )
        for rows in found.values()
        if len(rows) > 1
        for row in rows
    ]


class _Decision:
    """What one row comes to."""

    def __init__(self, work: Work, planned: Planned, protocols: Sequence[ProtocolRow], zone: ZoneInfo) -> None:
        self._work = work
        self._planned = planned
        self._protocols = protocols
        self._zone = zone

    def decide(self) -> tuple[AcceptedRow, Put] | AcceptedRow | Fault:
        """A session to be planned, moved or left as it is; or why nothing is done; or what is wrong."""
        work, planned = self._work, self._planned
        found = self._patient()
        if isinstance(found, Fault):
            return found
        patient_id, patient = found
        header = self._header(patient_id)
        if isinstance(header, Fault):
            return header
        held = kept_sessions.headers_of(work, patient_id)
        on_day = {one: history for one, history in held.items() if self._is_on_day(history[-1].value)}
        known = {
            one: kept for key in planned.appointments if (kept := self._history(one := self._appointed(key), held))
        }
        if len(known) > 1:
            return Fault(planned.row, "appointment", "has become two sessions here: settle it by hand")
        if not known:
            by_day = session_id_of(work.clinic_id, patient_id, planned.day)
            known = {by_day: held[by_day]} if by_day in held else {}
        if not known and not planned.appointments:
            # the same day from another source, which gave its appointment a number
            brought = {one: kept for one, kept in on_day.items() if kept[0].reason == IMPORTED}
            known = brought if len(brought) == 1 else {}
        for session_id, history in known.items():
            if history[-1].value.patient_id != patient_id:
                return Fault(planned.row, "appointment", "is that of a session of another patient here")
            elsewhere = bool(on_day.keys() - {session_id})
            return self._revision(session_id, history, header, patient, elsewhere=elsewhere)
        if on_day:
            return AcceptedRow(planned.row, What.LEFT, ALREADY)
        new_id = (
            self._appointed(planned.appointments[0])
            if planned.appointments
            else session_id_of(work.clinic_id, patient_id, planned.day)
        )
        return AcceptedRow(planned.row, What.NEW, patient=patient), (new_id, header, None)

    def _appointed(self, appointment: str) -> UUID:
        return appointed_id(self._work.clinic_id, appointment)

    def _history(self, session_id: UUID, held: Mapping[UUID, History]) -> History:
        # one that is not this patient's is looked for all the same
        return held.get(session_id) or kept_sessions.header_history(self._work, session_id)

    def _is_on_day(self, header: SessionHeader) -> bool:
        """Whether it is planned for the day of the row, whoever planned it."""
        return header.planned_at is not None and header.planned_at.astimezone(self._zone).date() == self._planned.day

    def _patient(self) -> tuple[UUID, Patient] | Fault:
        planned = self._planned
        held = kept_patients.numbered(self._work, planned.record_number)
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

    def _header(self, patient_id: UUID) -> SessionHeader | Fault:
        planned = self._planned
        usable = [
            row
            for row in self._protocols
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

    def _revision(
        self, session_id: UUID, history: History, offered: SessionHeader, patient: Patient, *, elsewhere: bool
    ) -> tuple[AcceptedRow, Put] | AcceptedRow | Fault:
        """A later file moves a session that has not begun to another time and chair; all else is pinned or typed."""
        planned, current = self._planned, history[-1].value
        if offered.route is not current.route:
            return Fault(planned.row, "route", "is pinned since the session was planned: cancel it and plan another")
        if planned.protocol_id is not None and offered.protocol_id != current.protocol_id:
            return Fault(planned.row, "protocol", "is pinned since the session was planned: cancel it and plan another")
        silent = planned.chair is None
        moved = replace(current, planned_at=offered.planned_at, chair=current.chair if silent else offered.chair)
        told = [_place(kept, with_chair=not silent) for kept in history]
        found = against(told, (moved.planned_at, None if silent else moved.chair))
        put = (session_id, moved, history[-1].revision)
        if found.what is What.SAME:
            return AcceptedRow(planned.row, What.SAME, patient=patient), put
        record = session_records.load(self._work, session_id)
        state = life_in(record).state if record else SessionState.PLANNED
        if state is not SessionState.PLANNED:
            said = "is closed here" if state in CLOSED else "has begun here"
            return AcceptedRow(planned.row, What.LEFT, f"the session {said}, and stays as it is")
        if found.conflict:
            return Fault(planned.row, "time", found.because)
        if found.what is not What.REVISED:
            return AcceptedRow(planned.row, found.what, found.because)
        if elsewhere:
            return AcceptedRow(
                planned.row, What.LEFT, f"{ALREADY}, to which its planned one would move: settle it by hand"
            )
        return AcceptedRow(planned.row, What.REVISED, patient=patient), put


def _place(kept: Kept[SessionHeader], *, with_chair: bool) -> Kept[tuple[object, object]]:
    """When and where a revision planned it: a file that is silent about the chair has no say in it."""
    value = (kept.value.planned_at, kept.value.chair if with_chair else None)
    return Kept(value, kept.revision, kept.by, kept.recorded_at, kept.tablet_id, kept.reason)
