"""Tablets: what one says of itself, and when its clock is in doubt."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

MOST_IN_USE = 300
"""Tablets that one clinic may have enrolled and in use."""
MOST_NEW_A_DAY = 200
"""Tablets and browsers of one clinic that may be given the key of their outbox for the first time, in a day."""
MOST_NEW_OF_ONE = 40
"""The same of those on which one person is the first to sign in."""
RENEWED_AFTER = timedelta(days=30)
"""The age at which a tablet is told to make another key."""
CLOCK_LIMIT_MS = 60_000
"""Milliseconds a tablet's clock may differ from the service's before what it stamps is in doubt."""

KEPT_ON_TABLETS = timedelta(hours=72)
"""How long a tablet keeps, sealed, what the service has acknowledged: to offer it again after a restore."""
CLOCKS_APART = timedelta(minutes=5)
"""How much earlier than a backup was begun is offered again all the same: sent twice it changes nothing."""


@dataclass(frozen=True, slots=True)
class Tablet:
    """A tablet as the lead enrolled it. `name`: what people call it, such as the number on its back.

    `in_use` False: lost, stolen or given away. No key and no PIN opens it any more. `public_key`: of the key that it
    signs with, a point of P-256 as base64url; without one nobody speaks for it until it is enrolled again, on itself.
    """

    name: str
    in_use: bool = True
    public_key: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One heartbeat. `unsent`: items still in its outbox. `clock_offset_ms`: its clock minus the wall clock.

    `drafts`: the sessions of which an unfinished set lies on it.
    """

    unsent: int
    open_sessions: tuple[UUID, ...]
    clock_offset_ms: int
    drafts: tuple[UUID, ...] = ()


def unsent_in_this_life(
    unsent: int, knows: UUID | None, epoch: UUID, restored_at: datetime | None, now: datetime
) -> int:
    """How much a tablet holds that the record lacks. `knows`: the life of the record it was told of last, if it says.

    One that does not know of a restore says that all it holds is in the record, and what was lost may lie on it: that
    is something, until it has been told, or keeps nothing of that time any more.
    """
    told = knows == epoch or restored_at is None or now - restored_at > KEPT_ON_TABLETS
    return unsent if told else max(unsent, 1)


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
