"""The courier: tells each webhook what is new, in order within a session, again and again until it is heard."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import timedelta
from secrets import SystemRandom
from uuid import UUID

from app.clock import Clock
from app.db.engine import Database
from app.db.work import NOBODY, service_actor
from app.domain.webhooks import Claimed, Tried, Webhook
from app.exchange.webhooks import headers, message
from app.jobs.posting import Poster
from app.services import webhooks

EVERY = timedelta(seconds=1)
_CHANCE = SystemRandom().random
log = logging.getLogger(__name__)


async def run(database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Deliver until `stop` is set. What is under way then is left off: it is sent again by whoever comes next."""
    courier = Courier(database, clock, Poster())
    try:
        while not stop.is_set():
            await courier.begin()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY.total_seconds())
    finally:
        await courier.close()


class Courier:
    """Delivers to each target in a task of its own: a slow one holds up nobody else."""

    def __init__(self, database: Database, clock: Clock, poster: Poster, chance: Callable[[], float] = _CHANCE) -> None:
        self._database = database
        self._clock = clock
        self._poster = poster
        self._chance = chance
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    async def begin(self) -> None:
        """Starts on every target that has something due and is not being told already."""
        try:
            waiting = await self._database.read(webhooks.due, NOBODY, self._clock.now(), self._clock.wall())
        except Exception as error:  # noqa: BLE001  # a job outlives one bad turn
            log.error("job-failed", extra={"job": "webhooks", "kind": type(error).__name__})
            return
        for webhook in waiting:
            if webhook.id not in self._tasks:
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
        try:
            while await self._round(webhook):
                pass
        except Exception as error:  # noqa: BLE001  # the next turn tries again
            log.error("job-failed", extra={"job": "webhooks", "kind": type(error).__name__})
        finally:
            self._tasks.pop(webhook.id, None)

    async def _round(self, webhook: Webhook) -> int:
        """The next of every lane, at once; how many were tried."""
        actor = service_actor(webhook.clinic_id)
        webhook, claimed = await self._database.write(
            webhooks.take, actor, self._clock.now(), webhook, self._clock.wall()
        )
        if not claimed:
            return 0
        tried = await asyncio.gather(*(self._try(webhook, one) for one in claimed))
        chances = [self._chance() for _ in tried]
        await self._database.write(
            webhooks.settle, actor, self._clock.now(), webhook, tried, self._clock.wall(), chances
        )
        for one in tried:
            if not one.delivered:
                log.warning("webhook-failed", extra={"job": "webhooks", "kind": one.outcome})
        return len(tried)

    async def _try(self, webhook: Webhook, claimed: Claimed) -> Tried:
        wall = self._clock.wall()
        body = message(claimed.item, with_values=webhook.with_values)
        said = headers(claimed.item, body, webhook.secrets_at(wall), wall)
        outcome = await self._poster.post(webhook.url, body, said, allow_private=webhook.allow_private)
        return Tried(claimed, str(outcome))
