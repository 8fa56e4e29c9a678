"""Whose turn it is: everybody in the clinic as one queue of instants, on a clock that is set or one that runs."""

import heapq
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from app.demo.clocks import SteppedClock

Turn = Generator[datetime, datetime, None]
"""Somebody's day: yields when to be called next, is sent the instant at which that happened."""


@dataclass(order=True, slots=True)
class _Due:
    at: datetime
    number: int
    turn: Turn = field(compare=False)


class Agenda:
    """Calls each turn at its instant, in order; equal instants in the order they were asked for."""

    def __init__(self, clock: SteppedClock) -> None:
        self._clock = clock
        self._queue: list[_Due] = []
        self._number = 0

    def add(self, turn: Turn) -> None:
        """Asks `turn` for its first instant."""
        self._push(next(turn), turn)

    def step(self, until: datetime | None = None) -> Iterator[datetime]:
        """Sets the clock from turn to turn, as fast as the turns are taken, up to and including `until`."""
        while self._queue and (until is None or self._queue[0].at <= until):
            due = heapq.heappop(self._queue)
            self._clock.step(due.at)
            self._take(due)
            yield self._clock.now()
        if until is not None:
            self._clock.step(until)

    def live(self, stop: threading.Event, pace: int) -> None:
        """Waits for each turn on a clock that runs `pace` seconds a second, until `stop`."""
        while not stop.is_set():
            ahead = (self._queue[0].at - self._clock.now()).total_seconds() if self._queue else float(pace)
            if ahead > 0:
                stop.wait(min(ahead / pace, 0.5))
            else:
                self._take(heapq.heappop(self._queue))

    def _take(self, due: _Due) -> None:
        try:
            at = due.turn.send(self._clock.now())
        except StopIteration:
            return
        self._push(at, due.turn)

    def _push(self, at: datetime, turn: Turn) -> None:
        self._number += 1
        heapq.heappush(self._queue, _Due(at, self._number, turn))
