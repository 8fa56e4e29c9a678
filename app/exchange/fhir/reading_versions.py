"""How often a reading's resources changed, and when.

A reading changes by a correction, by its void, and by a dose event that arrives (or is voided) later and moves it to
another phase: the phase is derived again, so what was exported is no longer what the record says, and that is a new
version. Nearly always the version is the revision.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.domain.readings import Phase, Reading
from app.domain.records import Kept, ReadingHistory, Void
from app.exchange.fhir.context import Context


@dataclass(frozen=True, slots=True)
class ReadingVersion:
    """A reading as the record told it from the instant `at` on, as its `version`-th change."""

    version: int
    at: datetime
    kept: Kept[Reading]
    phase: Phase
    void: Kept[Void] | None = None

    @property
    def status(self) -> str:
        """FHIR's word: `corrected` speaks of an error put right, which is the only reason to type a set anew."""
        if self.void is not None:
            return "entered-in-error"
        return "final" if self.kept.revision == 1 else "corrected"


def versions_of_reading(context: Context, history: ReadingHistory) -> Iterator[ReadingVersion]:
    """Every change of this reading, oldest first. Nothing follows the void."""
    first = history.revisions[0]
    arrivals: list[tuple[datetime, int, Kept[Reading] | int]] = [
        (revision.recorded_at, 1, revision) for revision in history.revisions[1:]
    ]
    place = context.place(first.recorded_at)
    arrivals.extend((context.step_times[later], 0, later) for later in range(place + 1, len(context.steps)))
    arrivals.sort(key=lambda arrival: arrival[:2])
    current, phase = first, context.phase(place, first.value.measured_at)
    version, at = 1, first.recorded_at
    yield ReadingVersion(version, at, current, phase)
    void = history.void
    for at, _, what in arrivals:
        if void is not None and at >= void.recorded_at:
            break
        if isinstance(what, int):
            place, revised = what, current
        else:
            revised = what
        derived = context.phase(place, revised.value.measured_at)
        if revised is not current or derived is not phase:
            current, phase, version = revised, derived, version + 1
            yield ReadingVersion(version, at, current, phase)
    if void is not None:
        yield ReadingVersion(version + 1, void.recorded_at, current, phase, void)


def newest_of_reading(context: Context, history: ReadingHistory) -> ReadingVersion:
    """The last of them."""
    *_, last = versions_of_reading(context, history)
    return last
