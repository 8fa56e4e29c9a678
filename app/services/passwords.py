"""Passwords: which are taken, and how they are checked (argon2id, off the event loop, a few at a time)."""

import asyncio
import functools
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from app.db.refusals import Busy
from app.domain.errors import FieldError, Invalid

T = TypeVar("T")
SHORTEST = 15
LONGEST = 256
WAITING = 64
"""Checks that may wait for their turn; one more is told to come back."""
# OWASP's recommendation for argon2id; about 25 ms of one core
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")


class WeakPassword(Invalid):
    """This password is too easy to guess."""

    code = "weak-password"


def _is_pattern(text: str) -> bool:
    """One to four characters over and over, or a run along the alphabet, the digits or a row of keys, either way."""
    for period in range(1, 5):
        if text == (text[:period] * len(text))[: len(text)]:
            return True
    return any(text in run or text in run[::-1] for run in (row * (len(text) // len(row) + 2) for row in _ROWS))


def check_password(password: str, *, username: str, clinic: str, field: str = "password") -> None:
    """Raises `WeakPassword`. Any characters are welcome; no mixture of kinds is asked for."""
    text = password.casefold()
    fault: str | None = None
    if len(password) < SHORTEST:
        fault = f"needs at least {SHORTEST} characters: a few words in a row are easy to remember"
    elif len(password) > LONGEST:
        fault = f"takes at most {LONGEST} characters"
    elif _is_pattern(text):
        fault = "is a simple pattern: choose a few unrelated words"
    else:
        for name in (username.casefold(), clinic.casefold()):
            # what is left beside the name must still be hard to guess
            if len(name) >= 3 and len(text.replace(name, "")) < 8:
                fault = "is little more than the username or the clinic's name"
    if fault is not None:
        raise WeakPassword(errors=[FieldError(field, fault)])


def _spelt(password: str) -> str:
    # the same characters, however a keyboard composes its accents
    return unicodedata.normalize("NFC", password)


def hash_now(password: str) -> str:
    """The argon2id hash in PHC form. Takes some 25 ms: never inside a unit of work."""
    return HASHER.hash(_spelt(password))


def matches_now(stored: str, password: str) -> bool:
    """Whether `password` is the one behind `stored`. Takes as long as `hash_now`."""
    try:
        return HASHER.verify(stored, _spelt(password))
    except (VerificationError, InvalidHashError):
        return False


class Passwords:
    """A small pool of threads for hashing. Checks beyond `WAITING` are refused as `Busy`."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="password")
        self._turns = asyncio.Semaphore(workers)
        self._waiting = 0
        # an unknown user's attempt is checked against this: it takes as long and never matches
        self._nobody = hash_now(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        """See `hash_now`."""
        return await self._run(None, functools.partial(hash_now, password))

    async def matches(self, stored: str | None, password: str, allowed: Callable[[], None] | None = None) -> bool:
        """Whether `password` is the one behind `stored`; never for None, after the same work.

        `allowed` is asked again when the turn comes and may raise: what failed meanwhile counts.
        """
        matched = await self._run(allowed, functools.partial(matches_now, stored or self._nobody, password))
        return matched and stored is not None

    async def _run(self, allowed: Callable[[], None] | None, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with self._turns:
                if allowed is not None:
                    allowed()
                return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)
