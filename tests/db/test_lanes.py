"""What may wait never stands before what cannot, and a search ends: in the database too."""

import asyncio
import threading
from contextlib import suppress

import pytest
from sqlalchemy import text

from app.clock import SystemClock, just_now
from app.db import lanes
from app.db.engine import open_database
from app.db.refusals import Busy, TooCostly
from app.db.work import EVERY_CLINIC
from tests.db.filled import NOW
from tests.db.test_work import add_clinic

ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}
RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'"


@pytest.fixture
def quick(monkeypatch, database_url):
    """A database whose searches have a third of a second."""
    monkeypatch.setattr(lanes, "SEARCH_SECONDS", 0.3)
    opened = open_database(database_url)
    yield opened
    opened.close()


def endless(work):
    return work.first(text(ENDLESS[work.dialect]))


def little_by_little(work):
    """A work that asks for little again and again: no statement of it is long."""
    while True:
        work.all(text("SELECT 1"))


def running(work):
    return work.first(text(RUNNING))[0] if work.dialect == "postgresql" else 0


@pytest.mark.parametrize("verb", [endless, little_by_little])
def test_a_search_that_takes_too_long_is_refused_and_its_statement_ended(quick, verb):
    async def ask():
        with pytest.raises(TooCostly):
            await asyncio.wait_for(quick.search(verb, EVERY_CLINIC, NOW), 20)
        assert await quick.read(running, EVERY_CLINIC, NOW) == 0
        # its connection is as good as before
        for _ in range(lanes.SEARCHES + 1):
            assert await quick.search(lambda work: work.first(text("SELECT 7"))[0], EVERY_CLINIC, NOW) == 7

    asyncio.run(ask())


def test_nothing_that_cannot_wait_waits_for_searches(database):
    """As many endless searches as there is room for; meanwhile what nurses write and read is answered."""
    go_on = threading.Event()

    def held(_work):
        go_on.wait(30)

    async def ask():
        room = lanes.SEARCHES + lanes.WAITING_SEARCHES
        searches = [asyncio.create_task(database.search(held, EVERY_CLINIC, NOW)) for _ in range(room)]
        await asyncio.sleep(0)
        try:
            with pytest.raises(Busy):
                await database.search(held, EVERY_CLINIC, NOW)
            for number in range(3):
                kept = database.write(add_clinic, EVERY_CLINIC, just_now(SystemClock().now()), f"clinic {number}")
                assert (await asyncio.wait_for(kept, 10)).name == f"clinic {number}"
                assert await asyncio.wait_for(database.read(running, EVERY_CLINIC, NOW), 10) == 0
                assert await asyncio.wait_for(database.glance(running, EVERY_CLINIC, NOW), 10) == 0
        finally:
            go_on.set()
            for search in searches:
                with suppress(Busy):
                    await search

    asyncio.run(ask())


def test_who_has_waited_too_long_for_a_turn_is_told_to_come_back(quick):
    go_on = threading.Event()

    async def ask():
        held = [
            asyncio.create_task(quick.search(lambda _: go_on.wait(30), EVERY_CLINIC, NOW))
            for _ in range(lanes.SEARCHES)
        ]
        waiting = asyncio.create_task(quick.search(running, EVERY_CLINIC, NOW))
        await asyncio.sleep(0.5)
        go_on.set()
        with pytest.raises(Busy):
            await waiting
        await asyncio.gather(*held)

    asyncio.run(ask())
