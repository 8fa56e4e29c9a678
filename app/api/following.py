"""The board as it changes: one look a second for each clinic that somebody follows, shared by all who do.

A look costs the same however many screens are open, works on both engines and with several processes, and needs no
bus: what a screen is shown is what a query found.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.api.answers import spell
from app.clock import Clock
from app.db.engine import Database
from app.db.refusals import Unavailable
from app.db.work import service_actor
from app.domain.instants import to_text
from app.services import sessions

LOOK_SECONDS = 1.0
QUIET_LOOKS = 10
"""Looks without a change after which a sign of life is sent."""
Seen = dict[UUID, str]


@dataclass(slots=True)
class _Clinic:
    """What the last look found, and who waits for the next."""

    at: datetime
    followers: int = 0
    seen: Seen = field(default_factory=dict)
    looks: int = 0
    moved: asyncio.Condition = field(default_factory=asyncio.Condition)
    task: asyncio.Task[None] | None = None

    async def look_after(self, looks: int) -> tuple[int, Seen, datetime] | None:
        """The first look after so many: its number, what it found and when. None where there will be no further one."""
        async with self.moved:
            await self.moved.wait_for(lambda: self.looks > looks or self.task is None)
            return None if self.task is None else (self.looks, self.seen, self.at)


class Following:
    """Who follows which clinic's board. One for each running service."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._clinics: dict[UUID, _Clinic] = {}
        self._closed = False

    async def close(self) -> None:
        """Lets everybody who follows go: the service is about to end, and waits for what is under way."""
        self._closed = True
        for clinic in list(self._clinics.values()):
            if clinic.task is not None:
                clinic.task.cancel()
                await asyncio.wait([clinic.task])

    async def follow(self, clinic_id: UUID) -> AsyncIterator[dict[str, Any]]:
        """First every active session, then what changes: `{items, gone, as_of}`, both empty for a sign of life.

        `as_of` is the clinic's clock at the look that found them. Ends when a look fails: a page that hears nothing
        more says so.
        """
        if self._closed:
            return
        clinic = self._clinics.setdefault(clinic_id, _Clinic(self._clock.now()))
        clinic.followers += 1
        if clinic.task is None:
            clinic.task = asyncio.create_task(self._look(clinic_id, clinic))
        known: Seen | None = None
        looks = told = 0
        try:
            while (look := await clinic.look_after(looks)) is not None:
                looks, seen, at = look
                news = [line for key, line in seen.items() if known is None or known.get(key) != line]
                gone = [str(key) for key in known or () if key not in seen]
                if news or gone or known is None or looks - told >= QUIET_LOOKS:
                    told = looks
                    items = [json.loads(line) for line in news]
                    yield {"items": items, "gone": gone, "as_of": to_text(at)}
                known = seen
        finally:
            clinic.followers -= 1

    async def _look(self, clinic_id: UUID, clinic: _Clinic) -> None:
        """Looks once a second while anybody follows. A look that cannot be had lets them go: they come back."""
        actor = service_actor(clinic_id)
        try:
            with suppress(Unavailable):
                while clinic.followers:
                    at = self._clock.now()
                    found = await self._database.read(sessions.watch, actor, at)
                    async with clinic.moved:
                        clinic.at = at
                        clinic.seen = {row_id: json.dumps(item, default=spell) for row_id, item in found.items()}
                        clinic.looks += 1
                        clinic.moved.notify_all()
                    await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._clinics.pop(clinic_id, None)
            clinic.task = None
            async with clinic.moved:
                clinic.moved.notify_all()
