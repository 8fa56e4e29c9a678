"""What goes into an assessment, and nothing else: facts in force, escort, tablets.

`recorded_at` and order of arrival are not here on purpose: they play no part.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.domain.events import Event
from app.domain.readings import Reading


@dataclass(frozen=True, slots=True)
class Escort:
    """Who takes the patient home. `present_at` is when they were last seen here, where `present`."""

    name: str
    present: bool
    present_at: datetime | None
    relationship: str | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class TabletContact:
    """The last word from a tablet that has this session open."""

    id: UUID
    heard_at: datetime
    unsent: int


@dataclass(frozen=True, slots=True)
class Facts:
    """The events and current revisions of readings of one session, none of them void."""

    session_id: UUID
    events: tuple[Event, ...] = ()
    readings: tuple[Reading, ...] = ()
    escort: Escort | None = None
    tablets: tuple[TabletContact, ...] = field(default=())
