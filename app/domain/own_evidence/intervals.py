"""How far a share or a median may be off: intervals that hold what they are about 19 times in 20.

Patients come again, and what is seen of one patient is alike: each interval counts patients and not what was seen of
them, by an effective size (what was seen, divided by how much more it varies between patients than by chance alone).

A share has Wilson's interval. That of a median is the one that resampling gives, worked out instead of drawn: the
median of a sample drawn anew lies at or below the value of rank q where at least half of the draws do, which is a
binomial in q; the q at which that has 1 chance in 40 are Wilson's limits of one half, read off the sorted values.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from statistics import NormalDist

FEWEST = 11
"""Patients: of fewer no interval is told."""
_TAIL = 0.975


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its interval."""

    value: float
    low: float
    high: float

    @property
    def below(self) -> float:
        """How far it may be less."""
        return self.value - self.low

    @property
    def above(self) -> float:
        """How far it may be more."""
        return self.high - self.value


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one patient: how many of how many."""

    hits: int
    of: int


def wilson(share: float, size: float, z: float) -> tuple[float, float]:
    """Wilson's score interval of a share seen in `size` draws, `z` standard errors to each side."""
    square = z * z / size
    middle = (share + square / 2) / (1 + square)
    half = z * sqrt(share * (1 - share) / size + square / (4 * size)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def student(freedom: int) -> float:
    """Student's t that leaves 1 in 40 above, by the expansion around the normal one; `freedom` 3 and more."""
    z = NormalDist().inv_cdf(_TAIL)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def share(parts: Sequence[Seen]) -> Estimate | None:
    """The share of hits over all patients; None where there is nothing, or of too few patients."""
    parts = [part for part in parts if part.of]
    if len(parts) < FEWEST:
        return None
    found = sum(part.hits for part in parts) / sum(part.of for part in parts)
    return Estimate(found, *wilson(found, _size(parts, found), student(len(parts) - 1)))


def _size(parts: Sequence[Seen], around: float) -> float:
    """How many independent draws tell as much: never more than there were."""
    total = sum(part.of for part in parts)
    by_chance = around * (1 - around) / total
    if by_chance == 0:
        return float(total)
    spread = sum((part.hits - around * part.of) ** 2 for part in parts) * len(parts) / (len(parts) - 1)
    return total / max(1.0, spread / total**2 / by_chance)


def median(values: Mapping[Hashable, Sequence[int]]) -> Estimate | None:
    """The median over all patients' values; None of too few patients."""
    held = [each for each in values.values() if each]
    if len(held) < FEWEST:
        return None
    ranked = sorted(value for each in held for value in each)
    found = at_rank(ranked, 0.5)
    # how patients differ in whether they lie on one side of it, each value that is tied with it counting half
    parts = [Seen(sum((value < found) * 2 + (value == found) for value in each), 2 * len(each)) for each in held]
    middle = sum(part.hits for part in parts) / sum(part.of for part in parts)
    size = min(_size(parts, middle), float(len(ranked)))
    low, high = wilson(0.5, size, student(len(held) - 1))
    return Estimate(found, _at(ranked, floor(low * len(ranked))), _at(ranked, ceil(high * len(ranked))))


def at_rank(ranked: Sequence[int], rank: float) -> int:
    """Of sorted values the lowest that at least this share of them does not exceed."""
    return _at(ranked, ceil(rank * len(ranked)))


def _at(ranked: Sequence[int], place: int) -> int:
    return ranked[min(max(place, 1), len(ranked)) - 1]


def difference(one: Estimate, other: Estimate) -> Estimate:
    """How much more `one` is than `other`: each side's own way off is kept (Newcombe's square-and-add)."""
    found = one.value - other.value
    low = found - sqrt(one.below**2 + other.above**2)
    return Estimate(found, low, found + sqrt(one.above**2 + other.below**2))
