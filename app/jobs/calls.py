"""Looks what there is to do by itself, and calls the duties that have something: while nothing is, they ask nothing.

The same look says whether another process, or the command line, ended a sign-in, so that none is remembered beyond its
end.
"""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from app.clock import Clock, ticking
from app.db.engine import Database
from app.db.work import EVERY_CLINIC
from app.jobs.loop import repeat
from app.services.duties import Duty
from app.services.sign_in_memory import TRUSTED, SignInMemory
from app.services.to_do import look

EVERY = timedelta(seconds=TRUSTED / 3)
"""A look may take two thirds of what it is trusted for."""


async def run(
    memory: SignInMemory, called: Iterable[Duty], duty: Duty, database: Database, clock: Clock, stop: asyncio.Event
) -> None:
    """Look every third of a second until `stop` is set."""

    async def look_round() -> None:
        since = ticking()
        found = await database.read(look, EVERY_CLINIC, clock.now(), clock.wall())
        memory.heard(found.endings, since)
        for one in called:
            one.call(wanted=one.name in found.duties)

    await repeat(duty, look_round, EVERY, stop)
