"""Recovery sets: readings of one instant are one set, and on an item they disagree on the worse wins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

from app.domain.assessment import Outcome
from app.domain.dose import Timeline
from app.domain.readiness.items import Ground, Item, judge
from app.domain.readiness.oxygen import OxygenHistory
from app.domain.readiness.verdicts import Verdict, worst
from app.domain.readings import Phase, Reading


class Grade(StrEnum):
    """A whole set in one word."""

    GOOD = "good"
    BAD = "bad"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class RecoverySet:
    """One set after the dose end, with a verdict on every item."""

    at: datetime
    readings: tuple[Reading, ...]
    verdicts: dict[Item, Verdict]
    grade: Grade

    @property
    def complete(self) -> bool:
        """Whether no item is unknown; a bad set may be."""
        return all(verdict.outcome is not Outcome.UNKNOWN for verdict in self.verdicts.values())


def recovery_sets(
    readings: Sequence[Reading], timeline: Timeline, oxygen: OxygenHistory, ground: Ground
) -> tuple[RecoverySet, ...]:
    """The recovery sets of one session, oldest first, from its readings in force in any order."""
    after = [reading for reading in readings if timeline.phase_of(reading.measured_at) is Phase.RECOVERY]
    after.sort(key=lambda reading: (reading.measured_at, reading.id.int))
    same = _JUDGED.ground(ground)
    sets = []
    for at, group in groupby(after, key=attrgetter("measured_at")):
        together, runs = tuple(group), oxygen.running_at(at) is not None
        sets.append(_JUDGED.find(together, same, runs) or _JUDGED.keep(_judged(at, together, ground, runs), same, runs))
    return tuple(sets)


def _judged(at: datetime, together: tuple[Reading, ...], ground: Ground, runs: bool) -> RecoverySet:
    judged = [judge(reading, ground, oxygen_runs=runs) for reading in together]
    verdicts = {item: worst(one[item] for one in judged) for item in Item}
    return RecoverySet(at, together, verdicts, grade_of(verdict.outcome for verdict in verdicts.values()))


def grade_of(outcomes: Iterable[Outcome]) -> Grade:
    """Good: all items met. Bad: any not met. Else incomplete."""
    seen = set(outcomes)
    if Outcome.NOT_MET in seen:
        return Grade.BAD
    return Grade.INCOMPLETE if Outcome.UNKNOWN in seen else Grade.GOOD


class _Judged:
    """Sets that were judged already: the very same readings, on the same ground, with oxygen running or not.

    A set's verdict depends on nothing else, so that a long session need not judge all its sets anew for each reading.
    What is remembered is found by identity: readings are never changed, and those held here cannot be taken for others.
    """

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._grounds: list[Ground] = []
        self._sets: dict[tuple[object, ...], tuple[Ground, RecoverySet]] = {}

    def ground(self, ground: Ground) -> Ground:
        """The one of equal grounds that what is remembered was judged on."""
        for known in reversed(self._grounds):
            if known == ground:
                return known
        self._grounds = [*self._grounds[-63:], ground]
        return ground

    def find(self, readings: tuple[Reading, ...], ground: Ground, runs: bool) -> RecoverySet | None:
        """The set of these very readings; None where it is yet to be judged."""
        found = self._sets.get((id(ground), runs, *map(id, readings)))
        return found[1] if found else None

    def keep(self, one: RecoverySet, ground: Ground, runs: bool) -> RecoverySet:
        """The set itself, for the next who asks."""
        if len(self._sets) >= self._most:
            self._sets = {}
        self._sets[id(ground), runs, *map(id, one.readings)] = (ground, one)
        return one


_JUDGED = _Judged()
