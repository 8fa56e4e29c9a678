"""The two clocks, and the only place that reads one.

The clinic's clock dates the record; a demo may run it fast. The wall clock is for sign-ins, lock-out and rates.
Neither ever runs backwards within one process: an answer given later never carries an earlier instant.
"""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


def ticking() -> float:
    """Seconds of a clock that nobody can set: for how long something takes, never for when it was."""
    return time.monotonic()


class Clock(Protocol):
    """Both clocks. Every instant is aware and in UTC."""

    @property
    def pace(self) -> int:
        """Seconds the clinic's clock goes on in one of the wall's; 0 while it stands."""
        ...

    def now(self) -> datetime:
        """The clinic's clock."""
        ...

    def wall(self) -> datetime:
        """The wall clock."""
        ...


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was asked: an instant of the clinic's clock, and the tick at which that was read.

    The two travel together, made by `moment` alone: how long ago the instant was taken can then always be told,
    wherever a request waited since.
    """

    at: datetime
    tick: float

    @property
    def age(self) -> float:
        """Seconds since the instant was taken, by the clock that nobody can set."""
        return ticking() - self.tick


def moment(clock: Clock) -> Moment:
    """Now."""
    # the tick first: an age is never told too small
    tick = ticking()
    return Moment(clock.now(), tick)


def just_now(instant: datetime) -> Moment:
    """An instant that is being taken as it is asked for, by somebody who then waits for the answer."""
    return Moment(instant, ticking())


class _Forward:
    """Lets instants through, but never an earlier one than it let through before."""

    def __init__(self, not_before: datetime | None = None) -> None:
        self._latest = not_before
        self._lock = threading.Lock()

    def __call__(self, instant: datetime) -> datetime:
        with self._lock:
            if self._latest is None or instant > self._latest:
                self._latest = instant
            return self._latest


class SystemClock:
    """Real time. `not_before`: the last instant an earlier process put into the record (UTC)."""

    pace = 1

    def __init__(self, not_before: datetime | None = None) -> None:
        self._now = _Forward(not_before)
        self._wall = _Forward()

    def now(self) -> datetime:
        return self._now(datetime.now(UTC))

    def wall(self) -> datetime:
        return self._wall(datetime.now(UTC))


class ScaledClock:
    """A demo's clock: from `start` (UTC; where an earlier run stopped), `pace` seconds for each real one.

    Counted from the machine's monotonic clock, so that setting the machine's time moves nothing.
    """

    def __init__(self, pace: int, start: datetime) -> None:
        if pace < 1:
            raise ValueError("the pace is a whole number of at least 1")
        self.pace = pace
        self._start = start.astimezone(UTC)
        self._began = time.monotonic_ns()
        self._now = _Forward(self._start)
        self._wall = _Forward()

    def now(self) -> datetime:
        elapsed = (time.monotonic_ns() - self._began) // 1000
        return self._now(self._start + timedelta(microseconds=elapsed * self.pace))

    def wall(self) -> datetime:
        return self._wall(datetime.now(UTC))
