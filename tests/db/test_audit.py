"""The audit as kept: chained with the work, sealed a moment later, and tampering found, by whoever it was done."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.event import listen, remove

from app.db import audit, chains, sessions
from app.db.engine import open_database
from app.db.work import EVERY_CLINIC, NIL, service_actor
from app.domain import keeping
from app.domain.audit import LOG
from app.domain.events import Event, EventKind
from tests import factories, postgres
from tests.db.filled import NOW, fill, line


@dataclass
class Conditions:
    session_id: UUID | None = None
    patient_id: UUID | None = None
    actor_id: UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def seal_all(database):
    sealed = 0
    for clinic_id in database.read_now(chains.waiting, EVERY_CLINIC, NOW):
        sealed += database.write_now(chains.seal, service_actor(clinic_id), NOW)
    return sealed


def verdicts(filled, outside=None):
    def look(work):
        return {
            stream: chains.verify_stream(work, stream, (outside or {}).get(stream))
            for stream in chains.all_streams(work)
        }

    return filled.read(look)


def change(filled):
    """One more thing happens in the session."""

    def keep(work):
        locked = sessions.lock(work, filled.session_id)
        event = Event(uuid4(), EventKind.CHECKED_IN, NOW)
        work.keep(keeping.event(event), filled.session_id)
        sessions.write_line(work, filled.session_id, locked.version, line())

    filled.database.write_now(keep, filled.actor, NOW)


def look(filled, times=1):
    for _ in range(times):
        filled.read(lambda work: work.audit("patient.read", subject="patient", subject_id=filled.patient_id))


@pytest.fixture
def filled(database):
    made = fill(database)
    for _ in range(4):
        change(made)
    look(made, 3)
    return made


@pytest.fixture
def stream(filled):
    return f"session:{filled.session_id}"


def test_every_stream_holds_and_the_log_says_what_is_not_sealed_yet(filled, stream):
    before = verdicts(filled)
    assert all(verdict.holds for verdict in before.values())
    links = before[LOG].links
    assert before[LOG].unsealed == 3
    assert before[stream].links == 19
    assert {f"patient:{filled.patient_id}", f"course:{filled.course_id}", "clinic", stream, LOG} <= before.keys()
    assert seal_all(filled.database) == 3 + 1
    after = verdicts(filled)
    assert all(verdict.holds for verdict in after.values())
    assert (after[LOG].links, after[LOG].unsealed) == (links + 4, 0)


def test_nothing_waits_once_it_is_sealed(filled):
    assert seal_all(filled.database) == 4
    assert filled.database.read_now(chains.waiting, EVERY_CLINIC, NOW) == ()
    assert seal_all(filled.database) == 0
    change(filled)
    assert filled.database.read_now(chains.waiting, EVERY_CLINIC, NOW) == (filled.clinic.id,)
    assert seal_all(filled.database) == 1


def test_the_installation_s_own_log_has_a_chain_too(database):
    database.write_now(lambda work: work.audit("sign-in.failed", subject="username", subject_id="x"), EVERY_CLINIC, NOW)
    assert database.read_now(chains.waiting, EVERY_CLINIC, NOW) == (NIL,)
    assert seal_all(database) == 1
    assert database.read_now(chains.verify_stream, EVERY_CLINIC, NOW, LOG).links == 1
    assert database.read_now(chains.clinics_with_events, EVERY_CLINIC, NOW) == (NIL,)


def test_sealers_at_the_same_time_make_one_chain(filled):
    async def many():
        writes = (filled.database.write(chains.seal, filled.actor, factories.asked(NOW)) for _ in range(6))
        await asyncio.gather(*writes)

    before = verdicts(filled)[LOG].links
    look(filled, 20)
    asyncio.run(many())
    verdict = verdicts(filled)[LOG]
    assert verdict.holds
    assert (verdict.links, verdict.unsealed) == (before + 24, 0)


def test_writers_at_the_same_time_make_one_stream(filled, stream):
    def keep(work):
        sessions.lock(work, filled.session_id)
        work.keep(keeping.event(Event(uuid4(), EventKind.CHECKED_IN, NOW)), filled.session_id)

    async def many():
        await asyncio.gather(*(filled.database.write(keep, filled.actor, factories.asked(NOW)) for _ in range(30)))

    asyncio.run(many())
    verdict = verdicts(filled)[stream]
    assert verdict.holds
    assert verdict.links == 49


@pytest.fixture
def attack(filled, database_url):
    """Raw SQL with every guard taken down, as somebody with the file or the owner's password could."""
    seal_all(filled.database)
    if filled.database.name == "sqlite":
        import pysqlite3.dbapi2 as packaged

        connection = packaged.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("PRAGMA busy_timeout = 5000")
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection.execute
        connection.close()
    else:
        with postgres.as_owner(database_url.split("/")[-1].split("?")[0]) as owner:
            owner.execute("SET session_replication_role = replica")
            yield owner.execute


def bad(filled, stream):
    verdict = verdicts(filled)[stream]
    return None if verdict.bad is None else verdict.bad.position


def test_the_attacker_does_nothing(filled, stream, attack):
    assert {bad(filled, name) for name in verdicts(filled)} == {None}


def in_stream(stream, position):
    return f"stream = '{stream}' AND position = {position}"


CHANGES = [
    "by_name = 'somebody else'",
    "by_role = 'lead'",
    "document = '{}'",
    "reason = 'another'",
    "recorded_at = wall_at",
    "action = 'event.voided'",
    "fact_id = 'another'",
    "kind = 'another'",
    "revision = 7",
    "tablet_id = patient_id, patient_id = id",
    "sent_as = id",
    "at = NULL",
    "id = clinic_id",
]


@pytest.mark.parametrize("changed", CHANGES)
def test_whatever_is_changed_of_an_entry_is_found(filled, stream, attack, changed):
    """B6: the record is what is verified, every word of it."""
    attack("UPDATE journal SET recorded_at = recorded_at")
    attack(f"UPDATE journal SET {changed} WHERE {in_stream(stream, 6)}")
    assert bad(filled, stream) == 6
    assert bad(filled, LOG) is None


@pytest.mark.parametrize("kind", ["confirmation", "notice", "acknowledgement", "discharge", "assessment", "screening"])
def test_a_changed_word_of_what_was_signed_told_or_seen_is_found(filled, stream, attack, kind):
    """B6: a signed text, an own assessment and a notice were not covered."""
    attack(f"UPDATE journal SET document = replace(document, 'e', 'o') WHERE kind = '{kind}'")
    assert bad(filled, stream) is not None


@pytest.mark.parametrize("of", ["patient", "course"])
def test_a_changed_patient_or_course_is_found(filled, attack, of):
    attack(f"UPDATE journal SET document = replace(document, 'e', 'o') WHERE kind = '{of}'")
    assert bad(filled, f"{of}:{getattr(filled, f'{of}_id')}") == 1


def test_a_changed_read_is_found(filled, attack):
    [event_id] = attack("SELECT event_id FROM log_links WHERE event_id IS NOT NULL ORDER BY position").fetchone()
    attack(f"UPDATE log_events SET subject_id = 'another' WHERE id = '{event_id}'")
    assert bad(filled, LOG) == 1


def test_a_deleted_read_is_found(filled, attack):
    attack("DELETE FROM log_events")
    assert bad(filled, LOG) == 1


def test_a_deleted_entry_is_found(filled, stream, attack):
    attack("DELETE FROM feed")
    attack(f"DELETE FROM journal WHERE {in_stream(stream, 4)}")
    assert bad(filled, stream) == 4
    assert "entry 4 is missing" in verdicts(filled)[stream].bad.because


def test_swapped_entries_are_found(filled, stream, attack):
    attack("DELETE FROM feed")
    for old, new in ((2, 999), (3, 2), (999, 3)):
        attack(f"UPDATE journal SET position = {new} WHERE {in_stream(stream, old)}")
    assert bad(filled, stream) == 2


def test_an_invented_entry_is_found(filled, stream, attack):
    copied = (
        "clinic_id, stream, session_id, kind, revision, action, document, by_name, by_role, recorded_at, wall_at, hash"
    )
    attack(
        f"INSERT INTO journal (id, position, fact_id, {copied})"
        f" SELECT '00000000-0000-0000-0000-00000000abcd', 20, 'invented', {copied}"
        f" FROM journal WHERE {in_stream(stream, 19)}"
    )
    assert bad(filled, stream) == 20


def cut_tail(attack, stream, after):
    attack("DELETE FROM feed")
    attack(f"DELETE FROM journal WHERE stream = '{stream}' AND position > {after}")


def test_a_session_s_tail_cut_off_is_found_by_the_log_s_seal(filled, stream, attack):
    cut_tail(attack, stream, 6)
    kept = attack(f"SELECT hash FROM journal WHERE {in_stream(stream, 6)}").fetchone()[0]
    attack(f"UPDATE sessions SET position = 6, sealed = 6, numbered = 6, hash = '{kept}'")
    assert bad(filled, stream) == 7


def test_a_whole_session_s_stream_removed_is_found(filled, stream, attack):
    cut_tail(attack, stream, 0)
    attack("UPDATE sessions SET position = 0, sealed = 0, numbered = 0")
    assert bad(filled, stream) == 1


def test_the_log_s_tail_cut_off_is_found_by_an_anchor_kept_elsewhere(filled, attack):
    head = filled.read(chains.head, LOG)
    attack("DELETE FROM log_links WHERE position > 2")
    attack("DELETE FROM log_events WHERE id NOT IN (SELECT event_id FROM log_links WHERE event_id IS NOT NULL)")
    assert bad(filled, LOG) is None, "without an anchor nobody can know"
    verdict = verdicts(filled, {LOG: {head.position: head.hash}})[LOG]
    assert verdict.bad.position == 3


def test_an_older_copy_put_back_is_found_by_an_anchor_kept_elsewhere(tmp_path, sqlite_template):
    url = f"sqlite:///{tmp_path}/clinic.db"
    (tmp_path / "clinic.db").write_bytes(sqlite_template.read_bytes())
    database = open_database(url)
    made = fill(database)
    look(made)
    seal_all(database)
    database.close()
    older = (tmp_path / "clinic.db").read_bytes()
    made.database = open_database(url)
    look(made)
    seal_all(made.database)
    head = made.read(chains.head, LOG)
    made.database.close()
    (tmp_path / "clinic.db").write_bytes(older)
    made.database = open_database(url)
    assert verdicts(made)[LOG].holds
    assert not verdicts(made, {LOG: {head.position: head.hash}})[LOG].holds
    made.database.close()


def test_a_page_is_newest_first_and_keeps_to_its_conditions(filled):
    def page(after=None, limit=100, **conditions):
        return filled.read(audit.page, Conditions(**conditions), after, limit)

    everything, more = page()
    assert more is None
    assert [event.id for event in everything] == sorted((event.id for event in everything), reverse=True)
    of_session = page(session_id=filled.session_id)[0]
    assert {event.action for event in of_session} >= {"session.planned", "reading.corrected", "discharge.recorded"}
    [corrected] = [event for event in of_session if event.action == "reading.corrected"]
    assert (corrected.before["revision"], corrected.after["revision"]) == (1, 2)
    assert len(page(action="patient.read")[0]) == 4
    assert {event.action for event in page(patient_id=filled.patient_id)[0]} >= {"patient.added", "session.planned"}
    assert page(actor_id=uuid4())[0] == []
    assert page(patient_id=uuid4())[0] == []
    assert page(since=NOW)[0] == everything
    assert page(until=NOW)[0] == []
    assert page(until=NOW + timedelta(seconds=1))[0] == everything
    found, after = [], None
    while True:
        some, after = page(after=after, limit=5)
        found += some
        if after is None:
            break
    assert found == everything


def test_the_newest_of_some_actions_are_found_page_by_page_and_one_patients_too(filled):
    wanted = {"patient.read", "patient.added", "reading.corrected", "discharge.recorded"}
    everything = filled.read(audit.page, Conditions(), None, 100)[0]
    for conditions in (
        Conditions(),
        Conditions(patient_id=filled.patient_id),
        Conditions(session_id=filled.session_id),
    ):
        whole = [one for one in filled.read(audit.page, conditions, None, 100)[0] if one.action in wanted]
        found, after = [], None
        while True:
            some, after = filled.read(audit.page, conditions, after, 2, wanted)
            found += some
            if after is None:
                break
        assert found == whole
        assert found
    assert {event.action for event in everything} > wanted
    assert filled.read(audit.page, Conditions(), None, 100, ["wall.read"]) == ([], None)


def plans(work, *asked):
    """How SQLite goes about a page."""
    found = []

    def note(_connection, _cursor, statement, parameters, *_):
        found.append((statement, parameters))

    listen(Engine, "before_cursor_execute", note)
    audit.page(work, *asked)
    remove(Engine, "before_cursor_execute", note)
    run = work._connection.exec_driver_sql
    return [row[3] for statement, values in found for row in run(f"EXPLAIN QUERY PLAN {statement}", values)]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_is_rare_is_looked_up_in_order_and_not_looked_for(filled):
    rare = filled.read(plans, Conditions(), None, 50, ["protocol.approved"])
    assert len(rare) == 2
    assert all("_clinic_id_action_id (clinic_id=? AND action=?)" in one for one in rare)
    of_one = filled.read(plans, Conditions(patient_id=filled.patient_id), None, 50, ["patient.read", "session.read"])
    assert all("_clinic_id_patient_id_id (clinic_id=? AND patient_id=?)" in one for one in of_one)
    # control: without an index of its own a condition is looked for from the newest back
    assert not any("actor_id=?" in one for one in filled.read(plans, Conditions(actor_id=uuid4()), None, 50))


def test_another_clinic_sees_none_of_it(filled):
    stranger = service_actor(uuid4())
    assert filled.database.read_now(audit.page, stranger, NOW, Conditions(), None, 10) == ([], None)
    assert filled.database.read_now(chains.all_streams, stranger, NOW) == (LOG,)
    assert filled.database.write_now(chains.seal, stranger, NOW) == 0
