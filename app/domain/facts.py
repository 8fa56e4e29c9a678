"""What goes into an assessment, and nothing else: facts in force, escort, tablets.

`recorded_at` and order of arrival are not here on purpose: they play no part.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.domain.events import Event
from app.domain.readings import Reading

START = "0" * 64
"""The hash before the first entry of a stream."""


@dataclass(frozen=True, slots=True)
class EscortCall:
    """The escort was reached by phone: under which number, when, by whom of the clinic, and when they say they arrive.

    It is no sighting: no rule asks for it.
    """

    number: str
    reached_at: datetime
    reached_by: str
    arrives_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Escort:
    """Who takes the patient home. `present_at` is when they were last seen here, where `present`."""

    name: str
    present: bool
    present_at: datetime | None
    relationship: str | None = None
    revision: int = 1
    phone: EscortCall | None = None


@dataclass(frozen=True, slots=True)
class TabletContact:
    """The last word from a tablet or a browser that has this session open.

    `heard_at`: clinic's clock. `unsent`: items in its outbox. `draft`: an unfinished set of this session lies on it.
    `enrolled`: a lead has given it a name. `pace`: clinic seconds in one of the wall's when it was heard; silence is
    counted on the wall clock.
    """

    id: UUID
    heard_at: datetime
    unsent: int
    draft: bool
    enrolled: bool
    pace: int


@dataclass(frozen=True, slots=True)
class Facts:
    """The events and current revisions of readings of one session, none of them void."""

    session_id: UUID
    events: tuple[Event, ...] = ()
    readings: tuple[Reading, ...] = ()
    escort: Escort | None = None
    tablets: tuple[TabletContact, ...] = field(default=())
