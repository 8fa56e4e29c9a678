"""When the next set is due: the start of the phase plus its interval, then the last set plus its interval."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import assert_never

from app.domain.events import Route
from app.domain.facts import Facts
from app.domain.instants import minutes
from app.domain.protocol.values import Protocol, Schedule
from app.domain.readings import Phase
from app.domain.sessions import SessionState, life_of


@dataclass(frozen=True, slots=True)
class Due:
    """The next set: due at one instant, overdue from another (UTC)."""

    due_at: datetime
    overdue_at: datetime
    phase: Phase

    def overdue(self, now: datetime) -> bool:
        """Whether grace has run out."""
        return now > self.overdue_at


def phase_of_state(state: SessionState) -> Phase | None:
    """The phase a session is in now; None while planned and once closed."""
    match state:
        case SessionState.CHECKED_IN:
            return Phase.BASELINE
        case SessionState.INFUSING:
            return Phase.INFUSION
        case SessionState.RECOVERING:
            return Phase.RECOVERY
        case (
            SessionState.PLANNED
            | SessionState.DISCHARGED
            | SessionState.CANCELLED
            | SessionState.TRANSFERRED
            | SessionState.LEFT_AGAINST_ADVICE
        ):
            return None
        case _:
            assert_never(state)


def interval_of(schedule: Schedule, phase: Phase) -> int:
    """Minutes between the sets of a phase."""
    match phase:
        case Phase.BASELINE:
            return schedule.baseline
        case Phase.INFUSION:
            return schedule.infusion
        case Phase.RECOVERY:
            return schedule.recovery
        case _:
            assert_never(phase)


def next_due(protocol: Protocol, route: Route, facts: Facts) -> Due | None:
    """The next set of an active session, from its facts in force; None while planned and once closed.

    Order of arrival plays no part: a set that arrives late moves the next one only where it is the newest.
    """
    life = life_of(route, facts.events, discharged=False)
    phase = phase_of_state(life.state)
    if phase is None or life.since is None:
        return None
    begun = life.since
    last = max([begun, *map(attrgetter("measured_at"), facts.readings)])
    due_at = last + minutes(interval_of(protocol.schedule, phase))
    return Due(due_at, due_at + minutes(protocol.schedule.grace), phase)
