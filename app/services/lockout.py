"""Wrong passwords are counted, so that guessing is hopeless and nobody can be locked out on purpose.

Counted by account *and* by where the attempt comes from: five wrong ones in a quarter of an hour, from one place,
for one account, and that place must wait. Other places are not touched. Where attempts on one account come from
many places at once, or one address guesses at many accounts, a place that never signed in to the account gets one try
or none; a place that did keeps its five. A tablet that the clinic has enrolled is a place of its own at each address,
however many guess from elsewhere; and whoever is signed in already and signs is counted by that sign-in alone.

Kept in the database, on the wall clock: every process counts on, and a restart forgets nothing. Each row costs its
maker a password check, and goes when its window is over.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.db import attempts, enrolments
from app.db.attempts import WINDOW, Failures
from app.db.work import Work
from app.domain.errors import Refusal
from app.services.usernames import fold_username

TRIES = 5
"""Wrong passwords from one place for one account within the window."""
FLOOD = 50
"""Wrong passwords for one account from everywhere within the window: then unknown places get `TRIES_IN_FLOOD`."""
TRIES_IN_FLOOD = 1
FROM_ONE_ADDRESS = 200
"""Wrong passwords from one address, whatever the account, within the window: then unknown places there wait."""


class TooManyAttempts(Refusal):
    """Too many wrong passwords from here. Wait, then try again; nobody else is affected."""

    code = "too-many-attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Whence:
    """Where an attempt comes from: the peer's address, the tablet it claims to be; or a sign-in that holds."""

    address: str
    tablet_id: UUID | None = None
    sign_in_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt on one account from one place. Holds hashes only.

    `known`: the account was signed in to from there before. `trusted`: it need not wait with strangers.
    """

    account: str
    place: str
    address: str
    marks: tuple[str, ...]
    """Everything that will be known once this attempt succeeds."""
    known: bool
    trusted: bool


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def neighbourhood(address: str) -> str:
    """Whom an address belongs to: one of IPv6 is a subscriber's by its first half alone."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))


def admit(work: Work, username: str, place: Whence, wall: datetime) -> Attempt:
    """What an attempt counts against; the work's clinic is the account's. Raises `TooManyAttempts`."""
    attempt = _attempt(work, username, place)
    counts = attempts.failures(work, {attempt.account, attempt.place, attempt.address})
    allowed = TRIES
    if not attempt.known:
        if _recent(counts.get(attempt.account), wall) >= FLOOD:
            allowed = TRIES_IN_FLOOD
        if not attempt.trusted:
            _check(counts.get(attempt.address), FROM_ONE_ADDRESS, wall)
    _check(counts.get(attempt.place), allowed, wall)
    return attempt


def _attempt(work: Work, username: str, place: Whence) -> Attempt:
    account = _hash("account", fold_username(username))
    near = neighbourhood(place.address)
    by_address = _hash(account, "address", near)
    from_there = _hash("address", near)
    if place.sign_in_id is not None:
        one = _hash(account, "sign-in", str(place.sign_in_id))
        return Attempt(account, one, from_there, (), known=True, trusted=True)
    if place.tablet_id is None:
        known = attempts.known(work, (by_address,))
        return Attempt(account, by_address, from_there, (by_address,), known, trusted=known)
    tablet = _hash(account, "tablet", str(place.tablet_id))
    marks = (by_address, tablet)
    enrolled = _is_enrolled(work, place.tablet_id)
    if enrolled or attempts.known(work, (tablet,)):
        # counted at each address: who has only learnt a tablet's id shuts nobody out of it
        there = _hash(tablet, near)
        return Attempt(account, there, from_there, marks, attempts.known(work, marks), trusted=True)
    # a tablet counts only once it is enrolled or was signed in on: inventing some buys no tries
    known = attempts.known(work, (by_address,))
    return Attempt(account, by_address, from_there, marks, known, trusted=known)


def _is_enrolled(work: Work, tablet_id: UUID) -> bool:
    found = enrolments.find(work, tablet_id)
    return found is not None and found.value.in_use


def _recent(found: Failures | None, wall: datetime) -> int:
    return found.count if found is not None and wall < found.since + WINDOW else 0


def _check(found: Failures | None, allowed: int, wall: datetime) -> None:
    if found is not None and _recent(found, wall) >= allowed:
        raise TooManyAttempts(max(1, -(-(found.since + WINDOW - wall) // timedelta(seconds=1))))


def failed(work: Work, attempt: Attempt, wall: datetime) -> None:
    """Count one wrong password."""
    # in one order, so that no two works wait for each other
    for key in sorted({attempt.place, attempt.account, attempt.address}):
        attempts.count(work, key, wall, wall - WINDOW)


def succeeded(work: Work, attempt: Attempt, wall: datetime) -> None:
    """Forget what this place got wrong, and remember it as one that knows the password."""
    attempts.forgive(work, attempt.place)
    for mark in sorted(attempt.marks):
        attempts.know(work, mark, wall)
