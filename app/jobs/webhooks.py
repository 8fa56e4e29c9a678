"""The courier: tells each webhook what is new, in order within a session, again and again until it is heard."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from secrets import SystemRandom
from uuid import UUID

from app.clock import Clock, moment
from app.db.engine import Database
from app.db.work import EVERY_CLINIC, service_actor
from app.domain.webhooks import Claimed, NoAnswer, Tried, Webhook
from app.exchange.webhooks import headers, message
from app.jobs.loop import on_call
from app.jobs.posting import Poster
from app.services import webhooks
from app.services.duties import Duty

EVERY = timedelta(seconds=1)
_CHANCE = SystemRandom().random
log = logging.getLogger(__name__)


async def run(duty: Duty, database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Deliver until `stop` is set. What is under way then is left off: it is sent again by whoever comes next."""
    courier = Courier(database, clock, Poster(), duty=duty)
    try:
        await on_call(duty, lambda: courier.begin_unless(stop), EVERY, stop)
    finally:
        await courier.close()


class Courier:
    """Delivers to each target in a task of its own: a slow one holds up nobody else."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        poster: Poster,
        chance: Callable[[], float] = _CHANCE,
        duty: Duty | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._poster = poster
        self._chance = chance
        self._duty = duty or Duty("webhooks")
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    async def begin_unless(self, stop: asyncio.Event) -> None:
        """Nothing is begun that would be left off at once."""
        if not stop.is_set():
            await self.begin()

    async def begin(self) -> None:
        """Starts on every target that has something due and is not being told already."""
        waiting = await self._database.read(webhooks.due, EVERY_CLINIC, self._clock.now(), self._clock.wall())
        self._duty.keep_only(frozenset(webhook.id for webhook in waiting) | self._tasks.keys())
        for webhook in waiting:
            if webhook.id not in self._tasks and webhook.id not in self._duty.waiting:
                self._tasks[webhook.id] = asyncio.create_task(self._tell(webhook))

    async def deliver(self) -> None:
        """One turn, waited for: every target that has something due is told all that can be told now."""
        await self.begin()
        await asyncio.gather(*self._tasks.values())

    async def close(self) -> None:
        """Leaves off at once."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._poster.__aexit__(None, None, None)

    async def _tell(self, webhook: Webhook) -> None:
        async def rounds() -> None:
            while await self._round(webhook):
                pass

        try:
            await self._duty.guard(webhook.id, rounds)
        finally:
            self._tasks.pop(webhook.id, None)

    async def _round(self, webhook: Webhook) -> int:
        """The next of every lane, at once; how many were tried."""
        actor = service_actor(webhook.clinic_id)
        webhook, claimed = await self._database.write(
            webhooks.take, actor, moment(self._clock), webhook, self._clock.wall()
        )
        if not claimed:
            return 0
        tried = await asyncio.gather(*(self._try(webhook, one) for one in claimed))
        chances = [self._chance() for _ in tried]
        await self._database.write(
            webhooks.settle, actor, moment(self._clock), webhook, tried, self._clock.wall(), chances
        )
        for one in tried:
            if not one.delivered:
                log.warning("webhook-failed", extra={"job": self._duty.name, "kind": one.outcome})
        return len(tried)

    async def _try(self, webhook: Webhook, claimed: Claimed) -> Tried:
        try:
            return await self._post(webhook, claimed)
        except Exception as error:  # noqa: BLE001  # one that cannot be sent waits and is given up like any other
            log.error("item-failed", extra={"job": self._duty.name, "kind": type(error).__name__})
            return Tried(claimed, NoAnswer.OURS)

    async def _post(self, webhook: Webhook, claimed: Claimed) -> Tried:
        wall = self._clock.wall()
        body = message(claimed.item, with_values=webhook.with_values)
        said = headers(claimed.item, body, webhook.secrets_at(wall), wall)
        outcome = await self._poster.post(webhook.url, body, said, allow_private=webhook.allow_private)
        return Tried(claimed, str(outcome))
