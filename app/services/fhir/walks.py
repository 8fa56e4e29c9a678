"""Where resources come from: a few ordered walks through units, each unit told as resources of one or more types.

A unit is what is read at once: a session with everything that hangs off it, a patient, a course, ... Walks are read
in the order of their units' ids, from any place on: by searches a page at a time, by exports to the end.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.db import audit, clinics, search, session_entries, session_records, sheet_histories, unchanged
from app.db.name_search import first_places
from app.db.search import Sieved
from app.db.sheet_histories import Named
from app.db.work import Work
from app.domain.audit import AuditEvent
from app.domain.journal import session_stream
from app.domain.people import Staff
from app.domain.records import Clearance, Course, Kept, Patient, SessionRecord
from app.exchange import fhir
from app.exchange.fhir import Resource
from app.exchange.groups import clinic_group, course_group
from app.exchange.observation_lines import ObservationLines
from app.memory import Memory
from app.services.fhir.lines import not_looked_at, written_session
from app.services.fhir.selection import Selection
from app.services.fhir.written import Written, in_order

MOST = 16 * 1024 * 1024
"""Bytes of resources that are remembered as they are sent: those of some forty sessions of thirty readings."""
_OVER = 250
"""What each takes beside its text, about."""
SHAPES = 200
"""Templates of readings that searches keep."""

_TEMPLATES = ObservationLines(SHAPES)
_WRITTEN: Memory[tuple[UUID, UUID, str], tuple[str, list[Written]]] = Memory(
    MOST, lambda held: _OVER + sum(len(one.text) + _OVER for one in held[1])
)
"""Sessions' resources of one type as they are sent, by the hash of the session's stream: they follow from it alone."""

Types = Collection[str]
Told = Callable[[Types], Iterator[Resource]]


@dataclass(frozen=True, slots=True)
class Unit:
    """What one key of a walk holds.

    `newest` tells each resource as it is, `versions` every version, oldest first. `written`: those of one type as they
    are, ready to be sent, in the order of their ids.
    """

    key: str
    newest: Told
    versions: Told
    written: Callable[[str], Sequence[Written]]


@dataclass(frozen=True, slots=True)
class Walk:
    """One ordered way through the record.

    `after(work, selection, types, key, limit)`: the next units, in order of their keys.
    `at_once`: how many units are worth reading at a time.
    `alike`: parameters by which all resources of one type in a unit are the same: whether one holds, all do.
    """

    name: str
    types: tuple[str, ...]
    at_once: int
    after: Callable[[Work, Selection, Types, str | None, int], list[Unit]]
    alike: frozenset[str] = frozenset()


def _place(after: str | None) -> UUID | None:
    return None if after is None else UUID(after[-36:])


def _told(key: UUID | str, told: Callable[[Types], Iterable[Resource]]) -> Unit:
    """A unit all of whose versions are cheap to tell."""

    def newest(types: Types) -> Iterator[Resource]:
        for kind in types:  # an id may be that of a Group and of what the Group is made from
            yield from fhir.newest(told((kind,)))

    def written(kind: str) -> list[Written]:
        return in_order(map(Written.of, newest((kind,))))

    return Unit(str(key), newest, lambda types: iter(told(types)), written)


def _nothing_up_to(reached: UUID | str | None, many: int) -> list[Unit]:
    """Units that hold nothing, at the place a read came to: so many that nobody takes it for the end."""
    return [] if reached is None else [_told(reached, lambda _: ())] * many


# --- sheets ----------------------------------------------------------------------------------------------------------


def _patient(clinic_id: UUID, this: UUID, sheets: tuple[Kept[Patient], ...]) -> Unit:
    return _told(this, lambda _: [fhir.patient(clinic_id, this, sheet) for sheet in sheets])


def _patients(work: Work, selection: Selection, _: Types, after: str | None, limit: int) -> list[Unit]:
    leading = search.leading_name(selection.wanted)
    if leading is not None:
        return _patients_by_name(work, selection, leading, after, limit)
    sieved = search.patients_after(work, selection.wanted, _place(after), limit)
    rows = sheet_histories.patients_of(work, sieved.ids)
    units = [_patient(work.clinic_id, this, selection.arrived(sheets)) for this, sheets in rows]
    return units + _nothing_up_to(sieved.reached, limit - len(units))


def _patients_by_name(work: Work, selection: Selection, leading: Named, after: str | None, limit: int) -> list[Unit]:
    found, reached = search.patients_by_name(work, selection.wanted, leading, after, limit)
    sheets = dict(sheet_histories.patients_of(work, sorted({one.id for one in found})))
    newest = {this: theirs[-1].value for this, theirs in sheets.items()}
    told = first_places(work, leading, found, newest)
    units = [
        replace(_patient(work.clinic_id, one.id, selection.arrived(sheets[one.id])), key=one.place)
        for one in found
        if one.place in told
    ]
    return units + _nothing_up_to(reached, limit - len(units))


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


def _hashes(work: Work, these: list[UUID]) -> dict[UUID, str]:
    heads = unchanged.heads_of(work, [session_stream(this) for this in these])
    return {this: heads[session_stream(this)] for this in these}


class _Sessions:
    """Sessions of one read, in the order of their ids.

    What is remembered of one is told without its record. Of the others ever more are read at a time: a page is often
    full with the first, and where it is not, few reads reach the last.
    """

    def __init__(self, work: Work, found: Sieved) -> None:
        self._work, self._these = work, found.ids
        self._hashes = _hashes(work, found.ids) if found.hashes is None else found.hashes
        self._records: dict[UUID, SessionRecord] = {}
        self._at_once = 1

    def units(self) -> list[Unit]:
        return [self._unit(this) for this in self._these]

    def _unit(self, this: UUID) -> Unit:
        def of(types: Types) -> list[str]:
            return [kind for kind in fhir.SESSION_TYPES if kind in types]

        def newest(types: Types) -> Iterator[Resource]:
            record = self._record(this)
            return fhir.resources_of_session(record, fhir.context_of(self._work.clinic_id, record), of(types))

        def versions(types: Types) -> Iterator[Resource]:
            record = self._record(this)
            return fhir.versions_of_session(record, fhir.context_of(self._work.clinic_id, record), of(types))

        return Unit(str(this), newest, versions, lambda kind: self._written(this, kind))

    def _next(self, this: UUID, known: Callable[[UUID], bool]) -> list[UUID]:
        """This one, and some of those behind it that are not known yet."""
        behind = self._these[self._these.index(this) + 1 :]
        found = [this, *(one for one in behind if not known(one))][: self._at_once]
        self._at_once *= 2
        return found

    def _record(self, this: UUID) -> SessionRecord:
        if this not in self._records:
            found = session_records.load_many(self._work, self._next(this, self._records.__contains__))
            self._records.update((record.id, record) for record in found)
        return self._records[this]

    def _written(self, this: UUID, kind: str) -> Sequence[Written]:
        found = self._recalled(this, kind)
        if found is None:
            these = self._next(this, lambda one: self._recalled(one, kind) is not None)
            for one, entries in session_entries.own_entries(self._work, these, not_looked_at((kind,))).items():
                told = written_session(self._work.clinic_id, one, entries, kind, _TEMPLATES)
                _WRITTEN.keep((self._work.clinic_id, one, kind), (self._hashes[one], told))
                found = told if one == this else found
        assert found is not None, "it was read just now"
        return found

    def _recalled(self, this: UUID, kind: str) -> Sequence[Written] | None:
        held = _WRITTEN.get((self._work.clinic_id, this, kind))
        return held[1] if held is not None and held[0] == self._hashes[this] else None


def _sessions(work: Work, selection: Selection, _: Types, after: str | None, limit: int) -> list[Unit]:
    sieved = search.sessions_after(work, selection.which, _place(after), limit)
    units = _Sessions(work, sieved).units()
    return units + _nothing_up_to(sieved.reached, limit - len(units))


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
    Walk("sessions", fhir.SESSION_TYPES, 16, _sessions, frozenset({"patient", "subject", "encounter", "context"})),
    Walk("audit", ("AuditEvent",), 500, _events),
)
"""In this order searches and exports read them."""

TYPES: tuple[str, ...] = tuple(dict.fromkeys(kind for walk in WALKS for kind in walk.types))
"""Every type that the record is told in."""


def walks_of(types: Types) -> list[Walk]:
    """Those that tell any of these types."""
    return [walk for walk in WALKS if not set(types).isdisjoint(walk.types)]
