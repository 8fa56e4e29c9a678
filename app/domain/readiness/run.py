"""The run: the tail of good sets that sustained recovery rests on, and what interrupts it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.events import Event, EventKind
from app.domain.instants import minutes, to_text
from app.domain.protocol.values import Sustained
from app.domain.readiness.episodes import Episode
from app.domain.readiness.sets import Grade, RecoverySet


@dataclass(frozen=True, slots=True)
class Interruption:
    """Something given or resolved, after which recovery has to be shown anew."""

    at: datetime
    because: str
    event: Event


@dataclass(frozen=True, slots=True)
class Run:
    """Instants of the good sets of the run, those of them that count, and why the run is no longer."""

    sets: tuple[datetime, ...]
    counted: tuple[datetime, ...]
    began_after: str | None

    def sustains(self, rule: Sustained) -> bool:
        """Enough counted sets, and enough minutes from the run's first set to its last."""
        return len(self.counted) >= rule.sets and self.sets[-1] - self.sets[0] >= minutes(rule.minutes)


def last_interruption(events: Iterable[Event], episodes: Iterable[Episode]) -> Interruption | None:
    """The latest medication, oxygen change or resolution of a blocking symptom, in any phase."""
    found = []
    for event in events:
        match event.kind:
            case EventKind.MEDICATION_GIVEN:
                found.append(Interruption(event.at, "a medication was given", event))
            case EventKind.OXYGEN_STARTED:
                found.append(Interruption(event.at, "oxygen was started", event))
            case EventKind.OXYGEN_STOPPED:
                found.append(Interruption(event.at, "oxygen was stopped", event))
            case _:
                pass
    for episode in episodes:
        # An episode whose severity was never given may have been a blocking one: the safer reading.
        if episode.closed_by is not None and episode.blocking is not False:
            because = f"{episode.code.value.replace('-', ' ')} was resolved"
            found.append(Interruption(episode.closed_by.at, because, episode.closed_by))
    return max(found, key=lambda one: (one.at, one.event.id.int), default=None)


@dataclass(frozen=True, slots=True)
class Mark:
    """One set as the run sees it."""

    at: datetime
    grade: Grade


def marks(sets: Iterable[RecoverySet]) -> tuple[Mark, ...]:
    """Sets as the run sees them."""
    return tuple(Mark(one.at, one.grade) for one in sets)


def run_of(sets: Sequence[Mark], interrupted: Interruption | None, rule: Sustained) -> Run:
    """The run at the end of `sets` (oldest first)."""
    run: list[datetime] = []
    began_after: str | None = None
    for mark in sets:
        if mark.grade is not Grade.GOOD:
            run, began_after = [], f"the {mark.grade.value} set at {to_text(mark.at)}"
        elif interrupted is not None and mark.at <= interrupted.at:
            # A set of the very instant cannot show what came after it.
            run, began_after = [], f"{interrupted.because} at {to_text(interrupted.at)}"
        elif run and mark.at - run[-1] > minutes(rule.max_gap):
            began_after = f"a gap of more than {rule.max_gap} minutes before the set at {to_text(mark.at)}"
            run = [mark.at]
        else:
            run.append(mark.at)
    counted: list[datetime] = []
    for at in run:
        # A set too soon after the last counted one is not counted; that it was good already kept the run whole.
        if not counted or at - counted[-1] >= minutes(rule.spacing):
            counted.append(at)
    return Run(tuple(run), tuple(counted), began_after)
