from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.events import Event, EventKind, Route
from app.domain.facts import Facts
from app.domain.protocol.values import Schedule
from app.domain.readings import Phase, Reading
from app.domain.schedule import Due, interval_of, next_due, phase_of_state
from app.domain.sessions import CLOSED, SessionState
from tests.domain.shipped import protocol

T0 = datetime(2026, 3, 8, 9, 0, tzinfo=UTC)
K = EventKind
PROTOCOL = protocol()  # 10, 10, 15, grace 3
IN, START, STOP = (K.CHECKED_IN, 0), (K.INFUSION_STARTED, 20), (K.INFUSION_STOPPED, 60)


def at(minutes):
    return T0 + timedelta(minutes=minutes)


def due(happened, sets=(), route=Route.IV_INFUSION):
    events = tuple(Event(UUID(int=place), kind, at(minute)) for place, (kind, minute) in enumerate(happened))
    readings = tuple(Reading(UUID(int=100 + place), 1, at(minute)) for place, minute in enumerate(sets))
    return next_due(PROTOCOL, route, Facts(UUID(int=1), events, readings))


@pytest.mark.parametrize(
    ("happened", "sets", "minute", "phase"),
    [
        ([IN], [], 10, Phase.BASELINE),
        ([IN], [0], 10, Phase.BASELINE),
        ([IN], [4], 14, Phase.BASELINE),
        ([IN], [4, 9, 6], 19, Phase.BASELINE),
        ([IN], [-5], 10, Phase.BASELINE),
        ([IN, START], [18], 30, Phase.INFUSION),
        ([IN, START], [20], 30, Phase.INFUSION),
        ([IN, START], [31], 41, Phase.INFUSION),
        ([IN, START, (K.INFUSION_PAUSED, 25)], [31], 41, Phase.INFUSION),
        ([IN, START, STOP], [51], 75, Phase.RECOVERY),
        ([IN, START, STOP], [60], 75, Phase.RECOVERY),
        ([IN, START, STOP], [61], 76, Phase.RECOVERY),
        ([IN, START, STOP, (K.INFUSION_RESUMED, 70)], [58, 66], 76, Phase.INFUSION),
        ([IN, START, STOP, (K.INFUSION_RESUMED, 70), (K.INFUSION_STOPPED, 80)], [58, 66], 95, Phase.RECOVERY),
    ],
)
def test_when_the_next_set_is_due(happened, sets, minute, phase):
    assert due(happened, sets) == Due(at(minute), at(minute + 3), phase)
    assert due(happened, list(reversed(sets))) == due(list(reversed(happened)), sets)


def test_a_nasal_dose_is_over_with_each_device():
    found = due([IN, (K.NASAL_DEVICE_GIVEN, 20), (K.NASAL_DEVICE_GIVEN, 25)], [22], Route.INTRANASAL)
    assert found == Due(at(40), at(43), Phase.RECOVERY)


@pytest.mark.parametrize("last", [K.CANCELLED, K.TRANSFERRED, K.LEFT_AGAINST_ADVICE])
def test_nothing_is_due_before_check_in_or_after_closing(last):
    assert due([]) is None
    assert due([IN, (last, 5)], [1]) is None


def test_overdue_begins_after_grace():
    found = due([IN])
    assert not found.overdue(at(13))
    assert found.overdue(at(13) + timedelta(microseconds=1))


def test_each_phase_has_its_own_interval():
    schedule = Schedule(baseline=1, infusion=2, recovery=3, grace=0)
    assert [interval_of(schedule, phase) for phase in Phase] == [1, 2, 3]


@pytest.mark.parametrize("state", SessionState)
def test_every_state_has_a_phase_or_none(state):
    expected = {
        SessionState.CHECKED_IN: Phase.BASELINE,
        SessionState.INFUSING: Phase.INFUSION,
        SessionState.RECOVERING: Phase.RECOVERY,
    }
    assert phase_of_state(state) is expected.get(state)
    assert (state in expected) == (state not in CLOSED | {SessionState.PLANNED})
