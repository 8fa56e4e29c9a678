from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.events import DOSE_KINDS, IV_KINDS, NASAL_KINDS, Event, EventKind, Route
from app.domain.sessions import (
    ACTIVE,
    CLOSED,
    DISCHARGE,
    DOORS,
    FOREIGN,
    OPEN,
    ORDER,
    TRANSITIONS,
    Door,
    Life,
    NotRecovering,
    SessionClosed,
    SessionOpen,
    SessionState,
    check_door,
    diagram,
    door_of,
    in_order,
    life_of,
    state_of,
)

T0 = datetime(2026, 3, 8, 9, 0, tzinfo=UTC)
K, S = EventKind, SessionState
IV, NASAL = Route.IV_INFUSION, Route.INTRANASAL


def at(minutes):
    return T0 + timedelta(minutes=minutes)


def events(*kinds):
    """One event a minute, in the order given; a (kind, minute) pair has its own minute."""
    pairs = [kind if isinstance(kind, tuple) else (kind, place) for place, kind in enumerate(kinds)]
    return [Event(UUID(int=place + 1), kind, at(minute)) for place, (kind, minute) in enumerate(pairs)]


ENDINGS = {K.CANCELLED: S.CANCELLED, K.TRANSFERRED: S.TRANSFERRED, K.LEFT_AGAINST_ADVICE: S.LEFT_AGAINST_ADVICE}
# each arrow written down a second time, by state
ARROWS = {
    S.PLANNED: {
        K.CHECKED_IN: S.CHECKED_IN,
        K.INFUSION_STARTED: S.INFUSING,
        K.NASAL_DEVICE_GIVEN: S.RECOVERING,
        K.CANCELLED: S.CANCELLED,
    },
    S.CHECKED_IN: {K.INFUSION_STARTED: S.INFUSING, K.NASAL_DEVICE_GIVEN: S.RECOVERING, **ENDINGS},
    S.INFUSING: {
        K.INFUSION_STOPPED: S.RECOVERING,
        K.TRANSFERRED: S.TRANSFERRED,
        K.LEFT_AGAINST_ADVICE: S.LEFT_AGAINST_ADVICE,
    },
    S.RECOVERING: {
        K.INFUSION_STARTED: S.INFUSING,
        K.INFUSION_RESUMED: S.INFUSING,
        K.NASAL_DEVICE_GIVEN: S.RECOVERING,
        K.TRANSFERRED: S.TRANSFERRED,
        K.LEFT_AGAINST_ADVICE: S.LEFT_AGAINST_ADVICE,
        DISCHARGE: S.DISCHARGED,
    },
}


@pytest.mark.parametrize(("state", "move"), list(product(SessionState, [*EventKind, DISCHARGE])))
def test_every_state_and_every_move(state, move):
    assert TRANSITIONS.get((state, move)) == ARROWS.get(state, {}).get(move)


def test_states_are_open_or_closed_and_the_active_ones_are_open():
    assert {S.DISCHARGED, S.CANCELLED, S.TRANSFERRED, S.LEFT_AGAINST_ADVICE} == CLOSED
    assert {S.PLANNED, *ACTIVE} == OPEN
    assert {S.CHECKED_IN, S.INFUSING, S.RECOVERING} == ACTIVE


ROUTES_TO = [
    (IV, (), S.PLANNED),
    (IV, (K.CHECKED_IN,), S.CHECKED_IN),
    (IV, (K.CHECKED_IN, K.INFUSION_STARTED), S.INFUSING),
    (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_PAUSED), S.INFUSING),
    (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_PAUSED, K.INFUSION_RESUMED), S.INFUSING),
    (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_STOPPED), S.RECOVERING),
    (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_PAUSED, K.INFUSION_STOPPED), S.RECOVERING),
    (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_STOPPED, K.INFUSION_RESUMED), S.INFUSING),
    (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_STOPPED, K.INFUSION_STARTED), S.INFUSING),
    (NASAL, (K.CHECKED_IN, K.NASAL_DEVICE_GIVEN), S.RECOVERING),
    (NASAL, (K.CHECKED_IN, K.NASAL_DEVICE_GIVEN, K.NASAL_DEVICE_GIVEN), S.RECOVERING),
    (IV, (K.CANCELLED,), S.CANCELLED),
    (IV, (K.CHECKED_IN, K.CANCELLED), S.CANCELLED),
    (IV, (K.CHECKED_IN, K.TRANSFERRED), S.TRANSFERRED),
    (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.TRANSFERRED), S.TRANSFERRED),
    (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_STOPPED, K.LEFT_AGAINST_ADVICE), S.LEFT_AGAINST_ADVICE),
    # closed states absorb
    (IV, (K.CHECKED_IN, K.CANCELLED, K.CHECKED_IN), S.CANCELLED),
    (IV, (K.CHECKED_IN, K.TRANSFERRED, K.LEFT_AGAINST_ADVICE), S.TRANSFERRED),
    (IV, (K.CHECKED_IN, K.TRANSFERRED, K.INFUSION_STARTED), S.TRANSFERRED),
    # what cannot be moves nothing
    (IV, (K.CHECKED_IN, K.INFUSION_STOPPED), S.CHECKED_IN),
    (IV, (K.CHECKED_IN, K.INFUSION_RESUMED), S.CHECKED_IN),
    (IV, (K.TRANSFERRED,), S.PLANNED),
    (IV, (K.LEFT_AGAINST_ADVICE,), S.PLANNED),
    (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.CHECKED_IN), S.INFUSING),
    (IV, (K.CHECKED_IN, K.NASAL_DEVICE_GIVEN), S.CHECKED_IN),
    (NASAL, (K.CHECKED_IN, K.INFUSION_STARTED), S.CHECKED_IN),
    # a dose on record shows, whatever has not arrived yet
    (IV, (K.INFUSION_STARTED,), S.INFUSING),
    (NASAL, (K.NASAL_DEVICE_GIVEN,), S.RECOVERING),
    # and is never cancelled
    (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.CANCELLED), S.INFUSING),
    (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_STOPPED, K.CANCELLED), S.RECOVERING),
    (IV, (K.CANCELLED, K.CHECKED_IN, K.INFUSION_STARTED), S.INFUSING),
    (NASAL, (K.CHECKED_IN, K.CANCELLED, K.NASAL_DEVICE_GIVEN), S.RECOVERING),
    # other things done move nothing
    (IV, (K.CHECKED_IN, K.MEDICATION_GIVEN, K.OXYGEN_STARTED, K.ADDENDUM), S.CHECKED_IN),
]


@pytest.mark.parametrize(("route", "kinds", "expected"), ROUTES_TO)
def test_where_a_sequence_leads_in_any_order_of_arrival(route, kinds, expected):
    made = events(*kinds)
    for arrival in permutations(made):
        assert state_of(route, arrival, discharged=False) is expected
    assert state_of(route, made, discharged=True) is S.DISCHARGED


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((K.CHECKED_IN, K.INFUSION_STARTED), S.INFUSING),
        ((K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_STOPPED), S.INFUSING),
        ((K.CHECKED_IN, K.INFUSION_STARTED, K.TRANSFERRED), S.TRANSFERRED),
        ((K.CHECKED_IN, K.CANCELLED), S.CANCELLED),
        ((K.LEFT_AGAINST_ADVICE, K.TRANSFERRED, K.CHECKED_IN), S.LEFT_AGAINST_ADVICE),
    ],
)
def test_things_of_one_instant_are_taken_in_their_fixed_order(kinds, expected):
    for arrival in permutations((kind, 0) for kind in kinds):
        assert state_of(IV, events(*arrival), discharged=False) is expected


def test_a_stop_and_a_resume_of_one_instant_leave_it_running():
    before = events((K.CHECKED_IN, 0), (K.INFUSION_STARTED, 1))
    for pair in permutations((K.INFUSION_PAUSED, K.INFUSION_STOPPED, K.INFUSION_RESUMED)):
        later = [Event(UUID(int=10 + place), kind, at(2)) for place, kind in enumerate(pair)]
        assert state_of(IV, [*before, *later], discharged=False) is S.INFUSING


def test_the_order_at_one_instant_knows_every_kind():
    assert sorted(ORDER.values()) == list(range(len(EventKind)))
    assert set(ORDER) == set(EventKind)
    assert ORDER[K.INFUSION_PAUSED] < ORDER[K.INFUSION_STOPPED] < ORDER[K.INFUSION_RESUMED] < ORDER[K.INFUSION_STARTED]
    assert ORDER[K.CHECKED_IN] == 0


def test_equal_kinds_of_one_instant_have_one_order_too():
    made = [Event(UUID(int=number), K.MEDICATION_GIVEN, T0) for number in (3, 1, 2)]
    assert [event.id.int for event in in_order(made)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("route", "kinds", "minute"),
    [
        (IV, (), None),
        (IV, (K.CHECKED_IN,), 0),
        (IV, (K.CHECKED_IN, K.INFUSION_STARTED), 1),
        (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_PAUSED), 1),
        (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_STOPPED), 2),
        (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_STOPPED, K.INFUSION_RESUMED), 1),
        (IV, (K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_STOPPED, K.INFUSION_RESUMED, K.INFUSION_STOPPED), 4),
        (NASAL, (K.CHECKED_IN, K.NASAL_DEVICE_GIVEN, K.NASAL_DEVICE_GIVEN), 2),
    ],
)
def test_since_when_the_present_phase_lasts(route, kinds, minute):
    life = life_of(route, events(*kinds), discharged=False)
    assert life.since == (None if minute is None else at(minute))


def test_a_discharge_keeps_the_instant_of_its_phase():
    made = events(K.CHECKED_IN, K.INFUSION_STARTED, K.INFUSION_STOPPED)
    assert life_of(IV, made, discharged=True) == Life(S.DISCHARGED, at(2))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(Route),
    st.lists(st.tuples(st.sampled_from(EventKind), st.integers(0, 5)), max_size=10),
    st.randoms(use_true_random=False),
)
def test_order_of_arrival_plays_no_part(route, pairs, chance):
    made = events(*pairs)
    shuffled = list(made)
    chance.shuffle(shuffled)
    assert life_of(route, shuffled, discharged=False) == life_of(route, made, discharged=False)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(Route), st.lists(st.tuples(st.sampled_from(EventKind), st.integers(0, 5)), max_size=10))
def test_a_patient_with_a_dose_is_on_the_board_or_gone(route, pairs):
    made = events(*pairs)
    dosed = any(event.kind in {K.INFUSION_STARTED, K.NASAL_DEVICE_GIVEN} - FOREIGN[route] for event in made)
    state = state_of(route, made, discharged=False)
    if dosed:
        assert state in {S.INFUSING, S.RECOVERING, S.TRANSFERRED, S.LEFT_AGAINST_ADVICE}
    else:
        assert state not in {S.INFUSING, S.RECOVERING}


def test_a_route_knows_the_kinds_of_the_other():
    assert FOREIGN == {IV: NASAL_KINDS, NASAL: IV_KINDS}


# --- doors ------------------------------------------------------------------------------------------------------------
WHILE_OPEN = {
    Door.HEADER, Door.SCREENING, Door.OVERRIDE, Door.CLEARANCE, Door.ESCORT, Door.EVENT, Door.DOSE_EVENT, Door.READING,
}  # fmt: skip
ALWAYS = {Door.CORRECTION, Door.VOID, Door.ACKNOWLEDGEMENT, Door.FORM, Door.ADDENDUM}
WHILE_RECOVERING = {Door.CONFIRMATION, Door.DISCHARGE}


@pytest.mark.parametrize(("state", "door"), list(product(SessionState, Door)))
def test_every_door_in_every_state(state, door):
    expected = None
    if door is Door.LATE_READING:
        expected = None if state in CLOSED else SessionOpen
    elif door in ALWAYS:
        expected = None
    elif state in CLOSED:
        expected = SessionClosed
    elif door in WHILE_RECOVERING and state is not S.RECOVERING:
        expected = NotRecovering
    if expected is None:
        check_door(state, door)
    else:
        with pytest.raises(expected) as refused:
            check_door(state, door)
        assert refused.value.extra["state"] == state.value


def test_every_door_is_in_the_table():
    assert set(DOORS) == set(Door) == WHILE_OPEN | ALWAYS | WHILE_RECOVERING | {Door.LATE_READING}


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_a_closed_session_names_the_remedy(state):
    for door in WHILE_OPEN | WHILE_RECOVERING:
        with pytest.raises(SessionClosed, match="addendum") as refused:
            check_door(state, door)
        assert state in refused.value.detail
        assert (refused.value.code, refused.value.extra["remedy"]) == ("session-closed", "addendum")
    with pytest.raises(SessionClosed, match="with the whole reading in it"):
        check_door(state, Door.READING)


@pytest.mark.parametrize("kind", EventKind)
def test_the_door_of_each_kind(kind):
    expected = Door.DOSE_EVENT if kind in DOSE_KINDS else Door.ADDENDUM if kind is K.ADDENDUM else Door.EVENT
    assert door_of(kind) is expected
    assert door_of(K.ADDENDUM, carries_reading=True) is Door.LATE_READING


# --- the page ---------------------------------------------------------------------------------------------------------
def test_the_page_is_what_the_tables_say():
    page = Path(__file__).resolve().parents[2] / "docs" / "session-states.md"
    assert page.read_text(encoding="utf-8") == diagram(), "run `make generate`"


def test_the_page_shows_every_arrow_and_every_door():
    page = diagram()
    for (before, move), after in TRANSITIONS.items():
        assert f"    {before.replace('-', '_')} --> {after.replace('-', '_')}: {move}\n" in page
    for door, states in DOORS.items():
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `{door}` |"))
        cells = [cell.strip() for cell in row.strip("|").split("|")][1:]
        assert dict(zip(SessionState, cells, strict=True)) == {
            state: "open" if state in states else "" for state in SessionState
        }
