"""What happens by itself: the seals, the kept clock, and that one bad turn ends nothing."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from app.db.clock import load_clock
from app.db.engine import Database
from app.db.work import EVERY_CLINIC, Work, service_actor
from app.domain.audit import LOG
from app.domain.journal import clinic_sheet_stream
from app.domain.people import Clinic
from app.jobs import clock as clock_job
from app.jobs import seals
from app.jobs.loop import repeat
from app.services import audit, clinics
from app.services.audit import Filters
from app.services.duties import Duty
from tests.api.conftest import SetClock
from tests.factories import NOON

SOON = timedelta(milliseconds=10)


def test_what_waits_is_sealed_and_holds(database: Database) -> None:
    clinic = Clinic(uuid4(), "Lakeside")
    actor = service_actor(clinic.id)
    database.write_now(clinics.create, actor, NOON, clinic)
    # a look, for the log; the clinic's sheet, how it signs and its two protocols are in four streams of the journal
    database.read_now(audit.read_page, actor, NOON, Filters(), None, 1)
    before = database.read_now(audit.verify, actor, NOON, LOG, {})
    assert (before.links, before.unsealed) == (0, 1)
    streams = database.read_now(audit.streams, actor, NOON)
    assert (len(streams), clinic_sheet_stream(clinic.id) in streams) == (5, True)
    sealed = asyncio.run(seals.seal_all(database, SetClock()))
    after = database.read_now(audit.verify, actor, NOON, LOG, {})
    assert (sealed, after.links, after.unsealed, after.holds) == (5, 5, 0, True)
    verdicts = [database.read_now(audit.verify, actor, NOON, stream, {}) for stream in streams]
    assert all(verdict.holds and verdict.head is not None for verdict in verdicts)
    assert asyncio.run(seals.seal_all(database, SetClock())) == 0


def test_however_much_waits_one_turn_seals_it_all(database: Database) -> None:
    """So nothing lies unsealed for a minute, of which `audit verify` would say so."""
    many = 2 * audit.SEALED_AT_ONCE + 7

    def look(work: Work) -> None:
        for number in range(many):
            work.audit("audit.read", subject="clinic", subject_id=str(number))

    database.read_now(look, EVERY_CLINIC, NOON)
    assert asyncio.run(seals.seal_all(database, SetClock())) == many
    assert database.read_now(audit.verify, EVERY_CLINIC, NOON, LOG, {}).unsealed == 0


def test_the_clock_is_kept_even_at_the_end_and_never_goes_back(database: Database) -> None:
    async def run_until_stopped(clock: SetClock) -> None:
        stop = asyncio.Event()
        job = asyncio.create_task(clock_job.run(Duty("clock"), database, clock, stop))
        await asyncio.sleep(0.05)
        clock.pass_by(minutes=30)
        stop.set()
        await job

    asyncio.run(run_until_stopped(SetClock()))
    assert database.read_now(load_clock, EVERY_CLINIC, NOON) == NOON + timedelta(minutes=30)
    asyncio.run(run_until_stopped(SetClock(_now=NOON - timedelta(days=1))))
    assert database.read_now(load_clock, EVERY_CLINIC, NOON) == NOON + timedelta(minutes=30)


def test_one_bad_turn_is_logged_by_kind_and_the_next_comes(caplog: pytest.LogCaptureFixture) -> None:
    turns = 0

    async def step() -> None:
        nonlocal turns
        turns += 1
        if turns < 3:
            raise RuntimeError("Zebra Quagga")

    async def run() -> None:
        stop = asyncio.Event()
        job = asyncio.create_task(repeat(Duty("probe"), step, SOON, stop))
        while turns < 4:
            await asyncio.sleep(0.005)
        stop.set()
        await job

    asyncio.run(asyncio.wait_for(run(), 10))
    assert [(record.job, record.kind) for record in caplog.records] == [("probe", "RuntimeError")] * 2  # type: ignore[attr-defined]
    assert "Zebra" not in caplog.text
