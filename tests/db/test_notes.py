"""What reads note: committed before anybody is answered, many together, and one that cannot be kept takes nobody's."""

import asyncio
import threading
from concurrent.futures import Future
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.db.refusals import DatabaseFault, Unavailable
from app.db.tables import log_events, log_pending
from app.db.work import NIL, service_actor
from tests.db.filled import NOW

ACTOR = service_actor(NIL)


def look(work, name):
    work.audit("patient.read", subject="patient", subject_id=name)
    return name


def kept(database):
    both = select(log_events.c.subject_id).join(log_pending, log_pending.c.event_id == log_events.c.id)
    return sorted(row.subject_id for row in database.read_now(lambda work: work.all(both), ACTOR, NOW))


class Held:
    """The next commit waits until it is let go."""

    def __init__(self, database, monkeypatch) -> None:
        self.go, self.jobs = threading.Event(), 0
        honest = database._connections.submit_write

        def submit_write(job, scope):
            self.jobs += 1

            def waiting(connection):
                assert self.go.wait(30)
                return job(connection)

            return honest(waiting, scope)

        monkeypatch.setattr(database._connections, "submit_write", submit_write)


def test_nobody_is_answered_before_what_they_noted_is_kept_and_many_are_kept_together(database, monkeypatch):
    held = Held(database, monkeypatch)

    async def run():
        asked = [asyncio.create_task(database.read(look, ACTOR, NOW, f"r{number}")) for number in range(9)]
        done, _ = await asyncio.wait(asked, timeout=0.5)
        assert not done
        assert kept(database) == []
        held.go.set()
        return await asyncio.gather(*asked)

    names = [f"r{number}" for number in range(9)]
    assert asyncio.run(run()) == names
    assert kept(database) == names
    assert held.jobs < 9, "whoever came while the first was being kept went together"


def test_what_cannot_be_kept_is_told_to_whom_it_is_of_and_takes_nobody_elses(database):
    this = uuid4()

    def broken(work):
        look(work, "broken")
        work._noted[-1] = work._noted[-1].__class__(**{**fields(work._noted[-1]), "id": this, "subject": None})
        return "never"

    def fields(one):
        return {name: getattr(one, name) for name in one.__slots__}

    async def run():
        asked = [database.read(look, ACTOR, NOW, f"r{number}") for number in range(4)]
        return await asyncio.gather(*asked, database.read(broken, ACTOR, NOW), return_exceptions=True)

    *answers, refused = asyncio.run(run())
    assert answers == ["r0", "r1", "r2", "r3"]
    assert isinstance(refused, DatabaseFault)
    assert kept(database) == answers


def test_a_commit_whose_answer_is_lost_is_no_refusal(database, monkeypatch):
    held = Held(database, monkeypatch)
    together = database._connections.submit_write

    def lost(job, scope):
        done = together(job, scope)
        if held.jobs != 2:
            return done  # the first goes alone, and the second is of all who came meanwhile
        answer = Future()
        done.add_done_callback(lambda _: answer.set_exception(Unavailable()))
        return answer

    monkeypatch.setattr(database._connections, "submit_write", lost)

    async def run():
        asked = [asyncio.create_task(database.read(look, ACTOR, NOW, "r0"))]
        while not held.jobs:
            await asyncio.sleep(0.01)
        asked += [asyncio.create_task(database.read(look, ACTOR, NOW, f"r{number}")) for number in (1, 2, 3)]
        while len(database._notes._waiting) < 3:
            await asyncio.sleep(0.01)
        held.go.set()
        return await asyncio.gather(*asked)

    assert asyncio.run(run()) == ["r0", "r1", "r2", "r3"]
    assert kept(database) == ["r0", "r1", "r2", "r3"]
    assert held.jobs == 5, "one, three together, and those one by one"


def test_who_has_gone_away_has_looked_all_the_same(database, monkeypatch):
    held = Held(database, monkeypatch)

    async def run():
        gone = asyncio.create_task(database.read(look, ACTOR, NOW, "gone"))
        while not held.jobs:
            await asyncio.sleep(0.01)
        stays = asyncio.create_task(database.read(look, ACTOR, NOW, "stays"))
        gone.cancel()
        held.go.set()
        assert await stays == "stays"
        with pytest.raises(asyncio.CancelledError):
            await gone

    asyncio.run(run())
    assert kept(database) == ["gone", "stays"]
