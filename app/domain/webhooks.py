"""Webhooks: whom the clinic's changes are told to, when a delivery is tried again, and when it is given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain.feed import FeedItem

GAPS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
    timedelta(hours=24),
)
"""From one try to the next: a little over four days in all, so that a long weekend loses nothing."""
JITTER = 0.2
"""A gap is lengthened by up to this share, so that what failed together does not come back together."""
LEASE = timedelta(seconds=60)
"""How long a try may take before another process may take the delivery over: well over `TRY_SECONDS`."""
TRY_SECONDS = 15.0
OLD_SECRET = timedelta(hours=24)
"""After a rotation both secrets sign for so long."""
GONE = "410"
LAST = len(GAPS)
"""Tries after which one more failure is the last. What waited behind an event that was given up has waited as long."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A target that somebody registered. `kinds` None: every kind. `paused`: why nothing is sent, None where it is.

    `secret`, `old_secret`: empty and None where the target was read without them.
    """

    id: UUID
    clinic_id: UUID
    url: str
    kinds: frozenset[str] | None
    with_values: bool
    allow_private: bool
    secret: str
    old_secret: str | None
    old_until: datetime | None
    paused: str | None
    added_at: datetime

    def wants(self, kind: str) -> bool:
        """Whether it is told of this kind."""
        return self.kinds is None or kind in self.kinds

    def secrets_at(self, wall: datetime) -> tuple[str, ...]:
        """The secrets that sign now, the newest first."""
        if self.old_secret is not None and self.old_until is not None and wall < self.old_until:
            return (self.secret, self.old_secret)
        return (self.secret,)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is being tried, for the `tries`th time."""

    item: FeedItem
    tries: int
    waiting_since: datetime


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it. `outcome`: the answer's status code, or in a word why there was none."""

    claimed: Claimed
    outcome: str

    @property
    def delivered(self) -> bool:
        """Only 2xx is."""
        return len(self.outcome) == 3 and self.outcome.startswith("2")


class NoAnswer(StrEnum):
    """Why there was no answer."""

    ADDRESS = "address-refused"
    NO_ADDRESS = "host-not-found"
    CONNECTION = "no-connection"
    TIME = "timed-out"
    BROKEN = "connection-broken"
    OURS = "not-sent"
    """A mistake of ours: it never went out."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery that was given up."""

    position: int
    id: UUID
    kind: str
    session_id: UUID | None
    waiting_since: datetime
    tries: int
    outcome: str | None


@dataclass(frozen=True, slots=True)
class WebhookState:
    """A target and how it stands: deliveries that wait (for their turn or another try), and that were given up.

    `failing_since`: since when the oldest that has failed and is not given up waits.
    """

    webhook: Webhook
    position: int
    waiting: int
    dead: int
    last_failure: str | None
    failing_since: datetime | None


def next_try(tries: int, chance: float) -> timedelta | None:
    """How long after the `tries`th failure to try again; None: never. `chance` from 0 to 1."""
    if tries > len(GAPS):
        return None
    return GAPS[tries - 1] * (1 + JITTER * chance)
