"""The session's life. Everything that affects a session's state, and everything a state forbids, is in this file.

The state is never typed: it is folded from the events in force, in order of their instants, so that late and shuffled
entry ends in the same state. An event that a state knows no way out by is kept and shown, and moves nothing; the
rules of readiness say what is wrong with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from app.domain.errors import Conflict
from app.domain.events import DOSE_KINDS, IV_KINDS, NASAL_KINDS, Event, EventKind, Route


class SessionState(StrEnum):
    """Derived, never typed. The member's value is its permanent name."""

    PLANNED = "planned"
    CHECKED_IN = "checked-in"
    INFUSING = "infusing"
    RECOVERING = "recovering"
    DISCHARGED = "discharged"
    CANCELLED = "cancelled"
    TRANSFERRED = "transferred"
    LEFT_AGAINST_ADVICE = "left-against-advice"


ACTIVE = frozenset({SessionState.CHECKED_IN, SessionState.INFUSING, SessionState.RECOVERING})
"""On the board: the patient is here. One active session a patient."""
CLOSED = frozenset(
    {
        SessionState.DISCHARGED,
        SessionState.CANCELLED,
        SessionState.TRANSFERRED,
        SessionState.LEFT_AGAINST_ADVICE,
    }
)
OPEN = frozenset(SessionState) - CLOSED

DISCHARGE: Literal["discharged"] = "discharged"
"""The one move that is no event: the record of discharge."""
Move = EventKind | Literal["discharged"]

_K, _S = EventKind, SessionState
TRANSITIONS: dict[tuple[SessionState, Move], SessionState] = {
    (_S.PLANNED, _K.CHECKED_IN): _S.CHECKED_IN,
    (_S.PLANNED, _K.CANCELLED): _S.CANCELLED,
    # late entry is shuffled, and a dose that is on record must show on the board before its check-in arrives
    (_S.PLANNED, _K.INFUSION_STARTED): _S.INFUSING,
    (_S.PLANNED, _K.NASAL_DEVICE_GIVEN): _S.RECOVERING,
    (_S.CHECKED_IN, _K.INFUSION_STARTED): _S.INFUSING,
    # a nasal dose is over when the device has been given
    (_S.CHECKED_IN, _K.NASAL_DEVICE_GIVEN): _S.RECOVERING,
    (_S.CHECKED_IN, _K.CANCELLED): _S.CANCELLED,
    (_S.CHECKED_IN, _K.TRANSFERRED): _S.TRANSFERRED,
    (_S.CHECKED_IN, _K.LEFT_AGAINST_ADVICE): _S.LEFT_AGAINST_ADVICE,
    (_S.INFUSING, _K.INFUSION_STOPPED): _S.RECOVERING,
    (_S.INFUSING, _K.TRANSFERRED): _S.TRANSFERRED,
    (_S.INFUSING, _K.LEFT_AGAINST_ADVICE): _S.LEFT_AGAINST_ADVICE,
    (_S.RECOVERING, _K.INFUSION_STARTED): _S.INFUSING,
    (_S.RECOVERING, _K.INFUSION_RESUMED): _S.INFUSING,
    (_S.RECOVERING, _K.NASAL_DEVICE_GIVEN): _S.RECOVERING,
    (_S.RECOVERING, _K.TRANSFERRED): _S.TRANSFERRED,
    (_S.RECOVERING, _K.LEFT_AGAINST_ADVICE): _S.LEFT_AGAINST_ADVICE,
    (_S.RECOVERING, DISCHARGE): _S.DISCHARGED,
}
"""Every way out of a state. Closed states have none: they absorb whatever comes after."""

_FIRST = (
    _K.CHECKED_IN,
    _K.NASAL_DEVICE_GIVEN,
    _K.INFUSION_PAUSED,
    _K.INFUSION_STOPPED,
    _K.INFUSION_RESUMED,
    _K.INFUSION_STARTED,
    _K.RATE_CHANGED,
)
_LAST = (_K.LEFT_AGAINST_ADVICE, _K.TRANSFERRED, _K.CANCELLED)
_BETWEEN = tuple(kind for kind in EventKind if kind not in _FIRST and kind not in _LAST)
ORDER: dict[EventKind, int] = {kind: place for place, kind in enumerate(_FIRST + _BETWEEN + _LAST)}
"""Order of kinds at one instant: a pause before a stop before a resume or start, and leaving comes last."""

_DOSES = frozenset({_K.INFUSION_STARTED, _K.NASAL_DEVICE_GIVEN})

FOREIGN: dict[Route, frozenset[EventKind]] = {Route.IV_INFUSION: NASAL_KINDS, Route.INTRANASAL: IV_KINDS}
"""The kinds that do not fit a route: refused on the way in, and moving nothing."""


@dataclass(frozen=True, slots=True)
class Life:
    """Where a session stands. `since` is the instant its present phase began, None where no event began one.

    Checked in: the check-in. Infusing: the first start. Recovering: the end of the dose.
    """

    state: SessionState
    since: datetime | None


def in_order(events: Iterable[Event]) -> list[Event]:
    """By instant, and at one instant by `ORDER`; the id settles the rest, so that order of arrival plays no part."""
    return sorted(events, key=lambda event: (event.at, ORDER[event.kind], event.id.bytes))


def life_of(route: Route, events: Iterable[Event], discharged: bool) -> Life:
    """The state folded from the events in force.

    `discharged`: a discharge is on record; nothing that is entered or voided later takes that back.
    """
    ordered = in_order(event for event in events if event.kind not in FOREIGN[route])
    # A session in which a dose was given is never "cancelled", wherever the cancelling stands in time: the patient
    # had the drug, and must stay on the board.
    dosed = any(event.kind in _DOSES for event in ordered)
    state, since = SessionState.PLANNED, None
    dose_start: datetime | None = None
    for event in ordered:
        if event.kind is EventKind.CANCELLED and dosed:
            continue
        after = TRANSITIONS.get((state, event.kind))
        if after is None:
            continue
        state, since = after, event.at
        if state is SessionState.INFUSING:
            dose_start = dose_start or event.at
            since = dose_start
    if discharged:
        state = SessionState.DISCHARGED
    return Life(state, since)


def state_of(route: Route, events: Iterable[Event], discharged: bool) -> SessionState:
    """The state alone; see `life_of`."""
    return life_of(route, events, discharged).state


def closed_by(route: Route, events: Iterable[Event]) -> tuple[datetime, EventKind] | None:
    """When an event closed the session, and which kind; None where none of those in force did.

    Not simply the first of a closing kind: a cancelling after a dose is kept, and closes nothing.
    """
    life = life_of(route, events, discharged=False)
    return (life.since, EventKind(life.state.value)) if life.state in CLOSED and life.since is not None else None


class Door(StrEnum):
    """Every way of writing to a session, through whatever interface."""

    HEADER = "header"
    SCREENING = "screening"
    OVERRIDE = "override"
    CLEARANCE = "clearance"
    ESCORT = "escort"
    FORM = "form"
    """What is asked for the monitoring form."""
    EVENT = "event"
    DOSE_EVENT = "dose-event"
    READING = "reading"
    CORRECTION = "correction"
    VOID = "void"
    CONFIRMATION = "confirmation"
    ACKNOWLEDGEMENT = "acknowledgement"
    DISCHARGE = "discharge"
    ADDENDUM = "addendum"
    LATE_READING = "late-reading"
    """An addendum that carries a whole reading."""


_RECOVERING = frozenset({SessionState.RECOVERING})
_ALL = frozenset(SessionState)
DOORS: dict[Door, frozenset[SessionState]] = {
    Door.HEADER: OPEN,
    Door.SCREENING: OPEN,
    Door.OVERRIDE: OPEN,
    Door.CLEARANCE: OPEN,
    Door.ESCORT: OPEN,
    # asked when there is time, and the form is sent days after the patient has left
    Door.FORM: _ALL,
    # planned too: late entry is shuffled, and a reading may arrive before the check-in does
    Door.EVENT: OPEN,
    Door.DOSE_EVENT: OPEN,
    Door.READING: OPEN,
    # what was typed wrongly can be mended for ever; after closing that raises a notice
    Door.CORRECTION: _ALL,
    Door.VOID: _ALL,
    # an override signed before the dose would name every criterion beforehand, and so excuse whatever came
    Door.CONFIRMATION: _RECOVERING,
    Door.ACKNOWLEDGEMENT: _ALL,
    Door.DISCHARGE: _RECOVERING,
    Door.ADDENDUM: _ALL,
    # while the session is open, a reading inside an addendum would be hidden from the rules
    Door.LATE_READING: CLOSED,
}
"""In which states each door is open."""


class SessionClosed(Conflict):
    """This session is closed: send an `addendum` event, which may carry a whole late reading."""

    code = "session-closed"


class NotRecovering(Conflict):
    """This is for a session whose dose has ended."""

    code = "not-recovering"


class SessionOpen(Conflict):
    """This session is open: send the reading itself, so that the rules see it."""

    code = "session-open"


class StateUnknown(Conflict):
    """Where this session stands could not be worked out: nothing can be signed until it can. Tell whoever runs this."""

    code = "state-unknown"


_FOR_CERTAIN = frozenset({Door.CONFIRMATION, Door.DISCHARGE})
"""Shut where the state could not be worked out; whatever is charted then is kept all the same."""


def check_door(state: SessionState | None, door: Door) -> None:
    """Raises `SessionClosed`, `NotRecovering` or `SessionOpen` where the door is shut in this state.

    `state` None: it could not be worked out. Then nothing is signed (`StateUnknown`), and what was charted is kept.
    """
    if state is None:
        if door in _FOR_CERTAIN:
            raise StateUnknown
        return
    if state in DOORS[door]:
        return
    if state in CLOSED:
        raise SessionClosed(f"This session is closed ({state}). {_remedy(door)}", state=state.value, remedy="addendum")
    if door is Door.LATE_READING:
        raise SessionOpen(state=state.value)
    raise NotRecovering(
        f"This session is {state}: enter when the dose ended (or void the event that says otherwise), and try again.",
        state=state.value,
    )


def _remedy(door: Door) -> str:
    match door:
        case Door.READING:
            return "Send an `addendum` event with the whole reading in it: it is kept and raises a notice."
        case Door.CONFIRMATION | Door.DISCHARGE:
            return "There is nothing left to sign; what is to be added goes into an `addendum` event."
        case _:
            return "Send an `addendum` event that says what is to be added: it is kept and raises a notice."


def door_of(kind: EventKind, *, carries_reading: bool = False) -> Door:
    """The door an event comes through."""
    if kind is EventKind.ADDENDUM:
        return Door.LATE_READING if carries_reading else Door.ADDENDUM
    return Door.DOSE_EVENT if kind in DOSE_KINDS else Door.EVENT


def diagram() -> str:
    """The page docs/session-states.md, drawn from the tables above."""
    moves = "\n".join(
        f"    {_node(before)} --> {_node(after)}: {move}" for (before, move), after in TRANSITIONS.items()
    )
    ends = "\n".join(f"    {_node(state)} --> [*]" for state in SessionState if state in CLOSED)
    names = "\n".join(f"    {_node(state)}: {state}" for state in SessionState)
    head = " | ".join(["door", *SessionState])
    line = "|".join([" --- "] + [" :-: "] * len(SessionState))
    rows = "\n".join(
        "| " + " | ".join([f"`{door}`", *("open" if state in DOORS[door] else "" for state in SessionState)]) + " |"
        for door in Door
    )
    return f"""# The session's life

Made from `app/domain/sessions.py` by its `diagram()`; a test fails when this page is not what the code says.

The state follows from the events in force, ordered by `at`; nobody types it. `discharged` is the record of discharge.
An event without an arrow here is kept and shown, and moves nothing. A session in which a dose was given is never
cancelled. Active (on the board): {", ".join(state for state in SessionState if state in ACTIVE)}.

```mermaid
stateDiagram-v2
{names}
    [*] --> {_node(SessionState.PLANNED)}
{moves}
{ends}
```

## Doors

Every way of writing to a session, and the states in which it is open. A shut door answers 409 and says what to do.

| {head} |
|{line}|
{rows}
"""


def _node(state: SessionState) -> str:
    return state.value.replace("-", "_")
