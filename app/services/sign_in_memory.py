"""Bearers that were looked up lately, each until anything is ended: their look-up then asks the database nothing.

Every process counts on the one number in the database (`db/endings.py`) that each ending raises. What is remembered
was read together with that number, and is used only while the number is known to stand there still: as of less than a
second ago, by a look that is made again and again meanwhile (`jobs/calls.py`). An ending by this very process counts
from its commit. Without such a look everybody is looked up anew: slower, and never wrong.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from threading import Lock

from app.clock import ticking
from app.db.clients import FoundToken
from app.db.sign_ins import FoundSignIn
from app.memory import Memory

TRUSTED = 1.0
"""Seconds from where a look at the number began: for so long nothing else is believed to have been ended."""
MOST = 4096
"""Bearers that are remembered, some kilobyte each."""

Found = FoundSignIn | FoundToken


class SignInMemory:
    """What one process remembers of who is signed in. For any thread."""

    def __init__(self, seconds: Callable[[], float] = ticking) -> None:
        self._seconds = seconds
        self._turn = Lock()
        self._held: Memory[str, Found] = Memory(MOST)
        self._number = -1
        self._learnt = self._looked = float("-inf")

    def recall(self, token_hash: str) -> Found | None:
        """Who is behind a token, as they are now; None where the database has to be asked."""
        with self._turn:
            return None if self._seconds() - self._looked >= TRUSTED else self._held.get(token_hash)

    def keep(self, token_hash: str, found: Found, since: float) -> None:
        """Who was found behind a token, by a look that began at the tick `since`."""
        self.heard(found.endings, since)
        with self._turn:
            if found.endings == self._number:
                self._held.keep(token_hash, found)

    def used(self, token_hash: str, at: datetime) -> None:
        """The idle time of a person's sign-in began anew, and that is kept."""

        def moved_on(found: Found) -> Found:
            if isinstance(found, FoundSignIn) and found.sign_in.last_used_at < at:
                return replace(found, sign_in=replace(found.sign_in, last_used_at=at))
            return found

        self._held.change(token_hash, moved_on)

    def heard(self, number: int, since: float) -> None:
        """The number stood so, by a look that began at the tick `since`."""
        with self._turn:
            if number == self._number:
                self._looked = max(self._looked, since)
            elif number > self._number or since > self._learnt:
                # a lower one, though the look began later: another database was put in this one's place
                self._forget(number)
                self._looked = since

    def ended(self, number: int) -> None:
        """This process has ended something, and the commit raised the number to this."""
        with self._turn:
            if number > self._number:
                self._forget(number)

    def _forget(self, number: int) -> None:
        self._held.clear()
        self._number = number
        self._learnt = self._seconds()
