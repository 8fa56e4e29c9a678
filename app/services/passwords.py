"""Passwords: how they are kept and checked (argon2id, off the event loop, a few at a time)."""

import asyncio
import contextlib
import functools
import os
import secrets
import threading
import unicodedata
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from app.db.refusals import Busy

T = TypeVar("T")
WAITING = 64
"""Checks that may wait for their turn; one more is told to come back."""
SHARE = 8
"""Checks of one stranger's address that may wait: the others find room in the line."""
# OWASP's recommendation for argon2id; about 25 ms of one core
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


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


class Turns:
    """Whoever waits for the same threads, in the order they came. Beyond `WAITING`, or `share` of one kind: `Busy`."""

    def __init__(self, threads: int, share: int, *, last: bool = False) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="password", initializer=_yield if last else None)
        self._turns = asyncio.Semaphore(threads)
        self._share = share
        self._waiting: Counter[str] = Counter()

    @contextlib.asynccontextmanager
    async def turn(self, whose: str) -> AsyncIterator[None]:
        """Waits for a turn and holds it. `whose` share of the line it comes out of."""
        if self._waiting.total() >= WAITING or self._waiting[whose] >= self._share:
            raise Busy
        self._waiting[whose] += 1
        try:
            async with self._turns:
                yield
        finally:
            self._waiting[whose] -= 1
            if not self._waiting[whose]:
                del self._waiting[whose]

    async def run(self, work: Callable[[], T]) -> T:
        """The work's answer, by whoever holds a turn."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _yield() -> None:
    """This thread steps back behind all that is not for strangers, where the system knows threads' priorities."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)


class Passwords:
    """Two lines for hashing: of those who are known here, and of strangers, whom nobody else ever waits for."""

    def __init__(self, workers: int) -> None:
        self._known = Turns(workers, WAITING)
        self._strangers = Turns(1, SHARE, last=True)
        # an unknown user's attempt is checked against this: it takes as long and never matches
        self._nobody = hash_now(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        """See `hash_now`."""
        async with self._known.turn(""):
            return await self._known.run(functools.partial(hash_now, password))

    async def matches(
        self,
        stored: str | None,
        password: str,
        *,
        stranger: str | None = None,
        allowed: Callable[[], Awaitable[object]] | None = None,
        counted: Callable[[bool], Awaitable[object]] | None = None,
    ) -> bool:
        """Whether `password` is the one behind `stored`; never for None, after the same work.

        `stranger`: the address of somebody who is not known here. `allowed` is awaited when the turn comes and may
        raise, `counted` before it is over: of many guesses sent at once no more count than of some sent one by one.
        """
        line = self._known if stranger is None else self._strangers
        async with line.turn(stranger or ""):
            if allowed is not None:
                await allowed()
            matched = await line.run(functools.partial(matches_now, stored or self._nobody, password))
            matched = matched and stored is not None
            if counted is not None:
                await counted(matched)
        return matched

    def close(self) -> None:
        """Let the threads go."""
        self._known.close()
        self._strangers.close()
