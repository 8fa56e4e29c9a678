import time
from datetime import UTC, datetime, timedelta

import pytest

from app.clock import Clock, ScaledClock, SystemClock, _Forward
from app.db.clock import keep_clock, load_clock
from app.db.work import EVERY_CLINIC

START = datetime(2026, 3, 7, 9, 0, tzinfo=UTC)


def test_neither_clock_of_a_process_runs_backwards():
    forward = _Forward()
    assert forward(START) == START
    assert forward(START - timedelta(hours=1)) == START
    assert forward(START + timedelta(seconds=1)) == START + timedelta(seconds=1)


def test_the_system_s_clock_does_not_start_before_the_record_ends():
    ahead = datetime.now(UTC) + timedelta(hours=1)
    assert SystemClock(not_before=ahead).now() == ahead
    assert SystemClock(not_before=ahead).wall() < ahead


def test_both_clocks_are_utc_and_agree_with_the_machine():
    clock: Clock = SystemClock()
    for instant in (clock.now(), clock.wall()):
        assert instant.utcoffset() == timedelta(0)
        assert abs(instant - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_scaled_clock_goes_on_from_where_it_was_at_its_pace():
    began = time.monotonic()
    clock = ScaledClock(pace=600, start=START)
    first = clock.now()
    time.sleep(0.05)
    second = clock.now()
    passed = timedelta(seconds=time.monotonic() - began) * 600
    assert first >= START
    assert timedelta(seconds=30) <= second - first <= second - START <= passed
    assert abs(clock.wall() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_pace_below_real_time_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        ScaledClock(pace=0, start=START)


def test_the_kept_clock_never_goes_backwards(database):
    assert database.read_now(load_clock, EVERY_CLINIC, START) is None
    for kept, expected in (
        (START, START),
        (START - timedelta(days=1), START),
        (START + timedelta(days=1), START + timedelta(days=1)),
    ):
        database.write_now(keep_clock, EVERY_CLINIC, START, kept)
        assert database.read_now(load_clock, EVERY_CLINIC, START) == expected
