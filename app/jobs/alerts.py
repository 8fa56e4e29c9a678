"""Calls tablets that are not looked at, by push, about what nobody has seen for as long as the clinic has settled."""

import asyncio
import json
import logging
import secrets
from datetime import timedelta
from uuid import UUID

from app.clock import Clock, moment
from app.db.engine import Database
from app.db.push import Subscription
from app.db.work import EVERY_CLINIC, service_actor
from app.exchange.web_push import SALT_BYTES, PushSender, sealed_for
from app.exchange.webhooks import target_of
from app.jobs.loop import on_call
from app.jobs.posting import Poster
from app.services import alerts
from app.services.duties import Duty

EVERY = timedelta(seconds=5)
LASTS = timedelta(minutes=5)
"""A call that a push service could not deliver for so long says nothing any more."""
GONE = frozenset({"404", "410"})
log = logging.getLogger(__name__)


async def run(
    idle: timedelta, address: str | None, duty: Duty, database: Database, clock: Clock, stop: asyncio.Event
) -> None:
    """Call until `stop` is set, while any tablet is to be called. `idle`: after how long a sign-in ends unused.

    `address`: the service's own.
    """
    async with Poster() as poster:
        caller = Caller(database, clock, poster, idle, duty, address=address)
        await on_call(duty, caller.call_all, EVERY, stop)


class Caller:
    """Calls the tablets of every clinic."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        poster: Poster,
        idle: timedelta,
        duty: Duty,
        *,
        address: str | None = None,
        allow_private: bool = False,
    ) -> None:
        self._database = database
        self._clock = clock
        self._poster = poster
        self._idle = idle
        self._duty = duty
        self._address = address
        self._allow_private = allow_private

    async def call_all(self) -> None:
        """One turn: every clinic of which a tablet is to be called. One that fails stops no other."""
        called = await self._database.read(alerts.clinics_called, EVERY_CLINIC, self._clock.now())
        self._duty.keep_only(frozenset(called))
        await self._duty.each({clinic_id: clinic_id for clinic_id in called}, self._call)

    async def _call(self, clinic_id: UUID) -> None:
        actor, wall = service_actor(clinic_id), self._clock.wall()
        # nothing is locked where there is nothing to do
        if not (await self._database.read(alerts.look, actor, self._clock.now(), wall, self._idle)).moves:
            return
        found = await self._database.write(alerts.take, actor, moment(self._clock), wall, self._idle)
        if not found.due:
            return
        sender = await self._database.read(alerts.sender, actor, self._clock.now(), self._address)
        # one message a chair, however much calls there
        chairs = {session_id: chair for (session_id, _), chair in found.due.items()}
        calls = [(tablet, *one) for tablet in found.subscriptions for one in chairs.items()]
        outcomes = await asyncio.gather(*(self._send(sender, *call) for call in calls))
        for tablet in {call[0] for call, outcome in zip(calls, outcomes, strict=True) if outcome in GONE}:
            await self._database.write(alerts.gone, actor, moment(self._clock), tablet)

    async def _send(self, sender: PushSender, tablet: Subscription, session_id: UUID, chair: str | None) -> str:
        """What came of one message: it says which chair, and nothing of who sits there."""
        try:
            body = sealed_for(
                json.dumps({"chair": chair}).encode(), tablet.p256dh, tablet.auth, secrets.token_bytes(SALT_BYTES)
            )
            target = target_of(tablet.endpoint, allow_private=self._allow_private)
            headers = sender.headers(target, str(session_id), LASTS, self._clock.wall())
            outcome = await self._poster.post(tablet.endpoint, body, headers, allow_private=self._allow_private)
        except Exception as error:  # noqa: BLE001  # one tablet that cannot be called stops no other
            outcome = type(error).__name__
        if not outcome.startswith("2"):
            log.warning("push-failed", extra={"job": self._duty.name, "kind": outcome})
        return outcome
