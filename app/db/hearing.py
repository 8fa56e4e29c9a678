"""Processes on one PostgreSQL tell each other whose board has moved: LISTEN and NOTIFY, on connections of their own.

It is told after the commit, never within the transaction that wrote: PostgreSQL hands notifications out in the order
of their commits, and for that takes one lock of the whole server, held until the commit is on the disk. Every reading
of every clinic would wait for every other. What is told here is kept nowhere, and its commit waits for no disk.

A word is a clinic's id and nothing else. It may be lost: whoever follows a board looks once a second in any case.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import URL

from app.clock import ticking

if TYPE_CHECKING:
    from psycopg import AsyncConnection

CHANNEL = "board_moved"
PROBE_SECONDS = 5.0
"""How often each process tells itself something, so that it knows that it would hear."""
DEAF_SECONDS = 15.0
"""After so long without a word of its own it counts as deaf, whatever the connections say."""
CONNECTIONS = 2
"""Of each process: one that listens, one that tells."""
_OPTIONS = "-c synchronous_commit=off -c statement_timeout=10000 -c client_encoding=UTF8"
_PROBE = ""


class Deaf(Exception):
    """A process does not hear what it tells itself."""


class Hearing:
    """What one process tells the others, and hears of them. For one event loop, and one PostgreSQL."""

    def __init__(self, address: URL) -> None:
        from psycopg.conninfo import make_conninfo  # noqa: PLC0415  # a SQLite file needs no driver

        named = address.translate_connect_args(database="dbname", username="user")
        asked = {name: str(value) for name, value in address.query.items()}
        ours = {"options": _OPTIONS, "connect_timeout": "10", "application_name": CHANNEL}
        self._conninfo = make_conninfo("", **{**named, **asked, **ours})
        self._untold: set[UUID] = set()
        self._called = asyncio.Event()

    def tell(self, clinic_id: UUID) -> None:
        """This clinic's board has moved. Told soon: meanwhile the same is told once."""
        self._untold.add(clinic_id)
        self._called.set()

    async def run(self, heard: Callable[[UUID], None], well: Callable[[], None], stop: asyncio.Event) -> None:
        """Hears and tells until `stop` is set, or until a connection fails, which is raised.

        `heard`: called with a clinic whose board another process has moved; `well`: each time that a word to itself
        came through.
        """
        await _first_of(self._run(heard, well), stop.wait())

    async def _run(self, heard: Callable[[UUID], None], well: Callable[[], None]) -> None:
        self._untold.clear()  # what lies here from before has been looked for since
        async with await self._connect() as ears, await self._connect() as mouth:
            await ears.execute(f"LISTEN {CHANNEL}")
            await _first_of(self._listen(ears, mouth.info.backend_pid, heard, well), self._speak(mouth))

    async def _connect(self) -> "AsyncConnection":
        from psycopg import AsyncConnection  # noqa: PLC0415  # as above

        return await AsyncConnection.connect(self._conninfo, autocommit=True)

    async def _listen(
        self, ears: "AsyncConnection", itself: int, heard: Callable[[UUID], None], well: Callable[[], None]
    ) -> None:
        last = ticking()
        while ticking() - last < DEAF_SECONDS:
            async for word in ears.notifies(timeout=PROBE_SECONDS):
                if word.pid == itself:
                    last = ticking()
                    well()
                elif word.payload != _PROBE:
                    heard(UUID(word.payload))
        raise Deaf

    async def _speak(self, mouth: "AsyncConnection") -> None:
        while True:
            words = [_PROBE, *map(str, self._untold)]
            self._untold.clear()
            self._called.clear()
            async with asyncio.timeout(DEAF_SECONDS):
                await mouth.execute("SELECT pg_notify(%s, word) FROM unnest(%s::text[]) AS word", (CHANNEL, words))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), PROBE_SECONDS)


async def _first_of(*coroutines: Coroutine[Any, Any, object]) -> None:
    """Until one of them ends, however it does; the others are ended with it."""
    parts = [asyncio.ensure_future(one) for one in coroutines]
    try:
        done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        for part in done:
            part.result()
    finally:
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
