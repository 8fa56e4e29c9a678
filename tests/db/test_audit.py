"""The audit as kept: chained with the work, sealed a moment later, and tampering found, by whoever it was done."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.db import audit, events, sessions
from app.db.engine import open_database
from app.db.work import NIL, NOBODY, service_actor
from app.domain.events import Event, EventKind
from tests import factories, postgres
from tests.db.filled import NOW, derived, fill


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
    for clinic_id in database.read_now(audit.waiting, NOBODY, NOW):
        sealed += database.write_now(audit.seal, service_actor(clinic_id), NOW)
    return sealed


def verdicts(filled, outside=None):
    def look(work):
        return {
            stream: audit.verify_stream(work, stream, (outside or {}).get(stream)) for stream in audit.streams(work)
        }

    return filled.read(look)


def change(filled):
    """One more thing happens in the session."""

    def keep(work):
        locked = sessions.lock(work, filled.session_id)
        event = Event(uuid4(), EventKind.CHECKED_IN, NOW)
        events.keep(work, filled.session_id, event)
        sessions.set_derived(work, filled.session_id, locked.version, derived())
        work.audit("event.kept", subject="event", subject_id=event.id, session_id=filled.session_id)
        work.audit("session.changed", subject="session", subject_id=filled.session_id, session_id=filled.session_id)

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


def test_every_chain_holds_and_says_what_is_not_sealed_yet(filled, stream):
    before = verdicts(filled)
    assert all(verdict.holds for verdict in before.values())
    assert before["clinic"].unsealed == 3
    assert before[stream].links == 9
    assert seal_all(filled.database) == 3 + 1
    after = verdicts(filled)
    assert all(verdict.holds for verdict in after.values())
    assert (after["clinic"].links, after["clinic"].unsealed) == (4, 0)


def test_nothing_waits_once_it_is_sealed(filled):
    assert seal_all(filled.database) == 4
    assert filled.database.read_now(audit.waiting, NOBODY, NOW) == ()
    assert seal_all(filled.database) == 0
    change(filled)
    assert filled.database.read_now(audit.waiting, NOBODY, NOW) == (filled.clinic.id,)
    assert seal_all(filled.database) == 1


def test_the_installation_s_own_events_have_a_chain_too(database):
    database.write_now(lambda work: work.audit("sign-in.failed", subject="username", subject_id="x"), NOBODY, NOW)
    assert database.read_now(audit.waiting, NOBODY, NOW) == (NIL,)
    assert seal_all(database) == 1
    assert database.read_now(audit.verify_stream, NOBODY, NOW, "clinic").links == 1
    assert database.read_now(audit.clinics_with_events, NOBODY, NOW) == (NIL,)


def test_sealers_at_the_same_time_make_one_chain(filled):
    async def many():
        await asyncio.gather(*(filled.database.write(audit.seal, filled.actor, factories.asked(NOW)) for _ in range(6)))

    look(filled, 20)
    asyncio.run(many())
    verdict = verdicts(filled)["clinic"]
    assert verdict.holds
    assert (verdict.links, verdict.unsealed) == (24, 0)


def test_writers_at_the_same_time_make_one_chain(filled, stream):
    def keep(work):
        sessions.lock(work, filled.session_id)
        event = Event(uuid4(), EventKind.CHECKED_IN, NOW)
        events.keep(work, filled.session_id, event)
        work.audit("event.kept", subject="event", subject_id=event.id, session_id=filled.session_id)

    async def many():
        await asyncio.gather(*(filled.database.write(keep, filled.actor, factories.asked(NOW)) for _ in range(30)))

    asyncio.run(many())
    verdict = verdicts(filled)[stream]
    assert verdict.holds
    assert verdict.links == 39


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


def event_at(attack, stream, position):
    sql = f"SELECT event_id FROM audit_links WHERE stream = '{stream}' AND position = {position}"
    return attack(sql).fetchone()[0]


def test_the_attacker_does_nothing(filled, stream, attack):
    assert bad(filled, stream) is None
    assert bad(filled, "clinic") is None


def test_a_changed_event_is_found(filled, stream, attack):
    attack(f"UPDATE audit_events SET actor_name = 'somebody else' WHERE id = '{event_at(attack, stream, 5)}'")
    assert bad(filled, stream) == 5
    assert bad(filled, "clinic") is None


def test_a_changed_read_is_found(filled, attack):
    attack(f"UPDATE audit_events SET subject_id = 'another' WHERE id = '{event_at(attack, 'clinic', 2)}'")
    assert bad(filled, "clinic") == 2


def test_a_deleted_event_is_found(filled, stream, attack):
    attack(f"DELETE FROM audit_events WHERE id = '{event_at(attack, stream, 3)}'")
    assert bad(filled, stream) == 3


def test_a_deleted_link_is_found(filled, stream, attack):
    attack(f"DELETE FROM audit_links WHERE stream = '{stream}' AND position = 4")
    assert bad(filled, stream) == 5  # the first row that does not follow
    assert "link 4 is missing" in verdicts(filled)[stream].bad.because


def test_swapped_events_are_found(filled, stream, attack):
    first, second = event_at(attack, stream, 2), event_at(attack, stream, 3)
    hold = "00000000-0000-0000-0000-00000000ffff"
    for old, new in ((first, hold), (second, first), (hold, second)):
        attack(f"UPDATE audit_links SET event_id = '{new}' WHERE event_id = '{old}'")
    assert bad(filled, stream) == 2


def test_an_invented_event_is_found(filled, stream, attack):
    copied = "clinic_id, stream, at, wall_at, action, actor_name, actor_role, subject, subject_id, session_id"
    attack(
        f"INSERT INTO audit_events (id, {copied}) SELECT '00000000-0000-0000-0000-00000000abcd', {copied}"
        f" FROM audit_events WHERE id = '{event_at(attack, stream, 2)}'"
    )
    assert bad(filled, stream) == 10
    assert "hang on no link" in verdicts(filled)[stream].bad.because


def cut_tail(attack, stream, after):
    attack(
        f"DELETE FROM audit_events WHERE id IN"
        f" (SELECT event_id FROM audit_links WHERE stream = '{stream}' AND position > {after})"
    )
    attack(f"DELETE FROM audit_links WHERE stream = '{stream}' AND position > {after}")


def test_a_session_s_tail_cut_off_is_found_by_the_clinic_s_seal(filled, stream, attack):
    cut_tail(attack, stream, 6)
    kept = attack(f"SELECT hash FROM audit_links WHERE stream = '{stream}' AND position = 6").fetchone()[0]
    attack(f"UPDATE sessions SET chain_position = 6, sealed_position = 6, chain_hash = '{kept}'")
    assert bad(filled, stream) == 7


def test_a_whole_session_s_chain_removed_is_found(filled, stream, attack):
    cut_tail(attack, stream, 0)
    attack("UPDATE sessions SET chain_position = 0, sealed_position = 0")
    assert bad(filled, stream) == 1


def test_the_clinic_s_tail_cut_off_is_found_by_an_anchor_kept_elsewhere(filled, attack):
    head = filled.read(audit.head, "clinic")
    cut_tail(attack, "clinic", 2)
    assert bad(filled, "clinic") is None, "without an anchor nobody can know"
    verdict = verdicts(filled, {"clinic": {head.position: head.hash}})["clinic"]
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
    head = made.read(audit.head, "clinic")
    made.database.close()
    (tmp_path / "clinic.db").write_bytes(older)
    made.database = open_database(url)
    assert verdicts(made)["clinic"].holds
    assert not verdicts(made, {"clinic": {head.position: head.hash}})["clinic"].holds
    made.database.close()


def test_a_page_is_newest_first_and_keeps_to_its_conditions(filled):
    def page(after=None, limit=100, **conditions):
        return filled.read(audit.page, Conditions(**conditions), after, limit)

    everything, more = page()
    assert more is None
    assert len(everything) == 12
    assert [event.id for event in everything] == sorted((event.id for event in everything), reverse=True)
    assert {event.action for event in page(session_id=filled.session_id)[0]} == {
        "test.wrote",
        "event.kept",
        "session.changed",
    }
    assert len(page(action="patient.read")[0]) == 3
    assert page(actor_id=uuid4())[0] == []
    assert page(patient_id=uuid4())[0] == []
    assert len(page(since=NOW)[0]) == 12
    assert page(until=NOW)[0] == []
    assert len(page(until=NOW + timedelta(seconds=1))[0]) == 12
    found, after = [], None
    while True:
        some, after = page(after=after, limit=5)
        found += some
        if after is None:
            break
    assert found == everything


def test_another_clinic_sees_none_of_it(filled):
    stranger = service_actor(uuid4())
    assert filled.database.read_now(audit.page, stranger, NOW, Conditions(), None, 10) == ([], None)
    assert filled.database.read_now(audit.streams, stranger, NOW) == ("clinic",)
    assert filled.database.write_now(audit.seal, stranger, NOW) == 0
