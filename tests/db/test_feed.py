"""The feed's numbers: without gaps, once each, in order within a session, and never behind a reader."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.db import feed
from app.db.engine import open_database
from app.db.refusals import AlreadyKept, Busy
from app.db.tables import journal
from app.db.work import Work, service_actor
from app.domain.feed import PUBLISHED
from app.services import readings
from tests import factories, postgres
from tests.services.ward import Ward


def numbered(database, clinic_id):
    actor = service_actor(clinic_id)
    while database.write_now(feed.number, actor, factories.NOON):
        pass
    return list(database.read_now(feed.page, actor, factories.NOON, 0, 10_000))


def told_by_the_journal(work):
    """What the journal holds that the feed must tell: entry, stream, position in it."""
    published = journal.c.action.in_(PUBLISHED)
    rows = work.all(
        select(journal.c.id, journal.c.stream, journal.c.position).where(
            journal.c.clinic_id == work.clinic_id, published
        )
    )
    return {row.id: (row.stream, row.position) for row in rows}


def check_whole(database, clinic_id, items):
    """Everything the journal has to tell, once each, without gaps, each stream in its order."""
    kept = database.read_now(told_by_the_journal, service_actor(clinic_id), factories.NOON)
    assert [item.position for item in items] == list(range(1, len(items) + 1))
    assert {item.id for item in items} == set(kept)
    for stream in {stream for stream, _ in kept.values()}:
        places = [kept[item.id][1] for item in items if kept[item.id][0] == stream]
        assert places == sorted(places)


def test_a_whole_session_is_told_in_order(database):
    ward = Ward(database)
    session_id = ward.ready()
    ward.sign(session_id, 104)
    ward.discharge(session_id, 105)
    items = numbered(database, ward.clinic.id)
    check_whole(database, ward.clinic.id, items)
    kinds = [item.kind for item in items if item.session_id == session_id]
    milestones = ["session.planned", "baseline.set", "readiness.raised", "discharge.confirmed", "discharge.recorded"]
    assert [kind for kind in dict.fromkeys(kinds) if kind in milestones] == milestones
    assert {item.patient_id for item in items if item.session_id} == {ward.patient}
    [added] = [item for item in items if item.kind == "patient.added"]
    assert (added.subject_id, added.revision) == (str(ward.patient), 1)


def test_the_baseline_is_told_when_it_becomes_known_and_when_it_changes(database):
    ward = Ward(database)
    session_id = ward.plan()
    ward.treat(session_id)
    first, second = [
        history.current.value
        for history in ward.record(session_id, 41).readings
        if history.current.value.systolic == 122
    ]
    count = len(told(database, ward, "baseline.set"))
    assert count >= 1
    ward.reading(session_id, 50)
    assert len(told(database, ward, "baseline.set")) == count, "a reading of the recovery changes no baseline"
    changed = factories.reading(-20, id=first.id, systolic=150)
    ward.write(readings.correct, session_id, first.id, uuid4(), changed, "misread", now=51)
    items = told(database, ward, "baseline.set")
    assert len(items) == count + 1
    assert items[-1].values["vitals"]["systolic"] == {"sum": 150 + second.systolic, "count": 2}


def told(database, ward, kind):
    return [item for item in numbered(database, ward.clinic.id) if item.kind == kind]


def test_the_number_that_was_given_stays(database):
    ward = Ward(database)
    before = numbered(database, ward.clinic.id)
    ward.plan()
    after = numbered(database, ward.clinic.id)
    assert after[: len(before)] == before
    assert len(after) > len(before)
    assert database.read_now(feed.waiting, service_actor(ward.clinic.id), factories.NOON) == ()


def test_a_refused_write_is_not_told(database):
    ward = Ward(database)
    before = len(numbered(database, ward.clinic.id))

    def keep_and_fail(work, session_id):
        readings.put(work, session_id, factories.reading(-20))
        raise RuntimeError("the light went out")

    session_id = ward.plan()
    planned = len(numbered(database, ward.clinic.id))
    assert planned > before
    with pytest.raises(RuntimeError):
        ward.write(keep_and_fail, session_id, now=-10)
    assert len(numbered(database, ward.clinic.id)) == planned


def test_what_kept_nothing_is_not_told(database):
    ward = Ward(database)
    count = len(numbered(database, ward.clinic.id))

    def say(work):
        work.audit("patient.added", subject="patient", subject_id=uuid4())

    ward.write(say)
    assert len(numbered(database, ward.clinic.id)) == count


def test_those_who_number_at_once_cannot_fork_the_feed(database_url, database):
    ward = Ward(database)
    other = open_database(database_url)
    actor = service_actor(ward.clinic.id)

    def number(one):
        for _ in range(30):
            # refused is well: whoever numbers tries again a moment later
            with suppress(AlreadyKept, Busy):
                one.write_now(feed.number, actor, factories.NOON)

    def write(_):
        for _ in range(15):
            ward.plan(ward.add_patient())

    with ThreadPoolExecutor(4) as pool:
        tasks = [
            pool.submit(number, database),
            pool.submit(number, other),
            pool.submit(write, 1),
            pool.submit(write, 2),
        ]
        for task in tasks:
            task.result()
    check_whole(other, ward.clinic.id, numbered(other, ward.clinic.id))
    other.close()


def test_clinics_are_numbered_apart(database):
    one, two = Ward(database), Ward(database)
    first, second = numbered(database, one.clinic.id), numbered(database, two.clinic.id)
    assert [item.position for item in first] == [item.position for item in second]
    assert not {item.id for item in first} & {item.id for item in second}


# --- a transaction that commits late ---------------------------------------------------------------------------------


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_reader_never_passes_by_what_is_committed_late(database):
    ward = Ward(database)
    late, soon = ward.plan(ward.add_patient()), ward.plan(ward.add_patient())
    kept, go_on = threading.Event(), threading.Event()
    reading, other = factories.reading(-20), factories.reading(-20)

    def keep_and_wait(work: Work):
        readings.put(work, late, reading)
        kept.set()
        assert go_on.wait(20)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ward.write, keep_and_wait, now=-10)
        assert kept.wait(20)
        ward.write(readings.put, soon, other, now=-9)
        seen = numbered(database, ward.clinic.id)
        go_on.set()
        waiting.result()
    subjects = [item.subject_id for item in seen]
    assert str(other.id) in subjects
    assert str(reading.id) not in subjects
    then = numbered(database, ward.clinic.id)[len(seen) :]
    assert str(reading.id) in [item.subject_id for item in then], "whoever went on from there would never see it"


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_control_numbers_of_a_sequence_let_a_reader_pass_by(database_url, database):
    with postgres.as_owner(database_url.split("/")[-1].split("?")[0]) as owner:
        owner.execute("CREATE TABLE probe (position bigserial, event text)")
        name = owner.info.dbname
    with postgres.as_owner(name) as one, postgres.as_owner(name) as two:
        one.autocommit = two.autocommit = True
        one.execute("BEGIN")
        one.execute("INSERT INTO probe (event) VALUES ('late')")
        two.execute("INSERT INTO probe (event) VALUES ('soon')")
        seen = two.execute("SELECT position, event FROM probe ORDER BY position").fetchall()
        one.execute("COMMIT")
        then = two.execute("SELECT event FROM probe WHERE position > %s", (seen[-1][0],)).fetchall()
        two.execute("DROP TABLE probe")
    assert ([event for _, event in seen], then) == (["soon"], [])


def test_nothing_pending_is_one_look(database):
    """The work of a turn in which nothing has happened: one statement, that finds nothing."""
    ward = Ward(database)
    numbered(database, ward.clinic.id)
    assert database.read_now(feed.waiting, service_actor(ward.clinic.id), factories.NOON) == ()
