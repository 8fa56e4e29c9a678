"""One look tells every duty whether there is anything to do: never no where there is; at rest nothing else is asked."""

import asyncio
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.db import exports, feed, push, sessions, tablets, to_do
from app.db.tables import sign_ins
from app.db.work import EVERY_CLINIC
from app.domain import keeping
from app.domain.exports import Export, ExportState, Level, Order, Progress
from app.domain.tablets import Contact
from app.domain.webhooks import Webhook
from app.exchange.webhooks import new_secret
from app.jobs import feed as feed_job
from app.jobs import seals
from app.jobs.loop import on_call
from app.services import audit, duties, webhooks
from app.services.duties import Duty
from tests import factories
from tests.api.clinic import clinic_on
from tests.api.conftest import SetClock
from tests.bench.counting import asked
from tests.db.filled import NOW, fill

SOON = timedelta(milliseconds=10)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def filled(database):
    """A clinic in which nothing is left to do, but that a session's flag lapses in twenty minutes."""
    found = fill(database)
    settle(found)
    return found


def settle(filled):
    asyncio.run(feed_job.number_all(filled.database, SetClock(_now=NOW, _wall=NOW)))
    asyncio.run(seals.seal_all(filled.database, SetClock(_now=NOW, _wall=NOW)))


def told(filled, now):
    """The duties that the look calls; each duty's own question, asked beside it, finds work exactly where it does."""
    found = filled.database.read_now(to_do.look, EVERY_CLINIC, now, now).duties
    own = {
        "seals": (audit.waiting,),
        "feed": (feed.waiting,),
        "lapses": (lambda work: sessions.due_for_change(work, now, 9) + tablets.silent_anywhere(work, now, 9),),
        "webhooks": (webhooks.due, now),
        "alerts": (push.clinics,),
        "purge": (lambda work: ended_before(work, now - timedelta(days=30)),),
        "exports": (lambda work: [*filter(None, [exports.waiting(work, now, now)]), *exports.expired(work, now)],),
    }
    asked_beside = {name: filled.database.read_now(*ask[:1], EVERY_CLINIC, now, *ask[1:]) for name, ask in own.items()}
    assert found == {name for name, what in asked_beside.items() if what}
    return found


def test_nothing_is_called_where_there_is_nothing(filled):
    assert told(filled, NOW) == set()


def test_what_was_kept_and_what_was_looked_at(filled):
    filled.read(lambda work: work.audit("patient.read", subject="patient", subject_id=filled.patient_id))
    assert told(filled, NOW) == {"seals"}
    filled.write(lambda _: None)  # an entry of the clinic's stream
    assert told(filled, NOW) == {"seals", "feed"}
    settle(filled)
    assert told(filled, NOW) == set()
    filled.keep(keeping.reading(factories.reading(30)))
    assert told(filled, NOW) == {"seals", "feed"}


def ended_before(work, instant):
    return work.all(select(sign_ins.c.id).where(sign_ins.c.expires_at < instant))


def test_what_is_long_over(filled):
    at = NOW + timedelta(days=30, hours=1)
    assert "purge" not in told(filled, at)
    assert "purge" in told(filled, at + timedelta(microseconds=1))


def test_what_time_brings(filled):
    at = NOW + timedelta(minutes=20)
    assert told(filled, at - timedelta(microseconds=1)) == set()
    assert told(filled, at) == {"lapses"}


def test_a_tablet_that_falls_silent(filled):
    filled.write(lambda work: tablets.heard(work, uuid4(), Contact(0, (), 0, ()), 1, NOW + MINUTE))
    settle(filled)
    assert told(filled, NOW) == set()
    assert told(filled, NOW + MINUTE) == {"lapses"}


def test_a_webhook_that_has_something_to_be_told(filled):
    secret = new_secret(bytes(range(32)))
    target = Webhook(
        uuid4(), filled.clinic.id, "https://198.51.1.1/", None, False, False, secret, None, None, None, NOW
    )
    filled.write(webhooks.add, target)
    settle(filled)
    assert told(filled, NOW) == set(), "nothing that it wants to hear of has happened yet"
    filled.keep(keeping.reading(factories.reading(30)))
    settle(filled)
    assert told(filled, NOW) == {"webhooks"}
    filled.write(webhooks.pause, target.id, "for the time being")
    settle(filled)
    assert told(filled, NOW) == set()


def test_an_export_that_waits_and_one_whose_time_is_over(filled):
    order = Order(Level.SYSTEM, ("Patient",), "/fhir/$export")
    kept = Export(uuid4(), filled.clinic.id, "x", order, NOW, NOW, ExportState.WAITING, Progress(), None)
    taker = uuid4()
    filled.write(exports.keep, kept, NOW)
    settle(filled)
    assert told(filled, NOW) == {"exports"}
    filled.write(exports.take, kept, taker, NOW, NOW + MINUTE)
    filled.write(exports.finish, kept.id, taker, Progress(), state=ExportState.DONE, expires=NOW + 2 * MINUTE)
    settle(filled)
    assert told(filled, NOW) == set()
    assert told(filled, NOW + 3 * MINUTE) == {"exports"}
    filled.write(exports.end, kept.id)
    settle(filled)
    assert told(filled, NOW + 3 * MINUTE) == set()


# --- being called ----------------------------------------------------------------------------------------------------


class Steps:
    """A duty that counts its rounds, some of which fail or take long."""

    def __init__(self, *, fails=0, hangs=False):
        self.many, self.fails, self.hangs = 0, fails, hangs

    async def __call__(self):
        self.many += 1
        if self.many <= self.fails:
            raise RuntimeError
        if self.hangs:
            await asyncio.sleep(60)


async def until(happened):
    async with asyncio.timeout(10):
        while not happened():
            await asyncio.sleep(0.01)


async def following(duty, step, then):
    stop = asyncio.Event()
    job = asyncio.create_task(on_call(duty, step, SOON, stop))
    try:
        await until(lambda: step.many)
        await asyncio.sleep(0.1)
        await then()
    finally:
        stop.set()
        if step.hangs:
            job.cancel()
        await asyncio.gather(job, return_exceptions=True)


def test_a_duty_goes_round_when_it_is_called_and_once_more_at_the_end():
    duty, step = Duty("probe"), Steps()

    async def then():
        assert step.many == 1, "the first round needs no call"
        duty.call(wanted=False)
        await asyncio.sleep(0.05)
        assert step.many == 1
        duty.call(wanted=True)
        await until(lambda: step.many == 2)

    asyncio.run(following(duty, step, then))
    assert step.many == 3


def test_a_round_that_fails_is_tried_again_without_a_call():
    duty, step = Duty("probe"), Steps(fails=2)

    async def then():
        await until(lambda: step.many == 3)

    asyncio.run(following(duty, step, then))


def test_one_with_an_item_set_apart_goes_round_whether_or_not_there_is_more():
    duty, step = Duty("probe"), Steps()

    async def fails():
        raise RuntimeError

    async def then():
        await duty.guard(uuid4(), fails)
        duty.call(wanted=False)
        await until(lambda: step.many == 2)

    asyncio.run(following(duty, step, then))


@pytest.mark.parametrize("hangs", [False, True])
def test_that_there_is_nothing_to_do_excuses_a_duty_that_rests_and_none_that_hangs(hangs):
    now = 0.0
    duty, step = Duty("probe", lambda: now), Steps(hangs=hangs)

    async def then():
        nonlocal now
        now += duties.LATE + 1
        assert duty.report().late
        duty.call(wanted=False)
        assert duty.report().late is hangs

    asyncio.run(following(duty, step, then))


def test_at_rest_the_service_asks_three_times_a_second_whether_anything_is_to_do(
    engine_name, tmp_path_factory, sqlite_template
):
    with clinic_on(engine_name, tmp_path_factory, sqlite_template, jobs=True):
        time.sleep(2)
        with asked() as found:
            time.sleep(3)
    looks = [one for one in found if "endings" in one.statement and "next_change_at" in one.statement]
    others = [one.statement for one in found if one not in looks]
    assert 1 <= len(looks) <= 10
    assert all("clock" in statement for statement in others), others
