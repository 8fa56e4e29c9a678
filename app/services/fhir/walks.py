"""Where resources come from: a few ordered walks through units, each unit told as resources of one or more types.

A unit is what is read at once: a session with everything that hangs off it, a patient, a course, ... Walks are read
in the order of their units' ids, from any place on: by searches a page at a time, by exports to the end.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from app.db import audit, clinics, search, session_records, sheet_histories
from app.db.work import Work
from app.domain.audit import AuditEvent
from app.domain.people import Staff
from app.domain.records import Clearance, Course, Kept, Patient, SessionRecord
from app.exchange import fhir
from app.exchange.fhir import Resource
from app.exchange.groups import clinic_group, course_group
from app.services.fhir.selection import Selection

Types = Collection[str]
Told = Callable[[Types], Iterator[Resource]]


@dataclass(frozen=True, slots=True)
class Unit:
    """What one key of a walk holds. `newest` tells each resource as it is, `versions` every version, oldest first."""

    key: str
    newest: Told
    versions: Told


@dataclass(frozen=True, slots=True)
class Walk:
    """One ordered way through the record.

    `after(work, selection, types, key, limit)`: the next units, in order of their keys.
    `at_once`: how many units are worth reading at a time.
    """

    name: str
    types: tuple[str, ...]
    at_once: int
    after: Callable[[Work, Selection, Types, str | None, int], list[Unit]]


def _place(after: str | None) -> UUID | None:
    return None if after is None else UUID(after)


def _told(key: UUID, told: Callable[[Types], Iterable[Resource]]) -> Unit:
    """A unit all of whose versions are cheap to tell."""

    def newest(types: Types) -> Iterator[Resource]:
        for kind in types:  # an id may be that of a Group and of what the Group is made from
            yield from fhir.newest(told((kind,)))

    return Unit(str(key), newest, lambda types: iter(told(types)))


def _nothing_up_to(reached: UUID | None, many: int) -> list[Unit]:
    """Units that hold nothing, at the place a read came to: so many that nobody takes it for the end."""
    return [] if reached is None else [Unit(str(reached), lambda _: iter(()), lambda _: iter(()))] * many


# --- sheets ----------------------------------------------------------------------------------------------------------


def _patient(clinic_id: UUID, this: UUID, sheets: tuple[Kept[Patient], ...]) -> Unit:
    return _told(this, lambda _: [fhir.patient(clinic_id, this, sheet) for sheet in sheets])


def _patients(work: Work, selection: Selection, _: Types, after: str | None, limit: int) -> list[Unit]:
    sieved = search.patients_after(work, selection.wanted, _place(after), limit)
    rows = sheet_histories.patients_of(work, sieved.ids)
    units = [_patient(work.clinic_id, this, selection.arrived(sheets)) for this, sheets in rows]
    return units + _nothing_up_to(sieved.reached, limit - len(units))


def _member(this: UUID, sheets: tuple[Kept[Staff], ...]) -> Unit:
    return _told(this, lambda _: [fhir.practitioner(this, sheet) for sheet in sheets])


def _staff(work: Work, selection: Selection, _: Types, after: str | None, limit: int) -> list[Unit]:
    rows = sheet_histories.staff_after(work, None, _place(after), limit)
    return [_member(this, selection.arrived(sheets)) for this, sheets in rows]


def _clinic(work: Work, selection: Selection, _: Types, after: str | None, limit: int) -> list[Unit]:  # noqa: ARG001 - one unit
    sheet = clinics.sheet(work) if after is None or after < str(work.clinic_id) else None
    if sheet is None or not selection.arrived((sheet,)):
        return []
    told = {"Organization": fhir.organization(sheet.value, sheet.recorded_at), "Group": clinic_group(sheet)}
    return [_told(work.clinic_id, lambda types: [told[kind] for kind in types if kind in told])]


def _course(
    clinic_id: UUID, this: UUID, sheets: tuple[Kept[Course], ...], clearances: tuple[Kept[Clearance], ...]
) -> Unit:
    def told(types: Types) -> Iterator[Resource]:
        for kind in types:
            match kind:
                case "EpisodeOfCare":
                    yield from (fhir.episode_of_care(clinic_id, this, sheet) for sheet in sheets)
                case "Group":
                    yield from (course_group(clinic_id, this, sheet) for sheet in sheets)
                case "Observation" if sheets:
                    patient_id = sheets[-1].value.patient_id
                    yield from (fhir.course_clearance(this, patient_id, sheet) for sheet in clearances)
                case _:
                    pass

    return _told(this, told)


def _courses(work: Work, selection: Selection, _: Types, after: str | None, limit: int) -> list[Unit]:
    rows = sheet_histories.courses_after(work, selection.courses, selection.patients, _place(after), limit)
    return [
        _course(work.clinic_id, this, selection.arrived(sheets), selection.arrived(clearances))
        for this, sheets, clearances in rows
    ]


# --- sessions --------------------------------------------------------------------------------------------------------


def _session(clinic_id: UUID, record: SessionRecord) -> Unit:
    context = fhir.context_of(clinic_id, record)

    def of(types: Types) -> list[str]:
        return [kind for kind in fhir.SESSION_TYPES if kind in types]

    return Unit(
        str(record.id),
        lambda types: fhir.resources_of_session(record, context, of(types)),
        lambda types: fhir.versions_of_session(record, context, of(types)),
    )


def load_sessions(work: Work, these: list[UUID]) -> list[Unit]:
    """These sessions, whole."""
    return [_session(work.clinic_id, record) for record in session_records.load_many(work, these)]


def _sessions(work: Work, selection: Selection, _: Types, after: str | None, limit: int) -> list[Unit]:
    sieved = search.sessions_after(work, selection.which, _place(after), limit)
    return load_sessions(work, sieved.ids) + _nothing_up_to(sieved.reached, limit - len(sieved.ids))


# --- the audit, and what is the same everywhere ----------------------------------------------------------------------


def _events(work: Work, selection: Selection, _: Types, after: str | None, limit: int) -> list[Unit]:
    def unit(event: AuditEvent) -> Unit:
        return _told(event.id, lambda _: [fhir.audit_event(event)])

    return [unit(event) for event in audit.events_after(work, selection.events, _place(after), limit)]


WALKS: tuple[Walk, ...] = (
    Walk("clinic", ("Organization", "Group"), 1, _clinic),
    Walk("staff", ("Practitioner",), 200, _staff),
    Walk("patients", ("Patient",), 200, _patients),
    Walk("courses", ("EpisodeOfCare", "Group", "Observation"), 200, _courses),
    Walk("sessions", fhir.SESSION_TYPES, 16, _sessions),
    Walk("audit", ("AuditEvent",), 500, _events),
)
"""In this order searches and exports read them."""

TYPES: tuple[str, ...] = tuple(dict.fromkeys(kind for walk in WALKS for kind in walk.types))
"""Every type that the record is told in."""


def walks_of(types: Types) -> list[Walk]:
    """Those that tell any of these types."""
    return [walk for walk in WALKS if not set(types).isdisjoint(walk.types)]
