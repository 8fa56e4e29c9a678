"""Versions of the tables: up, down and up again, and exactly the tables that the code knows."""

from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, make_url

from app.db import postgresql, schema, sqlite
from app.db.engine import migrate, open_database
from app.db.tables import INSERT_ONLY, metadata
from tests import postgres
from tests.db.filled import fill


@pytest.fixture
def owner_engine(engine_name, tmp_path):
    """An engine of the owner on a database without any tables."""
    if engine_name == "sqlite":
        engine = sqlite.make_engine(tmp_path / "empty.db", "BEGIN IMMEDIATE")
        yield engine
        engine.dispose()
        return
    name = f"t_{uuid4().hex}"
    postgres.folder()
    with postgres.as_owner() as owner:
        owner.execute(f"CREATE DATABASE {name}")
    engine = postgresql.make_engine(make_url(postgres.address(name, postgres.OWNER)), pool_size=2)
    yield engine
    engine.dispose()
    postgres.drop(name)


def move(connection, to):
    verb = command.downgrade if to == "base" else command.upgrade
    verb(schema._config(connection), to)


def shape(connection):
    """Everything a version makes: columns, keys, indexes, checks, triggers."""
    found = inspect(connection)
    tables = {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(name)],
            found.get_pk_constraint(name)["constrained_columns"],
            sorted((tuple(key["constrained_columns"]), key["referred_table"]) for key in found.get_foreign_keys(name)),
            sorted((str(index["name"]), index["column_names"], index["unique"]) for index in found.get_indexes(name)),
            sorted(str(check["name"]) for check in found.get_check_constraints(name)),
        )
        for name in found.get_table_names()
        if name != "alembic_version"
    }
    triggers = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    return tables, sorted(row[0] for row in connection.exec_driver_sql(triggers))


def test_up_down_and_up_again_ends_the_same(owner_engine):
    with owner_engine.begin() as connection:
        move(connection, "head")
        first = shape(connection)
        assert set(first[0]) == set(metadata.tables)
        move(connection, "base")
        assert shape(connection) == ({}, [])
        move(connection, "head")
        assert shape(connection) == first


def test_the_migrations_make_exactly_the_tables_of_the_code(owner_engine):
    with owner_engine.begin() as connection:
        move(connection, "head")
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_difference_would_be_seen(owner_engine):
    """The positive control of the test above."""
    with owner_engine.begin() as connection:
        move(connection, "head")
        connection.exec_driver_sql("ALTER TABLE clinics DROP COLUMN timezone")
        assert compare_metadata(MigrationContext.configure(connection), metadata)


def test_constraints_and_partial_indexes_are_those_of_the_code(engine_name, owner_engine):
    """What Alembic does not compare: checks, the conditions of partial indexes, and that tables are strict."""
    with owner_engine.begin() as connection:
        move(connection, "head")
        migrated = shape(connection)[0], conditions(connection)
        move(connection, "base")
        metadata.create_all(connection)
        assert (shape(connection)[0], conditions(connection)) == migrated


def conditions(connection):
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE sql LIKE '%WHERE%' AND type='index'"
        )
        strict = connection.exec_driver_sql("SELECT name, strict FROM pragma_table_list WHERE schema='main'")
        loose = sorted(row[0] for row in strict if not row[1])
        return sorted(tuple(row) for row in rows), [name for name in loose if name in metadata.tables]
    rows = connection.exec_driver_sql("SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%%WHERE%%'")
    return sorted(tuple(row) for row in rows), []


def test_every_table_of_the_record_has_its_triggers(owner_engine):
    with owner_engine.begin() as connection:
        move(connection, "head")
        triggers = set(shape(connection)[1])
    endings = (
        ("_no_update", "_no_delete") if owner_engine.dialect.name == "sqlite" else ("_insert_only", "_no_truncate")
    )
    assert {f"{name}{ending}" for name in INSERT_ONLY for ending in endings} <= triggers


def test_migrating_twice_changes_nothing_and_keeps_what_is_there(database_url, engine_name):
    database = open_database(database_url)
    filled = fill(database)
    database.close()
    owner = database_url.replace(f"{postgres.SERVICE}:", f"{postgres.OWNER}:") if engine_name == "postgresql" else None
    before, after = migrate(database_url, owner)
    assert before == after == schema.newest()
    database = open_database(database_url)
    from app.db import sessions

    filled.database = database
    assert filled.read(sessions.load, filled.session_id) is not None
    database.close()


def test_there_is_one_line_of_versions():
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(schema._config())
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1
    # read from the files' own lines at each start: Alembic, asked, says the same
    assert schema.versions() == tuple(each.revision for each in reversed(list(script.walk_revisions())))
