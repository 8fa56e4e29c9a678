"""The second wall between clinics, on PostgreSQL: tried table by table as the service, with statements that name none.

Which tables there are the catalogue says, so that a new one without a policy is seen.
"""

import asyncio
import os
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, date, datetime
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url, text

from app.db import postgresql, row_policies
from app.db.engine import UnsafeDatabase, migrate, open_database
from app.db.postgresql import GLANCES, READS, WRITES
from app.db.refusals import DatabaseFault
from app.db.tables import metadata
from app.db.work import EVERY_CLINIC, NO_CLINIC, service_actor
from tests import keys, postgres
from tests.db.filled import NOW, fill

HERE, THERE, NOWHERE = uuid4(), uuid4(), uuid4()
OF_TYPE = {"bigint": 1, "integer": 1, "boolean": False, "date": date(2026, 3, 8)}
OF_TYPE |= {"timestamp with time zone": datetime(2026, 3, 8, tzinfo=UTC)}
CHECKED = {
    ("exports", "state"): "done",
    ("log_links", "head_stream"): "clinic",
    ("sessions", "listing"): "active",
}
"""Values that a check asks for."""


def tables(connection):
    """Every table that has a clinic."""
    found = connection.execute(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'clinic_id'"
    )
    return sorted(row[0] for row in found)


def row(connection, table, clinic):
    """An INSERT of one row of a clinic, and its values: of each column that must have one, something of its type."""
    columns = connection.execute(
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = %s", [table]
    ).fetchall()
    values = {"clinic_id": clinic}
    for name, kind, nullable in columns:
        if (table, name) in CHECKED:
            values[name] = CHECKED[table, name]
        elif nullable == "NO" and name not in values:
            values[name] = uuid4() if kind == "uuid" else OF_TYPE.get(kind, f"{table}-{uuid4()}")
    named = ", ".join(f'"{name}"' for name in values)
    return f"INSERT INTO {table} ({named}) VALUES ({', '.join(['%s'] * len(values))})", list(values.values())


@pytest.fixture(scope="module")
def name():
    """A database with one row of each of two clinics in every table that has clinics."""
    name = f"walls_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
    postgres.folder()
    postgres.drop(name)
    postgres.make(name)
    with postgres.as_owner(name) as owner:
        owner.execute("SET session_replication_role = replica")  # the guards stand aside, for the owner alone
        for table in tables(owner):
            for clinic in (HERE, THERE):
                owner.execute(*row(owner, table, clinic))
    yield name
    postgres.drop(name)


def seen(connection):
    """Of whom a statement that names no clinic finds rows, table by table."""
    return {
        table: {each[0] for each in connection.execute(f"SELECT clinic_id FROM {table}")}
        for table in tables(connection)
    }


@contextmanager
def said(connection, scope):
    connection.execute(f"SET {row_policies.SETTING} = '{scope}'")
    yield connection
    connection.execute(f"RESET {row_policies.SETTING}")


def test_whoever_names_no_clinic_or_another_sees_no_row_of_any_table(name):
    with postgres.as_service(name) as service:
        assert len(seen(service)) > 30
        assert set(map(frozenset, seen(service).values())) == {frozenset()}
        for scope, found in (("", set()), (NOWHERE, set()), (HERE, {HERE}), (THERE, {THERE}), ("every", {HERE, THERE})):
            with said(service, scope):
                assert {table for table, whose in seen(service).items() if whose != found} == set(), scope
        assert set(map(frozenset, seen(service).values())) == {frozenset()}
        assert set(tables(service)) == {table.name for table in metadata.sorted_tables if "clinic_id" in table.c}


def test_no_row_of_another_clinic_is_written_in_any_table(name):
    with postgres.as_service(name, HERE) as service, postgres.as_owner(name) as owner:
        for table in tables(service):
            before = owner.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t").fetchone()
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                service.execute(*row(service, table, THERE))
            for statement in (
                f"UPDATE {table} SET clinic_id = clinic_id WHERE clinic_id <> '{HERE}'",
                f"UPDATE {table} SET clinic_id = '{THERE}'",
                f"DELETE FROM {table} WHERE clinic_id <> '{HERE}'",
            ):
                try:
                    met = service.execute(statement).rowcount
                except psycopg.errors.InsufficientPrivilege:
                    met = 0
                assert met == 0, statement
            after = owner.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t").fetchone()
            assert after == before, table


@pytest.mark.parametrize(
    "hole",
    [
        f"DROP POLICY {row_policies.POLICY} ON journal; CREATE POLICY open ON journal USING (true)",
        "CREATE POLICY also ON journal FOR SELECT USING (true)",
        "ALTER TABLE journal DISABLE ROW LEVEL SECURITY",
    ],
)
def test_control_a_hole_is_seen_and_nothing_starts_on_it(name, hole):
    """The same look, the policy of one table gone; all of it rolled back."""
    engine = postgresql.make_engine(make_url(postgres.address(name, postgres.OWNER)), pool_size=1)
    with engine.connect() as connection, connection.begin() as change:
        raw = connection.connection.dbapi_connection
        raw.execute(hole)
        raw.execute(f"SET ROLE {postgres.SERVICE}")
        assert {table for table, whose in seen(raw).items() if whose} == {"journal"}
        with pytest.raises(UnsafeDatabase, match="in: journal; run"):
            row_policies.check(connection)
        change.rollback()
    engine.dispose()


def test_a_table_that_comes_later_is_refused_until_it_has_its_policy(name):
    engine = postgresql.make_engine(make_url(postgres.address(name, postgres.OWNER)), pool_size=1)
    with engine.connect() as connection, connection.begin() as change:
        raw = connection.connection.dbapi_connection
        raw.execute("CREATE TABLE later (clinic_id uuid)")
        raw.execute(f"SET ROLE {postgres.SERVICE}")
        with pytest.raises(UnsafeDatabase, match="in: later; run"):
            row_policies.check(connection)
        raw.execute("RESET ROLE")
        row_policies.put_up(connection)
        raw.execute(f"SET ROLE {postgres.SERVICE}")
        row_policies.check(connection)
        change.rollback()
    engine.dispose()


def test_a_role_that_passes_the_policies_by_is_refused(name):
    engine = postgresql.make_engine(make_url(postgres.address(name, postgres.OWNER)), pool_size=1)
    with engine.connect() as connection, connection.begin() as change:
        raw = connection.connection.dbapi_connection
        passing = f"passing_{uuid4().hex}"
        raw.execute(f"CREATE ROLE {passing} BYPASSRLS")
        raw.execute(f"SET ROLE {passing}")
        with pytest.raises(UnsafeDatabase, match="BYPASSRLS"):
            row_policies.check(connection)
        change.rollback()
    engine.dispose()


def test_a_record_without_policies_does_not_open_and_migrating_puts_them_up(name):
    older = f"{name}_older"
    postgres.drop(older)
    postgres.make(older)
    try:
        with postgres.as_owner(older) as owner:
            owner.execute("ALTER TABLE journal DISABLE ROW LEVEL SECURITY")
            owner.execute(f"DROP POLICY {row_policies.POLICY} ON sessions")
            owner.execute("CREATE POLICY another ON patients USING (true)")
        with pytest.raises(UnsafeDatabase, match="in: journal, patients, sessions; run `infusion-vitals migrate`"):
            open_database(postgres.address(older))
        migrate(postgres.address(older), postgres.address(older, postgres.OWNER))
        open_database(postgres.address(older)).close()
    finally:
        postgres.drop(older)


# --- the service's own works -----------------------------------------------------------------------------------------

BOTH = ("FROM journal", "FROM sessions", "FROM patients")
postgresql_alone = pytest.mark.parametrize("engine_name", ["postgresql"])


def whose(work):
    """Which server process answers, and whose rows a statement finds that names no clinic."""
    asked = " UNION ".join(f"SELECT clinic_id {each}" for each in BOTH)
    rows = work.all(text(f"SELECT pg_backend_pid(), array_agg(clinic_id) FROM ({asked}) AS x"))
    return rows[0][0], set(rows[0][1] or ())


@postgresql_alone
def test_a_connection_that_is_given_back_shows_the_next_work_nothing_of_the_clinic_before(database):
    """Reads, writes and searches in turn, of two clinics, of none and of every one, on the same few connections."""
    first, second = fill(database), fill(database)
    one, other = first.clinic.id, second.clinic.id
    rows = {service_actor(one): {one}, service_actor(other): {other}, NO_CLINIC: set(), EVERY_CLINIC: {one, other}}
    by_process = {}
    for _ in range(3 * max(WRITES, READS)):
        for actor, expected in rows.items():
            for ask in (database.read_now, database.write_now):
                process, found = ask(whose, actor, NOW)
                assert found == expected
                by_process.setdefault(process, set()).add(actor)
    assert set(rows) in by_process.values(), "no connection served all of them, and nothing was shown"


@postgresql_alone
def test_a_glance_sees_its_own_clinic_whichever_was_looked_at_before(database):
    first, second = fill(database), fill(database)
    of_process = Counter()

    async def look():
        for _ in range(3 * GLANCES):
            for filled in (first, second):
                process, found = await database.glance(whose, filled.actor, NOW)
                assert found == {filled.clinic.id}
                of_process[process] += 1
            assert (await database.glance(whose, NO_CLINIC, NOW))[1] == set()

    asyncio.run(look())
    assert max(of_process.values()) > 2, "no connection was used again, and nothing was shown"


@postgresql_alone
def test_what_a_connection_said_ends_with_its_transaction_whatever_became_of_that(database):
    filled = fill(database)

    def fails(work):
        assert whose(work)[1] == {filled.clinic.id}
        raise ZeroDivisionError

    for _ in range(2 * WRITES):
        with pytest.raises(ZeroDivisionError):
            database.write_now(fails, filled.actor, NOW)
    for engine in (database._connections._engine, database._connections._reading):
        raw = engine.raw_connection()
        assert not raw.cursor().execute(f"SELECT current_setting('{row_policies.SETTING}', true)").fetchone()[0]
        assert raw.cursor().execute("SELECT count(*) FROM journal").fetchone()[0] == 0
        raw.close()


@postgresql_alone
def test_an_insert_for_another_clinic_is_refused(database):
    first, second = fill(database), fill(database)

    def stray(work):
        work.change(metadata.tables["alerts"].insert(), {**alert, "clinic_id": second.clinic.id})

    alert = {"session_id": second.session_id, "alert": "severe", "noticed_at": NOW, "calls": 0}
    with pytest.raises(DatabaseFault, match="InsufficientPrivilege"):
        database.write_now(stray, first.actor, NOW)
    database.write_now(stray, second.actor, NOW)  # the control


@postgresql_alone
def test_one_look_at_other_clinics_widens_nothing_after_it(database):
    first, second = fill(database), fill(database)

    def look(work):
        ids = {each.clinic_id for each in work.all_of_every_clinic(text("SELECT DISTINCT clinic_id FROM journal"))}
        return ids, whose(work)[1]

    assert database.read_now(look, first.actor, NOW) == ({first.clinic.id, second.clinic.id}, {first.clinic.id})


@postgresql_alone
def test_the_keys_of_every_clinics_secrets_are_asked_for_at_the_start(database, database_url):
    """A start that looked at no clinic's rows would miss that an older key is needed, and serve."""
    from app.db import sealing
    from app.db.tables import webhooks

    filled = fill(database)

    def sealed(work):
        secret = sealing.seal(work, webhooks.c.secret, "x", id=filled.session_id).replace("1.", "7.", 1)
        work.insert(
            webhooks,
            id=filled.session_id,
            url="https://x.example",
            secret=secret,
            added_at=NOW,
            with_values=False,
            allow_private=False,
        )

    filled.write(sealed)
    with pytest.raises(Exception, match="key 7"):
        open_database(database_url, keys=keys.PLACE)
