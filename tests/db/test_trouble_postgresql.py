"""What a caller hears when PostgreSQL is in trouble, and what is tried again."""

import asyncio
import threading
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from app.clock import SystemClock
from app.db import clinics
from app.db.engine import Database, open_database
from app.db.postgresql import GLANCES, TRIES, PostgresConnections
from app.db.refusals import AlreadyKept, Busy, StorageFull, Unavailable
from app.db.work import EVERY_CLINIC, Sources
from app.domain.people import Clinic
from tests import postgres
from tests.db.filled import NOW
from tests.db.test_work import add_clinic

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"])


def fail_with(work, code, tries=None, times=99):
    """Has the server itself raise this error, the first `times` times."""
    if tries is not None:
        tries.append(code)
        if len(tries) > times:
            return add_clinic(work, "in the end")
    work._connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{code}'; END $$")
    return None


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("53100", StorageFull),  # disk_full
        ("53200", Unavailable),  # out_of_memory
        ("57P03", Unavailable),  # cannot_connect_now
        ("08006", Unavailable),  # connection_failure
        ("55P03", Busy),  # lock_not_available
    ],
)
def test_trouble_of_the_server_is_said_and_not_tried_again(database, code, refusal):
    tries = []
    with pytest.raises(refusal):
        database.write_now(fail_with, EVERY_CLINIC, NOW, code, tries)
    assert len(tries) == 1


@pytest.mark.parametrize(("code", "refusal"), [("40001", Busy), ("40P01", Busy), ("23505", AlreadyKept)])
def test_a_collision_is_tried_again_a_bounded_number_of_times(database, code, refusal):
    tries = []
    with pytest.raises(refusal):
        database.write_now(fail_with, EVERY_CLINIC, NOW, code, tries)
    assert len(tries) == TRIES
    tries = []
    assert database.write_now(fail_with, EVERY_CLINIC, NOW, code, tries, 2).name == "in the end"
    assert len(tries) == 3


@pytest.mark.parametrize("code", ["58030", "XX001", "XX002"])
def test_a_failing_disk_ends_the_process_instead_of_being_tried_again(database_url, code):
    ended = []
    connections = PostgresConnections(make_url(database_url), fatal=ended.append)
    database = Database(connections, Sources(SystemClock().wall, uuid4))
    tries = []
    with pytest.raises(Exception, match=r"."):
        database.write_now(fail_with, EVERY_CLINIC, NOW, code, tries)
    assert len(ended) == 1
    assert len(tries) == 1
    database.close()


def test_a_connection_lost_before_the_commit_is_tried_again(database):
    lost = []

    def lose_it_once(work):
        if not lost:
            lost.append(True)
            work._connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        return add_clinic(work, "in the end")

    assert database.write_now(lose_it_once, EVERY_CLINIC, NOW).name == "in the end"
    lost.clear()
    assert database.read_now(lambda work: lose_reading(work, lost), EVERY_CLINIC, NOW) == 1


def lose_reading(work, lost):
    if not lost:
        lost.append(True)
        work._connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    return len(clinics.all_clinics(work))


def test_a_connection_lost_in_the_commit_is_neither_acknowledged_nor_tried_again(engine_name):
    """Nobody can know whether it was kept: the caller sends the same again and finds out."""
    name = f"t_{uuid4().hex}"
    url = postgres.make(name)
    with postgres.as_owner(name) as owner:
        owner.execute(
            "CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
            " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$"
        )
        owner.execute(
            "CREATE CONSTRAINT TRIGGER leave AFTER INSERT ON clinics DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION leave()"
        )
    tries = []

    def add(work):
        tries.append(True)
        return add_clinic(work, "perhaps")

    database = open_database(url)
    with pytest.raises(Unavailable):
        database.write_now(add, EVERY_CLINIC, NOW)
    assert len(tries) == 1
    database.close()
    postgres.drop(name)


def test_a_deadlock_is_resolved_and_both_works_end(database):
    first, second = Clinic(uuid4(), "first"), Clinic(uuid4(), "second")

    def add(work):
        for clinic in (first, second):
            clinics.add(work, clinic)
        work.audit("added", subject="clinic", subject_id=first.id)

    database.write_now(add, EVERY_CLINIC, NOW)
    together = threading.Barrier(2)
    turns = []

    def rename(work, ids):
        turns.append(ids)
        for number, clinic_id in enumerate(ids):
            work._connection.exec_driver_sql("UPDATE clinics SET name = name WHERE id = %(id)s", {"id": clinic_id})
            if number == 0 and len(turns) <= 2:
                together.wait(20)

    futures = [
        database._connections.submit_write(lambda connection, ids=ids: rename(_Raw(connection), ids), "")
        for ids in ((first.id, second.id), (second.id, first.id))
    ]
    for future in futures:
        future.result(20)
    assert len(turns) == 3, "one of the two was told to give way, and ran again"


class _Raw:
    def __init__(self, connection):
        self._connection = connection


def test_a_row_that_somebody_holds_for_long_makes_a_work_wait_and_then_go_on(database):
    database.write_now(add_clinic, EVERY_CLINIC, NOW, "held")
    held, let_go = threading.Event(), threading.Event()

    def hold(connection):
        connection.exec_driver_sql("UPDATE clinics SET name = name")
        held.set()
        assert let_go.wait(20)

    holding = database._connections.submit_write(hold, "")
    assert held.wait(20)
    waiting = database._connections.submit_write(
        lambda connection: connection.exec_driver_sql("UPDATE clinics SET name = name"), ""
    )
    with pytest.raises(TimeoutError):
        waiting.result(0.3)
    let_go.set()
    waiting.result(20)
    holding.result(20)


def test_a_glance_that_has_waited_too_long_for_a_connection_is_refused_as_busy(database):
    go, pool = threading.Event(), database._connections._glances.pool
    database._connections._glancing._patience = 0.1

    def verb(_work):
        assert go.wait(30)

    async def run():
        held = [asyncio.create_task(database.glance(verb, EVERY_CLINIC, NOW)) for _ in range(GLANCES)]
        while pool.checkedout() < GLANCES:
            await asyncio.sleep(0.01)
        waiting = asyncio.create_task(database.glance(verb, EVERY_CLINIC, NOW))
        await asyncio.sleep(0.3)
        go.set()
        with pytest.raises(Busy):
            await waiting
        await asyncio.gather(*held)

    asyncio.run(run())
