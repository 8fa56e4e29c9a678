"""Recovery sets: readings of one instant are one set, and on an item they disagree on the worse wins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

from app.domain.assessment import Outcome, RestsOn
from app.domain.dose import Timeline
from app.domain.readiness.findings import of_readings
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
    """One set after the dose end, with a verdict on every item.

    `on`: its readings as findings name them. `complete`: no item is unknown; a bad set may be.
    """

    at: datetime
    readings: tuple[Reading, ...]
    verdicts: dict[Item, Verdict]
    grade: Grade
    complete: bool
    on: tuple[RestsOn, ...]


def recovery_sets(
    readings: Sequence[Reading], timeline: Timeline, oxygen: OxygenHistory, ground: Ground
) -> tuple[RecoverySet, ...]:
    """The recovery sets of one session, oldest first, from its readings in force in any order."""
    after = [reading for reading in readings if timeline.phase_of(reading.measured_at) is Phase.RECOVERY]
    after.sort(key=lambda reading: (reading.measured_at, reading.id.int))
    return tuple(
        _judged(at, tuple(together), ground, oxygen.running_at(at) is not None)
        for at, together in groupby(after, key=attrgetter("measured_at"))
    )


def _judged(at: datetime, together: tuple[Reading, ...], ground: Ground, runs: bool) -> RecoverySet:
    judged = [judge(reading, ground, oxygen_runs=runs) for reading in together]
    verdicts = {item: worst(one[item] for one in judged) for item in Item}
    outcomes = {verdict.outcome for verdict in verdicts.values()}
    complete = Outcome.UNKNOWN not in outcomes
    return RecoverySet(at, together, verdicts, grade_of(outcomes), complete, of_readings(together))


def grade_of(outcomes: Iterable[Outcome]) -> Grade:
    """Good: all items met. Bad: any not met. Else incomplete."""
    seen = set(outcomes)
    if Outcome.NOT_MET in seen:
        return Grade.BAD
    return Grade.INCOMPLETE if Outcome.UNKNOWN in seen else Grade.GOOD
