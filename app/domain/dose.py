"""The dose's timeline: when it began and ended, what cannot be, and so the phase of every reading.

Derived from the events alone; nobody types a phase. A sequence that cannot be is kept (late entry arrives shuffled),
and named, so that somebody voids or adds the event that makes it true.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from app.domain.codes import Code
from app.domain.events import IV_KINDS, NASAL_KINDS, DeviceGiven, DoseStarted, Event, EventKind
from app.domain.instants import to_second, to_text
from app.domain.readings import Phase
from app.domain.sentences import Reason

ORDER_AT_ONE_INSTANT: dict[EventKind, int] = {
    EventKind.INFUSION_PAUSED: 0,
    EventKind.INFUSION_STOPPED: 1,
    EventKind.INFUSION_RESUMED: 2,
    EventKind.INFUSION_STARTED: 2,
    EventKind.NASAL_DEVICE_GIVEN: 2,
}
"""A pause before a stop before a resume or start: what is left at the end of an instant is the more watchful state.
A rate change moves nothing, and is judged by the states before and after its instant."""

STARTING = frozenset({EventKind.INFUSION_STARTED, EventKind.NASAL_DEVICE_GIVEN})
"""The first of these is the dose start. A resume is not: what it resumes began earlier."""


class DoseState(StrEnum):
    """Where the dose stands after the last event."""

    NONE = "none"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CannotBe:
    """An event that does not follow from those before it, and what would mend it."""

    event_id: UUID
    reason: Reason


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the dose events say. `started` and `ended` are the events that begin and end the dose, where there are any.

    `infusion_end` is None while an infusion runs or is paused, and where there was none.
    """

    state: DoseState
    started: Event | None
    ended: Event | None
    infusion_end: Event | None
    first_device: Event | None
    last_device: Event | None
    cannot_be: tuple[CannotBe, ...]

    def phase_of(self, measured_at: datetime) -> Phase:
        """Baseline before the start, infusion up to and including the end, recovery after it."""
        if self.started is None or measured_at < self.started.at:
            return Phase.BASELINE
        if self.ended is None or measured_at <= self.ended.at:
            return Phase.INFUSION
        return Phase.RECOVERY


def _in_order(events: Iterable[Event]) -> list[Event]:
    """Dose events that move the state, by time; equal instants by the table, then by id so that it is one order."""
    moving = (event for event in events if event.kind in ORDER_AT_ONE_INSTANT)
    return sorted(moving, key=lambda event: (event.at, ORDER_AT_ONE_INSTANT[event.kind], event.id.int))


def _cannot_be(event: Event, code: Code) -> CannotBe:
    return CannotBe(event.id, Reason(code, {"id": str(event.id), "kind": event.kind.value, "at": to_text(event.at)}))


def _what_is_wrong(event: Event, state: DoseState) -> Code | None:
    """Why `event` cannot happen in `state`; None where it can."""
    match event.kind:
        case EventKind.INFUSION_STARTED if state in {DoseState.RUNNING, DoseState.PAUSED}:
            return Code.ALREADY_UNDER_WAY
        case EventKind.INFUSION_PAUSED if state is not DoseState.RUNNING:
            return Code.NOTHING_RUNNING
        case EventKind.INFUSION_STOPPED if state in {DoseState.NONE, DoseState.ENDED}:
            return Code.NOTHING_UNDER_WAY
        # A resume after a stop is a dose that went on after all: it can be, and begins recovery anew at its new end.
        case EventKind.INFUSION_RESUMED if state in {DoseState.NONE, DoseState.RUNNING}:
            return Code.NOTHING_PAUSED
        case _:
            return None


_AFTER: dict[EventKind, DoseState] = {
    EventKind.INFUSION_STARTED: DoseState.RUNNING,
    EventKind.INFUSION_PAUSED: DoseState.PAUSED,
    EventKind.INFUSION_RESUMED: DoseState.RUNNING,
    EventKind.INFUSION_STOPPED: DoseState.ENDED,
}
"""Each event is taken at its word, also one that cannot be, so that one mistake is named once."""


def _sequence(events: Iterable[Event]) -> tuple[DoseState, tuple[CannotBe, ...]]:
    """Fold the infusion's events: the state they end in, and those that cannot be."""
    infusion = sorted((event for event in events if event.kind in IV_KINDS), key=attrgetter("at"))
    state = DoseState.NONE
    wrong: list[CannotBe] = []
    # A rate change in the second of a start is how that infusion was started: tablets stamp seconds.
    starting = {to_second(event.at) for event in infusion if event.kind is EventKind.INFUSION_STARTED}
    for _, at_once in groupby(infusion, key=attrgetter("at")):
        instant = list(at_once)
        before = state
        for event in _in_order(instant):
            code = _what_is_wrong(event, state)
            if code is not None:
                wrong.append(_cannot_be(event, code))
            state = _AFTER[event.kind]
        under_way = {DoseState.RUNNING, DoseState.PAUSED}
        if before not in under_way and state not in under_way:
            changes = [e for e in instant if e.kind is EventKind.RATE_CHANGED and to_second(e.at) not in starting]
            changes.sort(key=lambda event: event.id.int)
            wrong.extend(_cannot_be(event, Code.NOTHING_UNDER_WAY) for event in changes)
    return state, tuple(wrong)


def _first(events: Sequence[Event]) -> Event | None:
    return events[0] if events else None


def _last(events: Sequence[Event]) -> Event | None:
    return events[-1] if events else None


def timeline(events: Iterable[Event]) -> Timeline:
    """The timeline of one session's events in force, in any order."""
    events = tuple(events)
    moving = _in_order(events)
    devices = [event for event in moving if event.kind in NASAL_KINDS]
    infusion, wrong = _sequence(events)
    infusion_end = None
    if infusion is DoseState.ENDED:
        infusion_end = _last([event for event in moving if event.kind is EventKind.INFUSION_STOPPED])
    started = _first([event for event in moving if event.kind in STARTING])
    under_way = infusion in {DoseState.RUNNING, DoseState.PAUSED}
    ended = None
    if not under_way:
        # For nasal the dose is over when the last device is given. A stop that nothing started ends nothing.
        ends = [event for event in moving if event is infusion_end or event.kind in NASAL_KINDS]
        ended = _last(ends) if started is not None else None
    state = infusion if under_way else (DoseState.ENDED if ended is not None else DoseState.NONE)
    return Timeline(
        state=state,
        started=started,
        ended=ended,
        infusion_end=infusion_end,
        first_device=_first(devices),
        last_device=_last(devices),
        cannot_be=wrong,
    )


def total_mg(events: Iterable[Event]) -> Decimal | None:
    """The doses of all starts and devices in force, as typed; None where there is none."""
    doses = [event.detail.dose_mg for event in events if isinstance(event.detail, DoseStarted | DeviceGiven)]
    return sum(doses, Decimal(0)) if doses else None
