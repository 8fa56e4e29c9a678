import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.demo.agenda import Agenda, Turn
from app.demo.clocks import SteppedClock

START = datetime(2026, 3, 7, 13, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def walker(name: str, minutes: list[int], seen: list[tuple[str, datetime]]) -> Turn:
    for minute in minutes:
        now = yield START + minute * MINUTE
        seen.append((name, now))


def test_everybody_is_called_at_their_instant_and_in_order() -> None:
    clock, seen = SteppedClock(START), []
    agenda = Agenda(clock)
    agenda.add(walker("a", [0, 5, 6], seen))
    agenda.add(walker("b", [1, 5, 9], seen))
    assert list(agenda.step())[-1] == START + 9 * MINUTE
    assert [(name, (at - START) / MINUTE) for name, at in seen] == [
        ("a", 0), ("b", 1), ("a", 5), ("b", 5), ("a", 6), ("b", 9),
    ]  # fmt: skip


def test_an_instant_in_the_past_is_called_now() -> None:
    clock, seen = SteppedClock(START), []
    agenda = Agenda(clock)
    agenda.add(walker("a", [10, 3], seen))
    list(agenda.step())
    assert [at for _, at in seen] == [START + 10 * MINUTE] * 2


def test_it_stops_where_it_is_told() -> None:
    clock, seen = SteppedClock(START), []
    agenda = Agenda(clock)
    agenda.add(walker("a", [0, 5, 10], seen))
    list(agenda.step(START + 7 * MINUTE))
    assert len(seen) == 2
    assert clock.now() == START + 7 * MINUTE


def test_live_it_waits_for_the_running_clock() -> None:
    clock, seen, stop = SteppedClock(START), [], threading.Event()

    def last() -> Turn:
        yield START + 20 * MINUTE
        stop.set()
        yield START + 99 * MINUTE

    agenda = Agenda(clock)
    agenda.add(walker("a", [0, 6, 12], seen))
    agenda.add(last())
    clock.run(6000)
    agenda.live(stop, 6000)
    assert [name for name, _ in seen] == ["a"] * 3
    assert all(at >= START + minute * MINUTE for (_, at), minute in zip(seen, (0, 6, 12), strict=True))


def test_a_stepped_clock_never_goes_back() -> None:
    clock = SteppedClock(START)
    clock.step(START + MINUTE)
    clock.step(START)
    assert clock.now() == START + MINUTE
    clock.run(60)
    assert clock.now() >= START + MINUTE
    with pytest.raises(RuntimeError):
        clock.step(START + 2 * MINUTE)


def test_its_wall_clock_is_the_machines() -> None:
    assert abs(SteppedClock(START).wall() - datetime.now(UTC)) < timedelta(seconds=5)
