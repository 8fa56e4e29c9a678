"""The record cannot be changed or deleted, not even by somebody who speaks to the database directly."""

import pytest

from app.db import protocols
from app.db.refusals import DatabaseFault
from app.db.tables import INSERT_ONLY
from app.db.work import EVERY_CLINIC
from tests import postgres
from tests.db.filled import NOW, fill


@pytest.fixture
def attack(database, database_url):
    """Runs raw SQL against a database with one of everything; on PostgreSQL as the owner of the tables."""
    fill(database)
    if database.name == "sqlite":
        import pysqlite3.dbapi2 as sqlite

        connection = sqlite.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        yield connection.execute
        connection.close()
    else:
        with postgres.as_owner(database_url.split("/")[-1].split("?")[0]) as owner:
            yield owner.execute


@pytest.mark.parametrize("table", INSERT_ONLY)
def test_no_row_of_the_record_is_changed_or_deleted(attack, table):
    assert attack(f"SELECT count(*) FROM {table}").fetchone()[0] > 0, "an empty table would prove nothing"
    column = "hash" if table == "log_links" else "name" if table == "protocol_approvals" else "clinic_id"
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(Exception, match="never changed or deleted"):
            attack(statement)


def test_a_table_without_a_guard_can_be_changed(attack):
    """The positive control: the same attack on housekeeping goes through."""
    attack("UPDATE sign_ins SET token_hash = 'x'")
    attack("DELETE FROM sign_ins")
    assert attack("SELECT count(*) FROM sign_ins").fetchone()[0] == 0


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_no_table_of_the_record_is_emptied(attack):
    for table in INSERT_ONLY:
        with pytest.raises(Exception, match="never changed or deleted"):
            attack(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_the_service_s_role_may_not_even_try(database):
    fill(database)

    def attempt(work, statement):
        work._connection.exec_driver_sql(statement)

    for table in INSERT_ONLY:
        for statement in (f"UPDATE {table} SET clinic_id = clinic_id", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(DatabaseFault, match="InsufficientPrivilege"):
                database.write_now(attempt, EVERY_CLINIC, NOW, statement)
    for statement in ("DROP TABLE journal", "ALTER TABLE journal DISABLE TRIGGER ALL", "DELETE FROM sessions"):
        with pytest.raises(DatabaseFault, match="InsufficientPrivilege"):
            database.write_now(attempt, EVERY_CLINIC, NOW, statement)


def test_an_approved_protocol_version_never_changes_and_a_draft_may(database):
    filled = fill(database)

    def draft(version, revision):
        document = {"revision": revision}
        filled.write(protocols.keep_draft, "example", version, document, "x", example=True, revision=revision)

    draft(2, 1)
    draft(2, 2)
    with pytest.raises(DatabaseFault, match="approved protocol version is never changed"):
        draft(1, 2)


def test_no_protocol_version_is_deleted(attack):
    with pytest.raises(Exception, match="never deleted"):
        attack("DELETE FROM protocol_versions")


def test_a_demo_is_a_demo_for_ever_and_nothing_else_becomes_one(database, attack):
    with pytest.raises(Exception, match="settled when the database is made"):
        attack(f"UPDATE installation SET demo = {'1' if database.name == 'sqlite' else 'true'}")
    with pytest.raises(Exception, match="never deleted"):
        attack("DELETE FROM installation")
