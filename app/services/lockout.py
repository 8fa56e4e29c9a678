"""Wrong passwords are counted, so that guessing is hopeless and nobody can be locked out on purpose.

Counted by account *and* by where the attempt comes from: five wrong ones in a quarter of an hour, from one place,
for one account, and that place must wait. Other places are not touched. Where attempts on one account come from
many places at once, a place that never signed in to it gets one try instead of five; a place that did keeps its five.

Kept in memory, bounded, on the wall clock. A restart forgets the counts, and an attacker cannot cause one.
"""

import hashlib
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.errors import Refusal
from app.services.usernames import fold_username

WINDOW = timedelta(minutes=15)
TRIES = 5
"""Wrong passwords from one place for one account within the window."""
FLOOD = 50
"""Wrong passwords for one account from everywhere within the window: then unknown places get `TRIES_IN_FLOOD`."""
TRIES_IN_FLOOD = 1
REMEMBERED = 100_000
"""Keys held at once; the oldest go first. Filling them takes more password checks than a window has time for."""


class TooManyAttempts(Refusal):
    """Too many wrong passwords from here. Wait, then try again; nobody else is affected."""

    code = "too-many-attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt on one account from one place. Holds hashes only."""

    account: str
    place: str
    places: tuple[str, ...]
    """Everything that will be known once this attempt succeeds."""
    known: bool


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


class Lockout:
    """The counters of one process. Not for use from several threads at once."""

    def __init__(self, *, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()

    def attempt(self, username: str, address: str, tablet_id: UUID | None) -> Attempt:
        """What an attempt counts against. A tablet counts as a place only once it has signed in to the account."""
        account = _hash("account", fold_username(username))
        by_address = _hash(account, "address", address)
        places = [by_address]
        if tablet_id is not None:
            by_tablet = _hash(account, "tablet", str(tablet_id))
            places.append(by_tablet)
            if by_tablet in self._known:
                return Attempt(account, by_tablet, tuple(places), known=True)
        return Attempt(account, by_address, tuple(places), known=by_address in self._known)

    def check(self, attempt: Attempt, wall: datetime) -> None:
        """Raises `TooManyAttempts` where this place has to wait."""
        recent = self._recent(attempt.place, wall)
        allowed = TRIES
        if not attempt.known and len(self._recent(attempt.account, wall)) >= FLOOD:
            allowed = TRIES_IN_FLOOD
        if len(recent) >= allowed:
            free_at = recent[-allowed] + WINDOW
            raise TooManyAttempts(max(1, -(-(free_at - wall) // timedelta(seconds=1))))

    def failed(self, attempt: Attempt, wall: datetime) -> None:
        """Count one wrong password."""
        for key in (attempt.place, attempt.account):
            self._recent(key, wall)
            times = self._failures.setdefault(key, deque(maxlen=FLOOD))
            times.append(wall)
            self._failures.move_to_end(key)
        while len(self._failures) > self._remembered:
            self._failures.popitem(last=False)

    def succeeded(self, attempt: Attempt) -> None:
        """Forget what this place got wrong, and remember it as one that knows the password."""
        self._failures.pop(attempt.place, None)
        for place in attempt.places:
            self._known[place] = None
            self._known.move_to_end(place)
        while len(self._known) > self._remembered:
            self._known.popitem(last=False)

    def _recent(self, key: str, wall: datetime) -> deque[datetime]:
        times = self._failures.get(key)
        if times is None:
            return deque()
        while times and times[0] + WINDOW <= wall:
            times.popleft()
        if not times:
            del self._failures[key]
        return times
