"""What the resources of one session share: whose they are, and how its dose stood after every change."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from uuid import UUID

from app.domain.dose import ORDER_AT_ONE_INSTANT, Timeline, timeline
from app.domain.events import Event, SymptomResolved
from app.domain.readings import Phase
from app.domain.records import (
    EventHistory,
    SessionRecord,
)
from app.domain.symptoms import SymptomCode
from app.exchange.fhir.parts import reference
from app.exchange.fhir.systems import Resource


@dataclass(frozen=True, slots=True)
class Step:
    """How the dose stood from the instant `at` of arrival on: its events in force, and what they say."""

    at: datetime
    events: tuple[Event, ...]
    dose: Timeline


@dataclass(frozen=True, slots=True)
class Context:
    """Whose the resources of a session are, and the steps its dose went through, oldest first (the first: nothing)."""

    clinic_id: UUID
    session_id: UUID
    patient_id: UUID
    steps: tuple[Step, ...]
    step_times: tuple[datetime, ...]
    resolutions: Mapping[SymptomCode, tuple[tuple[datetime, tuple[datetime, ...]], ...]]
    """By code, after each arrival: the instants at which the symptom is said to be over."""
    subject: Resource
    encounter: Resource
    procedure: Resource
    organization: Resource

    def place(self, at: datetime) -> int:
        """Which step held at the instant `at` of arrival."""
        return bisect_right(self.step_times, at) - 1

    def resolved_after(self, code: SymptomCode, measured_at: datetime, arrived: datetime) -> datetime | None:
        """When a symptom named at `measured_at` was said to be over, by what had arrived at `arrived`; None: open."""
        found = None
        for at, instants in self.resolutions.get(code, ()):
            if at <= arrived:
                found = min((over for over in instants if over > measured_at), default=None)
        return found

    def phase(self, place: int, measured_at: datetime) -> Phase:
        """The phase of `measured_at` as it was derived at this step."""
        return self.steps[place].dose.phase_of(measured_at)


NOTHING_YET = Step(datetime.min.replace(tzinfo=UTC), (), timeline(()))


def arrivals(histories: Iterable[EventHistory]) -> Iterator[tuple[datetime, tuple[Event, ...]]]:
    """After each arrival of an event or of a void, in order: the events then in force."""
    changes: list[tuple[datetime, int, int, Event]] = []
    for history in histories:
        event = history.event.value
        changes.append((history.event.recorded_at, 0, event.id.int, event))
        if history.void is not None:
            changes.append((history.void.recorded_at, 1, event.id.int, event))
    in_force: dict[UUID, Event] = {}
    for at, is_void, _, event in sorted(changes, key=lambda change: change[:3]):
        if is_void:
            in_force.pop(event.id, None)
        else:
            in_force[event.id] = event
        yield at, tuple(in_force.values())


def _steps(record: SessionRecord) -> tuple[Step, ...]:
    """One for each arrival of an event that moves the dose, and for each void of one."""
    moving = [one for one in record.events if one.event.value.kind in ORDER_AT_ONE_INSTANT]
    return tuple(Step(at, events, timeline(events)) for at, events in arrivals(moving))


def _resolutions(record: SessionRecord) -> dict[SymptomCode, tuple[tuple[datetime, tuple[datetime, ...]], ...]]:
    by_code: dict[SymptomCode, list[EventHistory]] = {}
    for history in record.events:
        if isinstance(detail := history.event.value.detail, SymptomResolved):
            by_code.setdefault(detail.code, []).append(history)
    return {
        code: tuple((at, tuple(event.at for event in events)) for at, events in arrivals(histories))
        for code, histories in by_code.items()
    }


def context_of(clinic_id: UUID, record: SessionRecord) -> Context:
    """The context of this session's resources, as the record stands."""
    steps = _steps(record)
    return Context(
        clinic_id=clinic_id,
        session_id=record.id,
        patient_id=record.header.value.patient_id,
        steps=(NOTHING_YET, *steps),
        step_times=(NOTHING_YET.at, *map(attrgetter("at"), steps)),
        resolutions=_resolutions(record),
        subject=reference("Patient", record.header.value.patient_id),
        encounter=reference("Encounter", record.id),
        procedure=reference("Procedure", f"{record.id}-treatment"),
        organization=reference("Organization", clinic_id),
    )
