"""The board as it changes: one look a second for each clinic whose board somebody follows or reads, shared by all.

A look asks for what was written since the last one (`services.boards.look`), so an unchanged board costs a few
statements a second however many chairs it has and however many screens are open; what changed is written out once, and
every follower is sent the same bytes. It works on both engines and with several processes, and needs no bus: nothing
can be missed, because what a screen is shown is what a query found. Whoever writes a line of a followed board, in this
process or in another one (`jobs.hearing`), calls for a look at once: a call that is lost costs a second.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from app.api.board_memory import BoardMemory, text_of
from app.clock import Clock, ticking
from app.db.engine import Database
from app.db.refusals import Unavailable
from app.db.work import service_actor
from app.services import boards

LOOK_SECONDS = 1.0
QUIET_LOOKS = 1
"""Looks without a change after which the next one sends a sign of life: a screen shows a flag on a word that is four
seconds old at most."""
KEPT_EVENTS = 64
"""Events that a slow follower may be behind: one who is further is let go, and comes back to the whole board."""
CALLED_SECONDS = 0.25
"""Between two looks of one clinic that were called for: much that is written at once is looked at together."""
READ_SECONDS = 60.0
"""How long after it was last read a board is kept up to date, where nobody follows it."""


@dataclass(slots=True)
class _Clinic:
    """One clinic's board, who follows it, and what is sent to them next."""

    memory: BoardMemory
    life: str = field(default_factory=lambda: uuid4().hex[:12])
    """Names this memory: another one, of this clinic or any other, may come to the same version with other lines."""
    followers: int = 0
    read_at: float = 0.0
    looked_at: float | None = None
    last_move: object = None
    quiet: int = 0
    sent: int = 0
    """Events so far; the last of them are held, the newest at the end."""
    events: deque[bytes] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))
    moved: asyncio.Condition = field(default_factory=asyncio.Condition)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether a line was written that the last look may not have seen."""
    task: asyncio.Task[None] | None = None

    async def after(self, sent: int) -> list[bytes] | None:
        """The events after so many; None where there will be none, or not all of them are held any more."""
        async with self.moved:
            await self.moved.wait_for(lambda: self.sent > sent or self.task is None)
        behind = self.sent - sent
        return None if behind > len(self.events) or self.task is None else list(self.events)[-behind:]

    async def tell(self, event: bytes) -> None:
        """One event for everybody who follows."""
        async with self.moved:
            self.events.append(event)
            self.sent, self.quiet = self.sent + 1, 0
            self.moved.notify_all()

    def whole(self) -> bytes:
        """Every active session, as one event."""
        return self.event(self.memory.items())

    def event(self, items: bytes = b"", gone: Iterable[UUID] = ()) -> bytes:
        """One event, as of the last look. Whoever misses one knows: where it says anything its version is one more."""
        rest = {"gone": tuple(gone), "as_of": self.memory.looked_at, "version": self.memory.version}
        return text_of(items, rest)


@dataclass(frozen=True, slots=True)
class WholeBoard:
    """The whole board as a look found it, so many lines ready-made. No other board ever has its `tag`."""

    tag: str
    version: int
    count: int
    items: bytes
    as_of: datetime | None


class Following:
    """Who follows which clinic's board. One for each running service."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._clinics: dict[UUID, _Clinic] = {}
        self._versions: dict[UUID, int] = {}
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._moves = ExitStack()
        self._moves.enter_context(database.moves(self._moved_here))

    async def close(self) -> None:
        """Lets everybody who follows go: the service is about to end, and waits for what is under way."""
        self._closed = True
        self._moves.close()
        for clinic in list(self._clinics.values()):
            if clinic.task is not None:
                clinic.task.cancel()
                await asyncio.wait([clinic.task])

    def call(self, clinic_id: UUID) -> None:
        """A line of this clinic's board was written: whoever follows it is shown it at once."""
        clinic = self._clinics.get(clinic_id)
        if clinic is not None:
            clinic.called.set()

    def _moved_here(self, clinic_id: UUID) -> None:
        """In the thread that wrote."""
        self._loop.call_soon_threadsafe(self.call, clinic_id)

    async def follow(self, clinic_id: UUID) -> AsyncIterator[bytes]:
        """First every active session, then what changes: `{items, gone, as_of, version}`; where empty, a sign of life.

        `as_of` is the clinic's clock at the look that found them. Ends when a look fails: a page that hears nothing
        more says so.
        """
        if self._closed:
            return
        clinic = self._clinic(clinic_id)
        clinic.followers += 1
        try:
            with suppress(Unavailable):
                await self._look_first(clinic_id, clinic)
                sent = clinic.sent
                yield clinic.whole()
                while (events := await clinic.after(sent)) is not None:
                    sent += len(events)
                    for event in events:
                        yield event
        finally:
            clinic.followers -= 1

    async def board(self, clinic_id: UUID) -> WholeBoard:
        """The whole board: what this process has written is in it, and what others have until a second ago.

        Raises `Unavailable` where it cannot be looked at.
        """
        if self._closed:
            raise Unavailable
        clinic = self._clinic(clinic_id)
        clinic.read_at = ticking()
        if self._is_behind(clinic_id, clinic):
            await self._look(clinic_id, clinic)
        memory = clinic.memory
        return WholeBoard(
            f"{clinic.life}.{memory.version}", memory.version, len(memory), memory.items(), memory.looked_at
        )

    def _clinic(self, clinic_id: UUID) -> _Clinic:
        clinic = self._clinics.get(clinic_id)
        if clinic is None:
            clinic = self._clinics[clinic_id] = _Clinic(BoardMemory(self._versions.get(clinic_id, 0)))
            clinic.task = asyncio.create_task(self._keep_looking(clinic_id, clinic))
        return clinic

    def _is_behind(self, clinic_id: UUID, clinic: _Clinic) -> bool:
        """Whether what is held may be older than a second, than what this process wrote, or than what time changed."""
        if clinic.looked_at is None or ticking() - clinic.looked_at > LOOK_SECONDS:
            return True
        return clinic.last_move is not self._database.last_move(clinic_id) or bool(
            clinic.memory.turning(self._clock.now())
        )

    async def _look_first(self, clinic_id: UUID, clinic: _Clinic) -> None:
        if clinic.looked_at is None:
            await self._look(clinic_id, clinic)

    async def _look(self, clinic_id: UUID, clinic: _Clinic) -> None:
        asked = ticking()
        async with clinic.turn:
            if clinic.looked_at is not None and clinic.looked_at > asked:
                return  # somebody else has looked meanwhile
            memory, at, tick = clinic.memory, self._clock.now(), ticking()
            last_move = self._database.last_move(clinic_id)
            turning = memory.turning(at)
            known = (memory.mark, memory.silent, turning)
            found = await self._database.read(boards.look, service_actor(clinic_id), at, *known)
            news = memory.take(found, at)
            clinic.looked_at, clinic.last_move = tick, last_move
            self._versions[clinic_id] = memory.version
            if news is not None:
                await clinic.tell(clinic.event(b",".join(news.items), news.gone))

    async def _look_when_called(self, clinic_id: UUID, clinic: _Clinic, until: float) -> None:
        """Until that tick, when the next look comes in any case: for those who follow, a look each time one is called.

        What comes by the clock alone is left to the looks that come in any case, and so are signs of life.
        """
        while (left := until - ticking()) > 0:
            try:
                await asyncio.wait_for(clinic.called.wait(), left)
            except TimeoutError:
                return
            clinic.called.clear()
            if clinic.followers:
                await self._look(clinic_id, clinic)
            await asyncio.sleep(min(CALLED_SECONDS, max(0.0, until - ticking())))

    async def _keep_looking(self, clinic_id: UUID, clinic: _Clinic) -> None:
        """Looks once a second while it is asked for. A look that cannot be had lets everybody go: they come back."""
        try:
            with suppress(Unavailable):
                while True:
                    await self._look(clinic_id, clinic)
                    clinic.quiet += 1
                    if clinic.quiet > QUIET_LOOKS:
                        await clinic.tell(clinic.event())
                    await self._look_when_called(clinic_id, clinic, ticking() + LOOK_SECONDS)
                    if not clinic.followers and ticking() - clinic.read_at > READ_SECONDS:
                        break
        finally:
            self._clinics.pop(clinic_id, None)
            clinic.task = None
            async with clinic.moved:
                clinic.moved.notify_all()
