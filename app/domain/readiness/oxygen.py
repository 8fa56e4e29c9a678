"""Oxygen by the events: whether it runs at an instant. Of one instant a stop comes first, so the worse wins."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.events import Event, EventKind


@dataclass(frozen=True, slots=True)
class OxygenHistory:
    """Oxygen starts and stops in order."""

    changes: tuple[Event, ...]

    @property
    def now(self) -> Event | None:
        """The start that still runs, None where no oxygen runs."""
        last = self.changes[-1] if self.changes else None
        return last if last is not None and last.kind is EventKind.OXYGEN_STARTED else None

    def running_at(self, at: datetime) -> Event | None:
        """The start that runs at `at`, None where none does."""
        last = None
        for change in self.changes:
            if change.at > at:
                break
            last = change
        return last if last is not None and last.kind is EventKind.OXYGEN_STARTED else None


def oxygen_history(events: Iterable[Event]) -> OxygenHistory:
    """The oxygen events of one session, from its events in force in any order."""
    changes = [event for event in events if event.kind in {EventKind.OXYGEN_STARTED, EventKind.OXYGEN_STOPPED}]
    return OxygenHistory(tuple(sorted(changes, key=lambda e: (e.at, e.kind is EventKind.OXYGEN_STARTED, e.id.int))))
