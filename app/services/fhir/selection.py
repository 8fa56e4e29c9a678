"""What of the record is meant: a search, or an export, as conditions that the database can use.

A first sieve only: it lets through everything that can be meant, and whoever reads looks closer at each resource.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from app.db.patients import Name
from app.db.session_records import Which
from app.db.sheet_histories import Named, Wanted
from app.domain.records import Kept
from app.exchange.searching.query import Query

T = TypeVar("T")
SLACK = timedelta(minutes=1)
"""An assessment may carry an instant a little later than the work that kept it."""
_NAMES: dict[str, tuple[Name, ...]] = {"name": ("family", "given"), "family": ("family",), "given": ("given",)}
_POINTS = {"Observation": "date", "MedicationAdministration": "effective-time"}
"""Types whose time is that of a reading, an event or an arrival."""


@dataclass(frozen=True, slots=True)
class Events:
    """Which audit events, as `app.db.audit` asks for them."""

    session_id: UUID | None = None
    patient_id: UUID | None = None
    actor_id: UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions for each walk; `as_of`: the record as it stood then."""

    as_of: datetime | None = None
    patients: frozenset[UUID] | None = None
    courses: frozenset[UUID] | None = None
    which: Which = field(default_factory=Which)
    wanted: Wanted = field(default_factory=Wanted)
    events: Events = field(default_factory=Events)

    def arrived(self, sheets: Iterable[Kept[T]]) -> tuple[Kept[T], ...]:
        """The revisions there were at the selection's instant."""
        return tuple(one for one in sheets if self.as_of is None or one.recorded_at <= self.as_of)


def uuids(texts: Iterable[str] | None) -> frozenset[UUID] | None:
    """Those that are ids of ours; None stays None."""
    if texts is None:
        return None
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue  # no id of ours can be meant
    return frozenset(found)


Reach = tuple[datetime | None, datetime | None]


def _widened(reach: Reach | None) -> Reach | None:
    if reach is None:
        return None
    first, last = reach
    try:
        return (first - SLACK if first else None), (last + SLACK if last else None)
    except OverflowError:
        return None


def _only(found: frozenset[UUID] | None) -> UUID | None:
    return next(iter(found)) if found is not None and len(found) == 1 else None


def _wanted(query: Query, changed: Reach | None) -> Wanted:
    names = tuple(
        Named(_NAMES[one.parameter.name], one.values, within=one.modifier == "contains")
        for one in query.conditions
        if one.parameter.name in _NAMES
    )
    numbers = [
        frozenset(value.rpartition("|")[2] for value in one.values)
        for one in query.conditions
        if one.parameter.name == "identifier" and one.modifier != "not" and not any(v.endswith("|") for v in one.values)
    ]
    born = query.reach("birthdate")
    return Wanted(
        names=names,
        record_numbers=frozenset.intersection(*numbers) if numbers else None,
        birth_dates=None
        if born is None
        else (born[0].date() if born[0] else None, born[1].date() if born[1] else None),
        changed=(changed[0], None) if changed and changed[0] else None,
    )


def _measured(query: Query) -> Reach | None:
    kind = query.offer.type
    if kind == "Encounter":  # it ends where its last event is, and not at all while it goes on
        reach = query.reach("date")
        return (reach[0], None) if reach and reach[0] else None
    return query.reach(_POINTS[kind]) if kind in _POINTS else None


def selection_of(query: Query) -> Selection:
    """The sieve of a search."""
    kind = query.offer.type
    patients = uuids(query.references("patient", "subject"))
    sessions = uuids(query.references("encounter", "context"))
    changed = _widened(query.reach("_lastUpdated"))
    which = Which(
        ids=sessions,
        patients=patients,
        changed=(changed[0], None) if changed and changed[0] else None,
        measured=_measured(query),
        or_open=kind == "Encounter",
    )
    recorded = query.reach("date", "_lastUpdated") if kind == "AuditEvent" else None
    events = Events(
        patient_id=_only(patients),
        actor_id=_only(uuids(query.references("agent"))),
        since=recorded[0] if recorded else None,
        until=recorded[1] if recorded else None,
    )
    return Selection(
        patients=patients,
        which=which,
        wanted=_wanted(query, changed) if kind == "Patient" else Wanted(),
        events=events,
    )


def selection_of_export(patients: Iterable[UUID] | None, since: datetime | None, instant: datetime) -> Selection:
    """The sieve of an export: of these patients (None: all), changed after `since`, as of `instant`."""
    named = None if patients is None else frozenset(patients)
    return Selection(
        as_of=instant,
        patients=named,
        which=Which(patients=named, changed=(since - SLACK, None) if since else None),
        wanted=Wanted(ids=named),
        events=Events(since=since, until=instant),
    )
