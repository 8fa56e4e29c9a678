"""Opening a PostgreSQL database: each thing that is not safe is refused in one sentence."""

import shutil
import subprocess
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from app.db import postgresql
from app.db.engine import OldSchema, UnsafeDatabase, migrate, open_database
from app.db.tables import INSERT_ONLY
from tests import postgres


@pytest.fixture
def name():
    name = f"t_{uuid4().hex}"
    postgres.make(name)
    yield name
    postgres.drop(name)


def refused(url):
    with pytest.raises(UnsafeDatabase) as refusal:
        open_database(url)
    text = str(refusal.value)
    assert text
    assert "\n" not in text
    return text


def test_a_good_database_opens(name):
    open_database(postgres.address(name)).close()


UNSAFE = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "local",
    "data_sync_retry": "on",
    "data_checksums": "off",
    "server_encoding": "SQL_ASCII",
}


@pytest.fixture(scope="module")
def unsafe_server():
    """A server of this module's own, on which every setting is wrong."""
    options = ["--auth=trust", "--no-sync", "--no-data-checksums", "--encoding=SQL_ASCII", "--locale=C"]
    settings = {name: value for name, value in UNSAFE.items() if name not in ("data_checksums", "server_encoding")}
    with postgres.another("unsafe", options, settings) as folder:
        yield make_url("postgresql://").set(username="postgres", database="postgres", query={"host": str(folder)})


@pytest.mark.parametrize("setting", sorted(UNSAFE))
def test_a_setting_that_could_lose_a_reading_is_refused(unsafe_server, setting):
    engine = postgresql.make_engine(unsafe_server, pool_size=1)
    only = {setting: postgresql.EXPECTED[setting]}
    with engine.connect() as connection, pytest.raises(UnsafeDatabase, match=f"{setting} is {UNSAFE[setting]}"):
        postgresql.check_settings(connection, only)
    engine.dispose()


def test_every_asserted_setting_has_its_test():
    assert set(postgresql.EXPECTED) == set(UNSAFE)


def test_an_unsafe_server_is_not_opened(unsafe_server):
    assert "fsync" in refused(unsafe_server.render_as_string(hide_password=False))


@pytest.mark.parametrize("value", ["off", "local", "remote_write"])
def test_a_commit_that_does_not_wait_for_the_disk_is_refused(name, value):
    with postgres.as_owner() as owner:
        owner.execute(f"ALTER DATABASE {name} SET synchronous_commit = {value}")
    assert "synchronous_commit" in refused(postgres.address(name))


def test_a_superuser_is_refused(name):
    assert "superuser" in refused(postgres.address(name, postgres.OWNER))


def test_the_owner_of_the_tables_is_refused(name):
    with postgres.as_owner(name) as owner:
        owner.execute(f"ALTER TABLE journal OWNER TO {postgres.SERVICE}")
    assert "owns the tables" in refused(postgres.address(name))


@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE", "UPDATE (reason)"])
def test_a_right_to_change_the_record_is_refused(name, right):
    with postgres.as_owner(name) as owner:
        owner.execute(f"GRANT {right} ON journal TO {postgres.SERVICE}")
    assert "may change rows of: journal" in refused(postgres.address(name))


@pytest.mark.parametrize("table", INSERT_ONLY)
def test_a_table_that_lost_a_trigger_is_refused(name, table):
    with postgres.as_owner(name) as owner:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_insert_only")
    assert table in refused(postgres.address(name))


def test_an_old_schema_names_the_remedy(name):
    with postgres.as_owner(name) as owner:
        owner.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(OldSchema, match="run `infusion-vitals migrate`"):
        open_database(postgres.address(name))


def test_an_empty_database_names_the_remedy(name):
    empty = f"t_{uuid4().hex}"
    with postgres.as_owner() as owner:
        owner.execute(f"CREATE DATABASE {empty}")
    assert "run `infusion-vitals migrate`" in refused(postgres.address(empty))
    postgres.drop(empty)


def test_a_database_that_is_not_there_is_refused():
    postgres.folder()
    assert "does not exist" in refused(postgres.address("nowhere"))
    assert refused("postgresql://nobody@127.0.0.1:1/nowhere")


def test_migrating_makes_the_service_s_role_with_its_password_and_only_the_rights_it_needs():
    fresh, role = f"t_{uuid4().hex}", f"role_{uuid4().hex}"
    postgres.folder()
    with postgres.as_owner() as owner:
        owner.execute(f"CREATE DATABASE {fresh}")
    try:
        assert migrate(postgres.address(fresh, role), postgres.address(fresh, postgres.OWNER))[0] == "nothing"
        open_database(postgres.address(fresh, role)).close()
        before, after = migrate(postgres.address(fresh, role), postgres.address(fresh, postgres.OWNER))
        assert before == after
        with postgres.as_owner(fresh) as owner:
            secret = owner.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [role]).fetchone()[0]
            assert secret.startswith("SCRAM-SHA-256$")
            owner.execute(f"SET ROLE {role}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute("CREATE TABLE mine (x int)")
    finally:
        postgres.drop(fresh)
        with postgres.as_owner() as owner:
            owner.execute(f"DROP ROLE {role}")


def test_only_an_owner_can_migrate(name):
    with postgres.as_owner(name) as owner:
        owner.execute("DROP TABLE clock")
        owner.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(UnsafeDatabase, match="could not be brought up to date"):
        migrate(postgres.address(name))


def test_the_package_s_server_is_the_one_under_test():
    version = subprocess.run(
        [postgres.programs(postgres.folder()) / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    assert shutil.which("postgres") is None or "18" in version
