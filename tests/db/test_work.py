"""A unit of work: whole or not at all, audited or refused, answered only after its commit."""

import asyncio
import threading
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from app.db import clinics, patients, sessions, staff
from app.db.engine import UnauditedWork
from app.db.refusals import AlreadyKept, Busy, DatabaseFault, MovedOn
from app.db.tables import journal, log_events, log_pending
from app.db.tables import sessions as sessions_table
from app.db.tables import staff as staff_table
from app.db.work import EVERY_CLINIC, NoSuchStream, service_actor
from app.domain import keeping
from app.domain.errors import Conflict
from app.domain.people import Clinic
from tests import factories
from tests.db.filled import NOW, fill, line


def count(database, table):
    return database.read_now(lambda work: work.first(select(func.count()).select_from(table))[0], EVERY_CLINIC, NOW)


def add_clinic(work, name):
    clinic = Clinic(uuid4(), name)
    work.actor = service_actor(clinic.id)
    clinics.add(work, clinic)
    return clinic


def test_what_a_verb_keeps_is_there_after_its_answer(database):
    clinic = database.write_now(add_clinic, EVERY_CLINIC, NOW, "Riverside")
    assert database.read_now(clinics.all_clinics, EVERY_CLINIC, NOW) == (clinic,)


def test_a_refusal_leaves_nothing_behind(database):
    def refuse(work):
        add_clinic(work, "Riverside")
        raise Conflict("not today")

    with pytest.raises(Conflict, match="not today"):
        database.write_now(refuse, EVERY_CLINIC, NOW)
    assert database.read_now(clinics.all_clinics, EVERY_CLINIC, NOW) == ()
    assert count(database, journal) == 0


def test_work_that_changes_the_record_without_an_entry_is_refused_and_leaves_nothing(database):
    filled = fill(database)

    def rename(work):
        work.change(update(staff_table).values(name="Somebody else"), {})
        work.audit("patient.read", subject="patient", subject_id="a line in the log is no entry")

    with pytest.raises(UnauditedWork, match="staff"):
        database.write_now(rename, filled.actor, NOW)
    assert [person.name for _, _, person in filled.read(staff.page, None, 9)] == ["Lea Lead"]


def test_every_record_table_is_watched(database):
    from app.db.tables import metadata

    watched = {table.name for table in metadata.tables.values() if table.info["record"]}
    assert watched == {
        "clients",
        "clinics",
        "credentials",
        "enrolments",
        "identities",
        "journal",
        "protocol_approvals",
        "protocol_versions",
        "providers",
        "staff",
        "tablet_keys",
        "walls",
        "webhooks",
    }


def test_a_refusal_in_a_group_harms_nobody_else_of_it(database):
    begun = threading.Event()

    def hold(work):
        begun.wait(20)  # meanwhile the others queue up behind this one and become one group

    def refuse(work):
        add_clinic(work, "refused")
        raise Conflict

    async def together():
        first = asyncio.create_task(database.write(hold, EVERY_CLINIC, factories.asked(NOW)))
        await asyncio.sleep(0.05)
        others = [
            asyncio.create_task(
                database.write(refuse, EVERY_CLINIC, factories.asked(NOW))
                if number % 3 == 0
                else database.write(add_clinic, EVERY_CLINIC, factories.asked(NOW), f"clinic {number}")
            )
            for number in range(12)
        ]
        await asyncio.sleep(0.05)
        begun.set()
        await first
        return await asyncio.gather(*others, return_exceptions=True)

    outcomes = asyncio.run(together())
    assert [isinstance(outcome, Conflict) for outcome in outcomes] == [number % 3 == 0 for number in range(12)]
    names = {clinic.name for clinic in database.read_now(clinics.all_clinics, EVERY_CLINIC, NOW)}
    assert names == {f"clinic {number}" for number in range(12) if number % 3}


def test_a_read_cannot_write(database):
    with pytest.raises(DatabaseFault):
        database.read_now(add_clinic, EVERY_CLINIC, NOW, "Riverside")
    assert database.read_now(clinics.all_clinics, EVERY_CLINIC, NOW) == ()


def test_a_read_sees_one_snapshot(database):
    def look_twice(work):
        before = len(clinics.all_clinics(work))
        database.write_now(add_clinic, EVERY_CLINIC, NOW, "arrives meanwhile")
        return before, len(clinics.all_clinics(work))

    assert database.read_now(look_twice, EVERY_CLINIC, NOW) == (0, 0)
    assert len(database.read_now(clinics.all_clinics, EVERY_CLINIC, NOW)) == 1


def test_the_audit_of_a_read_is_kept_before_its_answer(database):
    def look(work):
        work.audit("patient.read", subject="patient", subject_id=uuid4())
        return "seen"

    assert asyncio.run(database.read(look, EVERY_CLINIC, NOW)) == "seen"
    assert database.read_now(look, EVERY_CLINIC, NOW) == "seen"
    assert count(database, log_events) == 2
    assert count(database, log_pending) == 2


def test_a_read_whose_audit_cannot_be_kept_gives_no_answer(database):
    def look(work):
        work.audit("patient.read", subject="patient", subject_id=uuid4(), after={"not": "a document"})
        work._noted.append(work._noted[0])  # the same id twice cannot be kept
        return "seen"

    with pytest.raises(AlreadyKept):
        database.read_now(look, EVERY_CLINIC, NOW)


def test_facts_go_into_their_streams_and_looks_into_the_log(database):
    filled = fill(database)

    def look(work):
        work.audit("session.read", subject="session", subject_id=filled.session_id, session_id=filled.session_id)

    database.write_now(look, filled.actor, NOW)
    database.read_now(look, filled.actor, NOW)
    streams = select(journal.c.kind, journal.c.stream).where(journal.c.clinic_id == filled.clinic.id)
    found = filled.read(lambda work: {(row.kind, row.stream) for row in work.all(streams)})
    assert {stream for kind, stream in found if kind in {"reading", "event", "assessment", "discharge"}} == {
        f"session:{filled.session_id}"
    }
    assert ("patient", f"patient:{filled.patient_id}") in found
    assert ("course-clearance", f"course:{filled.course_id}") in found
    assert ("protocol-approval", "protocol:example/1") in found
    assert ("staff", "clinic") in found
    assert count(database, log_events) == 3


def test_a_fact_of_a_session_that_is_not_there_is_refused(database):
    filled = fill(database)
    with pytest.raises(NoSuchStream):
        filled.keep(keeping.reading(factories.reading(1)), uuid4())


def test_a_full_queue_is_refused_at_once_and_nothing_waiting_is_lost(database):
    release = threading.Event()

    def hold(work):
        release.wait(10)

    async def flood():
        holders = [asyncio.create_task(database.write(hold, EVERY_CLINIC, factories.asked(NOW))) for _ in range(8)]
        await asyncio.sleep(0.1)
        waiting, refused = [], 0
        for number in range(1200):
            task = asyncio.create_task(database.write(add_clinic, EVERY_CLINIC, factories.asked(NOW), f"{number}"))
            await asyncio.sleep(0)
            waiting.append(task)
            if task.done():
                refused += 1
            if refused > 3:
                break
        release.set()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.gather(*holders)
        return outcomes

    outcomes = asyncio.run(flood())
    busy = [outcome for outcome in outcomes if isinstance(outcome, Busy)]
    assert busy
    assert busy[0].retry_after >= 1
    kept = database.read_now(clinics.all_clinics, EVERY_CLINIC, NOW)
    assert len(kept) == len(outcomes) - len(busy)


def test_a_caller_that_goes_away_stops_nobody_else(database):
    async def leave():
        going = asyncio.create_task(database.write(add_clinic, EVERY_CLINIC, factories.asked(NOW), "left"))
        staying = asyncio.create_task(database.write(add_clinic, EVERY_CLINIC, factories.asked(NOW), "stayed"))
        await asyncio.sleep(0)
        going.cancel()
        return await staying

    assert asyncio.run(leave()).name == "stayed"


def test_the_same_key_twice_is_a_conflict(database):
    filled = fill(database)
    with pytest.raises(AlreadyKept):
        filled.write(patients.keep, filled.patient_id, factories.patient(), 1)


def test_a_revision_that_is_not_the_next_is_refused(database):
    filled = fill(database)
    with pytest.raises(MovedOn):
        filled.write(patients.keep, filled.patient_id, factories.patient(given_name="Mia"), 3)
    assert len(filled.read(patients.history, filled.patient_id)) == 1


def test_a_line_is_refused_once_the_version_moved_on(database):
    filled = fill(database)
    locked = filled.write(sessions.lock, filled.session_id)
    filled.write(sessions.write_line, filled.session_id, locked.version, line())
    with pytest.raises(MovedOn):
        filled.write(sessions.write_line, filled.session_id, locked.version, line())


def test_a_session_is_changed_by_one_work_at_a_time(database):
    """Without the lock two works would read the same version, and one of them would fail."""
    filled = fill(database)

    def bump(work):
        locked = sessions.lock(work, filled.session_id)
        sessions.write_line(work, filled.session_id, locked.version, line())

    async def many():
        await asyncio.gather(*(database.write(bump, filled.actor, factories.asked(NOW)) for _ in range(40)))

    asyncio.run(many())
    assert filled.write(sessions.lock, filled.session_id).version == 41


def test_without_the_lock_the_race_is_seen(database):
    """The positive control of the test above; on SQLite one writer thread makes it impossible."""
    filled = fill(database)
    together = threading.Barrier(4, timeout=20)

    def careless(work):
        row = work.first(select(sessions_table.c.version).where(sessions_table.c.id == filled.session_id))
        if database.name == "postgresql":
            together.wait()
        sessions.write_line(work, filled.session_id, row.version, line())

    async def many():
        tasks = (database.write(careless, filled.actor, factories.asked(NOW)) for _ in range(4))
        return await asyncio.gather(*tasks, return_exceptions=True)

    outcomes = asyncio.run(many())
    failed = [outcome for outcome in outcomes if isinstance(outcome, MovedOn)]
    assert len(failed) == (3 if database.name == "postgresql" else 0)


def test_an_actor_of_another_clinic_sees_nothing(database):
    filled = fill(database)
    stranger = service_actor(uuid4())
    assert database.read_now(sessions.load, stranger, NOW, filled.session_id) is None
    assert database.write_now(sessions.lock, stranger, NOW, filled.session_id) is None
