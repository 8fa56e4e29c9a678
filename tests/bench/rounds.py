"""Interleaved rounds: every target runs once a round, in turning order, and ratios are taken within a round.

What disturbs the machine for a minute then disturbs both sides of a ratio, and the median of the rounds leaves it out.
"""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

BUSY = 0.25
"""Part of the machine in strange hands from which on figures are not believed."""
AGAIN = 2
"""How often a burst is run again that met a busy machine."""
WIDE = 1.6
"""Largest over smallest ratio of the rounds from which on a median says little."""


@dataclass(frozen=True)
class Burst:
    """What one burst of requests cost. `cpu`: milliseconds of processor a request, server and database together."""

    cpu: float
    rate: float
    p50: float
    p99: float
    foreign: float
    client: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)


Target = Callable[[], Burst]


@dataclass(frozen=True)
class Figure:
    """One number out of several rounds: its median and how far apart they lay. `foreign`: the busiest that counted."""

    median: float
    low: float
    high: float
    foreign: float

    @property
    def busy(self) -> bool:
        """Whether the machine was too busy for this to be believed."""
        return self.foreign > BUSY

    @property
    def wide(self) -> bool:
        """Whether the rounds disagree so far that their median says little."""
        return self.low > 0 and self.high / self.low > WIDE


def figure(values: list[float], foreign: float = 0.0) -> Figure:
    """Of these numbers."""
    return Figure(statistics.median(values), min(values), max(values), foreign)


def exact(value: float) -> Figure:
    """A count, which nothing disturbs."""
    return Figure(value, value, value, 0.0)


class Rounds:
    """All bursts of one group of rows. After `ends` (of the clock that nobody can set) none is run again."""

    def __init__(self, ends: float = math.inf) -> None:
        self.bursts: dict[str, list[Burst]] = {}
        self._ends = ends

    def run(self, targets: Mapping[str, Target], rounds: int) -> None:
        """A warm-up of each, not counted; then the rounds."""
        names = list(targets)
        for name in names:
            targets[name]()
        for number in range(rounds):
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                self.bursts.setdefault(name, []).append(self._undisturbed(targets[name]))

    def figure(self, value: Callable[[Mapping[str, Burst]], float], *names: str) -> Figure:
        """A value out of the bursts of these targets, round by round."""
        rounds = [dict(zip(names, bursts, strict=True)) for bursts in self._by_round(names)]
        foreign = statistics.median(max(burst.foreign for burst in one.values()) for one in rounds)
        return figure([value(one) for one in rounds], foreign)

    def _by_round(self, names: Sequence[str]) -> Iterator[tuple[Burst, ...]]:
        return zip(*(self.bursts[name] for name in names), strict=True)

    def ratio(self, above: str, *below: str) -> Figure:
        """Processor time of one over that of the others together."""
        return self.figure(lambda one: one[above].cpu / sum(one[name].cpu for name in below), above, *below)

    def _undisturbed(self, target: Target) -> Burst:
        """The burst; where the machine was busy with other things, the least disturbed of a few."""
        found = [target()]
        while found[-1].foreign > BUSY and len(found) <= AGAIN and time.monotonic() < self._ends:
            found.append(target())
        return min(found, key=lambda burst: burst.foreign)
