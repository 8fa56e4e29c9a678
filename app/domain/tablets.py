"""Tablets: what one says of itself, and when its clock is in doubt."""

from dataclasses import dataclass
from uuid import UUID

CLOCK_LIMIT_MS = 60_000
"""Milliseconds a tablet's clock may differ from the service's before what it stamps is in doubt."""


@dataclass(frozen=True, slots=True)
class Tablet:
    """A tablet as the lead enrolled it. `name`: what people call it, such as the number on its back.

    `in_use` False: lost, stolen or given away. No key and no PIN opens it any more.
    """

    name: str
    in_use: bool = True


@dataclass(frozen=True, slots=True)
class Contact:
    """One heartbeat. `unsent`: items still in its outbox. `clock_offset_ms`: its clock minus the wall clock.

    `drafts`: the sessions of which an unfinished set lies on it.
    """

    unsent: int
    open_sessions: tuple[UUID, ...]
    clock_offset_ms: int
    drafts: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class NotEntered:
    """What was typed on a tablet, refused, and set aside by a person. `typed`, `refused`: both versions, as JSON."""

    item: UUID
    session_id: UUID | None
    about: str
    typed: str
    refused: str
    reason: str


def clock_is_doubtful(offset_ms: int | None) -> bool:
    """Whether instants stamped by a clock that is off by so much are in doubt; None where nothing is known of it."""
    return offset_ms is not None and abs(offset_ms) > CLOCK_LIMIT_MS
