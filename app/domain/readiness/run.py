"""The run: the tail of good sets that sustained recovery rests on, and what interrupts it."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.codes import Code
from app.domain.events import Event, EventKind
from app.domain.instants import minutes, to_text
from app.domain.protocol.values import Sustained
from app.domain.readiness.episodes import Episode
from app.domain.readiness.sets import Grade, RecoverySet
from app.domain.sentences import Reason

_INTERRUPTS = {
    EventKind.MEDICATION_GIVEN: Code.AFTER_MEDICATION,
    EventKind.OXYGEN_STARTED: Code.AFTER_OXYGEN_STARTED,
    EventKind.OXYGEN_STOPPED: Code.AFTER_OXYGEN_STOPPED,
}


@dataclass(frozen=True, slots=True)
class Interruption:
    """Something given or resolved, after which recovery has to be shown anew."""

    at: datetime
    reason: Reason
    event: Event


@dataclass(frozen=True, slots=True)
class Run:
    """Instants of the good sets of the run, those of them that count, and why the run is no longer."""

    sets: tuple[datetime, ...]
    counted: tuple[datetime, ...]
    began_after: Reason | None

    def sustains(self, rule: Sustained) -> bool:
        """Enough counted sets, and enough minutes from the run's first set to its last."""
        return len(self.counted) >= rule.sets and self.sets[-1] - self.sets[0] >= minutes(rule.minutes)

    def before(self, since: datetime) -> "Run | None":
        """What it was at the end of the sets before this instant; None where it began later, and so was another."""
        if not self.sets or self.sets[0] >= since:
            return None
        sets, counted = bisect_left(self.sets, since), bisect_left(self.counted, since)
        return Run(self.sets[:sets], self.counted[:counted], self.began_after)


NO_RUN = Run((), (), None)
"""Before the first set."""


def last_interruption(events: Iterable[Event], episodes: Iterable[Episode]) -> Interruption | None:
    """The latest medication, oxygen change or resolution of a blocking symptom, in any phase."""
    found = [
        Interruption(event.at, Reason(_INTERRUPTS[event.kind], {"at": to_text(event.at)}), event)
        for event in events
        if event.kind in _INTERRUPTS
    ]
    for episode in episodes:
        # An episode whose severity was never given may have been a blocking one: the safer reading.
        if episode.closed_by is not None and episode.blocking is not False:
            seen = {"symptom": episode.code.value, "at": to_text(episode.closed_by.at)}
            found.append(
                Interruption(episode.closed_by.at, Reason(Code.AFTER_SYMPTOM_RESOLVED, seen), episode.closed_by)
            )
    return max(found, key=lambda one: (one.at, one.event.id.int), default=None)


@dataclass(frozen=True, slots=True)
class Mark:
    """One set as the run sees it."""

    at: datetime
    grade: Grade


def marks(sets: Iterable[RecoverySet]) -> tuple[Mark, ...]:
    """Sets as the run sees them."""
    return tuple(Mark(one.at, one.grade) for one in sets)


def run_of(sets: Sequence[Mark], interrupted: Interruption | None, rule: Sustained, before: Run = NO_RUN) -> Run:
    """The run at the end of `sets` (oldest first). `before`: the run at the end of those that came earlier still."""
    run, counted, began_after = list(before.sets), list(before.counted), before.began_after
    gap, spacing = minutes(rule.max_gap), minutes(rule.spacing)
    for mark in sets:
        if mark.grade is not Grade.GOOD:
            run, counted = [], []
            began_after = Reason(Code.AFTER_SET, {"grade": mark.grade.value, "at": to_text(mark.at)})
            continue
        if interrupted is not None and mark.at <= interrupted.at:
            # A set of the very instant cannot show what came after it.
            run, counted, began_after = [], [], interrupted.reason
            continue
        if run and mark.at - run[-1] > gap:
            run, counted, began_after = [], [], Reason(Code.AFTER_GAP, {"at": to_text(mark.at)})
        run.append(mark.at)
        # A set too soon after the last counted one is not counted; that it was good already kept the run whole.
        if not counted or mark.at - counted[-1] >= spacing:
            counted.append(mark.at)
    return Run(tuple(run), tuple(counted), began_after)
