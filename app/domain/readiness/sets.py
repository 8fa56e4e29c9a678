"""Recovery sets: readings of one instant are one set, and on an item they disagree on the worse wins."""

from collections.abc import Sequence
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

    @property
    def grade(self) -> Grade:
        """Good: all items met. Bad: any not met. Else incomplete."""
        outcomes = {verdict.outcome for verdict in self.verdicts.values()}
        if Outcome.NOT_MET in outcomes:
            return Grade.BAD
        return Grade.INCOMPLETE if Outcome.UNKNOWN in outcomes else Grade.GOOD

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
    sets = []
    for at, group in groupby(after, key=attrgetter("measured_at")):
        together = tuple(group)
        runs = oxygen.running_at(at) is not None
        judged = [judge(reading, ground, oxygen_runs=runs) for reading in together]
        verdicts = {item: worst(one[item] for one in judged) for item in Item}
        sets.append(RecoverySet(at, together, verdicts))
    return tuple(sets)
