"""Looks whether another process, or the command line, ended a sign-in, so that none is remembered beyond its end."""

import asyncio
from datetime import timedelta

from app.clock import Clock, ticking
from app.db.engine import Database
from app.db.work import NOBODY
from app.jobs.loop import repeat
from app.services.duties import Duty
from app.services.sign_in import count_endings
from app.services.sign_in_memory import TRUSTED, SignInMemory

EVERY = timedelta(seconds=TRUSTED / 3)
"""A look may take two thirds of what it is trusted for."""


async def run(memory: SignInMemory, duty: Duty, database: Database, clock: Clock, stop: asyncio.Event) -> None:
    """Look every third of a second, while anybody asks, until `stop` is set."""

    async def look() -> None:
        if memory.is_asked:
            since = ticking()
            memory.heard(await database.read(count_endings, NOBODY, clock.now()), since)

    await repeat(duty, look, EVERY, stop)
