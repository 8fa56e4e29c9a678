"""Looks that many share: each is told what was read after they asked, and one that fails takes no later one with it."""

import asyncio
import threading

import pytest

from app.api.shared_looks import SharedLooks
from app.clock import SystemClock
from app.db.refusals import DatabaseFault, Unavailable
from app.db.work import EVERY_CLINIC, NIL, service_actor
from tests.db.filled import NOW
from tests.db.test_work import add_clinic


class Slow:
    """A look that lasts until it is let go; what it finds is how many looks have begun."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.go = threading.Event()

    def __call__(self, work, keys):
        self.asked.append(sorted(keys))
        began = len(self.asked)
        assert self.go.wait(30)
        return {key: began for key in keys if key != "nothing"}


async def begun(slow: Slow, many: int) -> None:
    for _ in range(3000):
        if len(slow.asked) >= many:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("no look has begun")


def test_whoever_asks_meanwhile_shares_the_next_look_and_is_told_nothing_older(database):
    slow = Slow()
    looks = SharedLooks(database, SystemClock(), slow)

    async def run():
        first = asyncio.create_task(looks.of(NIL, "a"))
        await begun(slow, 1)
        others = [asyncio.create_task(looks.of(NIL, key)) for key in ("a", "b", "a", "nothing", "c")]
        gone = asyncio.create_task(looks.of(NIL, "a"))
        await asyncio.sleep(0.05)
        gone.cancel()
        slow.go.set()
        return await first, await asyncio.gather(*others)

    first, others = asyncio.run(run())
    assert first == 1
    assert others == [2, 2, 2, None, 2], "read after they asked, by one look"
    assert slow.asked == [["a"], ["a", "b", "c", "nothing"]]


def test_clinics_do_not_wait_for_each_other_and_each_look_is_of_one(database):
    clinics = [database.write_now(add_clinic, EVERY_CLINIC, NOW, name) for name in ("North", "South")]
    seen = []

    def verb(work, keys):
        seen.append((work.clinic_id, sorted(keys)))
        return dict.fromkeys(keys, work.clinic_id)

    looks = SharedLooks(database, SystemClock(), verb)

    async def run():
        return await asyncio.gather(*(looks.of(clinic.id, key) for clinic in clinics for key in "ab"))

    assert asyncio.run(run()) == [clinics[0].id, clinics[0].id, clinics[1].id, clinics[1].id]
    assert sorted(seen) == sorted((clinic.id, ["a", "b"]) for clinic in clinics)


def test_more_keys_than_one_statement_takes_are_asked_in_parts(database, monkeypatch):
    monkeypatch.setattr("app.api.shared_looks.AT_ONCE", 3)
    asked = []

    def verb(_work, keys):
        asked.append(len(keys))
        return {key: key * 2 for key in keys}

    looks = SharedLooks(database, SystemClock(), verb)

    async def run():
        return await asyncio.gather(*(looks.of(NIL, key) for key in range(7)))

    assert asyncio.run(run()) == [key * 2 for key in range(7)]
    assert asked == [3, 3, 1]


def test_a_look_that_fails_is_told_to_all_who_wait_for_it_and_to_nobody_else(database):
    answers = iter((Unavailable(), {"a": 1}))

    def verb(_work, _keys):
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    looks = SharedLooks(database, SystemClock(), verb)

    async def run():
        failed = await asyncio.gather(*(looks.of(NIL, "a") for _ in range(3)), return_exceptions=True)
        return failed, await looks.of(NIL, "a")

    failed, found = asyncio.run(run())
    assert [type(one) for one in failed] == [Unavailable] * 3
    assert found == 1


def test_a_look_cannot_write(database):
    def writes(work):
        add_clinic(work, "by a look")
        work.insert_entries()

    with pytest.raises(DatabaseFault, match=r"read.?only|ReadOnly"):
        asyncio.run(database.glance(writes, service_actor(NIL), NOW))
