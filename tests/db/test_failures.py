"""What happens when a commit fails, the disk is full, or the file is no database any more."""

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import uuid4

import pytest

from app.db import clinics, journal, protocols, sessions
from app.db.engine import open_database
from app.db.refusals import AlreadyKept, Busy, DatabaseFault, StorageFull, Unavailable
from app.db.work import EVERY_CLINIC
from app.domain import keeping
from app.domain.audit import Head
from app.domain.journal import Fact, Kind, session_stream
from app.domain.records import Signer
from tests import factories
from tests.db.filled import NOW, fill
from tests.db.test_work import add_clinic

ROOT = Path(__file__).parent.parent.parent


def break_the_commit(work):
    """Leaves a row that hangs on nothing, found only when the transaction ends."""
    work._connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    work._connection.exec_driver_sql(
        "INSERT INTO tablet_keys (clinic_id, tablet_id, key, made_at) VALUES ('c', 't', 'k', 1)"
    )


def queue_behind(database, *verbs):
    """Runs the verbs as one group: they queue up while a first one holds the writer."""
    begun, release = threading.Event(), threading.Event()

    def hold(work):
        begun.set()
        assert release.wait(20)

    async def together():
        holder = asyncio.create_task(database.write(hold, EVERY_CLINIC, factories.asked(NOW)))
        assert await asyncio.to_thread(begun.wait, 20)
        tasks = [
            asyncio.create_task(database.write(verb, EVERY_CLINIC, factories.asked(NOW), *args))
            for verb, *args in verbs
        ]
        await asyncio.sleep(0.05)
        release.set()
        await holder
        return await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(together())


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_when_the_commit_of_a_group_fails_nobody_of_it_is_told_it_was_kept(database):
    outcomes = queue_behind(database, (add_clinic, "one"), (break_the_commit,), (add_clinic, "two"))
    assert [type(outcome) for outcome in outcomes] == [DatabaseFault] * 3
    assert database.read_now(clinics.all_clinics, EVERY_CLINIC, NOW) == ()
    database.write_now(add_clinic, EVERY_CLINIC, NOW, "later")
    assert [clinic.name for clinic in database.read_now(clinics.all_clinics, EVERY_CLINIC, NOW)] == ["later"]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_full_storage_is_said_so_nothing_is_acknowledged_and_work_goes_on_when_there_is_room(database):
    filled = fill(database)

    def limit(work, pages):
        work._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def keep_much(work, subject):
        work.keep(Fact(Kind.WEBHOOK, subject, {"text": "x" * 20_000}, action="kept"))

    database.write_now(limit, EVERY_CLINIC, NOW, 1)  # SQLite takes it as "no more than there are"
    kept, refused = [], None
    for number in range(200):
        try:
            database.write_now(keep_much, filled.actor, NOW, f"subject {number}")
            kept.append(f"subject {number}")
        except StorageFull as full:
            refused = full
            break
    assert refused is not None
    assert refused.retry_after > 0

    def there(work):
        def found(subject):
            return journal.newest(work, Kind.WEBHOOK, subject, dict)

        return [subject for subject in kept if found(subject)], found(f"subject {len(kept)}")

    assert database.read_now(there, filled.actor, NOW) == (kept, None)
    database.write_now(limit, EVERY_CLINIC, NOW, 1_000_000)
    database.write_now(keep_much, filled.actor, NOW, "after")
    assert database.read_now(journal.newest, filled.actor, NOW, Kind.WEBHOOK, "after", dict) is not None


CORRUPTED = """
import sys
from app.db.engine import open_database
from app.db.work import EVERY_CLINIC
from app.domain.records import Signer
from app.db import clinics
from tests.db.filled import NOW
from tests.db.test_work import add_clinic
path = sys.argv[1]
database = open_database(f"sqlite:///{path}")
database.write_now(add_clinic, EVERY_CLINIC, NOW, "before")
database.close()
database = open_database(f"sqlite:///{path}")
with open(path, "r+b") as file:
    size = file.seek(0, 2)
    file.seek(4096)
    file.write(b"\\xa5" * (size - 4096))
print("opened", flush=True)
try:
    database.read_now(clinics.all_clinics, EVERY_CLINIC, NOW)
    for number in range(20):
        database.write_now(add_clinic, EVERY_CLINIC, NOW, f"{number}")
finally:
    print("went on", flush=True)
"""


def test_a_corrupt_file_ends_the_process_instead_of_being_tried_again(tmp_path, sqlite_template):
    path = tmp_path / "clinic.db"
    path.write_bytes(sqlite_template.read_bytes())
    ended = subprocess.run(
        [sys.executable, "-c", CORRUPTED, path], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 70
    assert "opened" in ended.stdout
    assert "went on" not in ended.stdout
    assert "the database cannot be trusted any more" in ended.stderr


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_unique_key_taken_by_another_work_meanwhile_is_seen_by_a_second_try(database):
    """Two works add the same patient at once: one adds it, the other runs again and finds it."""
    filled = fill(database)
    subject = str(uuid4())
    together = threading.Barrier(2, timeout=20)
    tries = []

    def keep_once(work):
        there = journal.newest(work, Kind.WEBHOOK, subject, dict)
        tries.append(there)
        if len(tries) <= 2:
            together.wait()
        if there is None:
            work.keep(Fact(Kind.WEBHOOK, subject, {}, action="kept"))
        return there is None

    async def both():
        return await asyncio.gather(*(database.write(keep_once, filled.actor, factories.asked(NOW)) for _ in range(2)))

    assert sorted(asyncio.run(both())) == [False, True]
    assert len(tries) == 3


def test_an_error_of_the_database_never_quotes_the_row(database):
    filled = fill(database)

    def forget_the_session(work):
        from tests import factories

        session_id = uuid4()
        work.holds(Head(session_stream(session_id), 0, "0" * 64))
        work.keep(keeping.reading(factories.reading(1, note="Maria Probe was seen")), session_id)

    with pytest.raises(DatabaseFault) as fault:
        filled.write(forget_the_session)
    assert "Maria" not in str(fault.value)
    assert fault.value.__cause__ is None
    assert "journal" in str(fault.value) or "FOREIGN KEY" in str(fault.value)


def test_a_closed_database_has_written_its_log_back(tmp_path, sqlite_template):
    path = tmp_path / "clinic.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = open_database(f"sqlite:///{path}")
    fill(database)
    assert path.with_name("clinic.db-wal").stat().st_size > 0
    database.close()
    assert not path.with_name("clinic.db-wal").exists()


def test_a_second_active_session_of_a_patient_is_stopped_by_the_database(database):
    from tests import factories
    from tests.db.filled import add_session, line

    filled = fill(database)
    other = uuid4()
    filled.write(add_session, other, factories.header(filled.patient_id))
    with pytest.raises(AlreadyKept):
        filled.write(sessions.write_line, other, 0, line())
    filled.write(sessions.write_line, other, 0, line(active=False, state="cancelled"))


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_draft_that_is_being_approved_cannot_change_meanwhile(database):
    """The change waits for the approval, and is then refused: nobody approves what they did not see."""
    filled = fill(database)
    filled.write(protocols.keep_draft, "draft", 1, {"limit": 1}, "h", example=False, revision=1)
    approving = threading.Event()

    def approve(work):
        protocols.approve(work, "draft", 1, Signer(filled.staff_id, "Lea Lead", "lead"), NOW)
        approving.set()
        time.sleep(0.3)

    def change(work):
        protocols.keep_draft(work, "draft", 1, {"limit": 99}, "h", example=False, revision=2)

    async def both():
        first = asyncio.create_task(database.write(approve, filled.actor, factories.asked(NOW)))
        await asyncio.to_thread(approving.wait, 5)
        return await asyncio.gather(
            first, database.write(change, filled.actor, factories.asked(NOW)), return_exceptions=True
        )

    outcomes = asyncio.run(both())
    assert outcomes[0] is None
    assert isinstance(outcomes[1], DatabaseFault)
    assert filled.read(protocols.find, "draft", 1).document == {"limit": 1}


def test_a_closed_database_refuses_at_once(database_url):
    database = open_database(database_url)
    database.close()
    with pytest.raises(Unavailable):
        database.write_now(add_clinic, EVERY_CLINIC, NOW, "late")
    with pytest.raises(Unavailable):
        database.read_now(clinics.all_clinics, EVERY_CLINIC, NOW)


def test_what_is_queued_when_the_database_closes_is_kept(database_url):
    database = open_database(database_url)

    async def close_behind():
        tasks = [
            asyncio.create_task(database.write(add_clinic, EVERY_CLINIC, factories.asked(NOW), f"{number}"))
            for number in range(20)
        ]
        await asyncio.sleep(0)
        await asyncio.to_thread(database.close)
        return await asyncio.gather(*tasks)

    assert len(asyncio.run(close_behind())) == 20
    database = open_database(database_url)
    assert len(database.read_now(clinics.all_clinics, EVERY_CLINIC, NOW)) == 20
    database.close()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_file_that_another_program_writes_for_long_is_busy_and_nothing_is_kept(database, database_url):
    """The waiting time is SQLite's own; the command line may write beside the service."""
    import pysqlite3.dbapi2 as packaged

    other = packaged.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        database.write_now(add_clinic, EVERY_CLINIC, NOW, "waited in vain")
    other.execute("COMMIT")
    other.close()
    assert database.read_now(clinics.all_clinics, EVERY_CLINIC, NOW) == ()
    database.write_now(add_clinic, EVERY_CLINIC, NOW, "later")
