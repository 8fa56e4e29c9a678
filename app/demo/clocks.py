"""Clocks the simulator sets by hand, until it lets them run."""

import threading
from datetime import UTC, datetime

from app.clock import ScaledClock, SystemClock


class SteppedClock:
    """The clinic's clock stands where it was last set and never goes back; the wall clock is the machine's.

    `start` is UTC. `run` lets it go on by itself from where it stands, `pace` seconds for each real one.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._wall = SystemClock()
        self._running: ScaledClock | None = None
        self._lock = threading.Lock()

    @property
    def pace(self) -> int:
        with self._lock:
            return self._running.pace if self._running else 0

    def now(self) -> datetime:
        with self._lock:
            return self._running.now() if self._running else self._now

    def wall(self) -> datetime:
        return self._wall.wall()

    def step(self, to: datetime) -> None:
        """Sets the clock to `to`; an earlier instant is let pass without effect. Only while it stands."""
        with self._lock:
            if self._running:
                raise RuntimeError("the clock runs by itself now")
            self._now = max(self._now, to.astimezone(UTC))

    def run(self, pace: int) -> None:
        """From now on the clock runs by itself."""
        with self._lock:
            self._running = ScaledClock(pace, self._now)
