"""Which version the tables are of, how they get to the newest, and who may do what with them on PostgreSQL."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import URL, Connection, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

import app
from app.db import postgresql, sqlite
from app.db.refusals import OldSchema, UnsafeDatabase
from app.db.tables import DELETED_FROM, INSERT_ONLY, metadata

MIGRATIONS = Path(app.__file__).parent.parent / "migrations"
NOTHING = "nothing"
"""What an empty database's version is called."""


def parsed(url: str) -> URL:
    """The address, of an engine we know. A SQLite address must name a file."""
    try:
        address = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
    except ArgumentError:
        raise UnsafeDatabase("the database address cannot be read; use sqlite:///FILE or postgresql://...") from None
    match address.drivername:
        case "sqlite":
            if address.database in (None, "", ":memory:"):
                raise UnsafeDatabase("a SQLite database must be a file, for example sqlite:///var/infusion-vitals.db")
        case "postgresql" | "postgresql+psycopg":
            pass
        case other:
            raise UnsafeDatabase(f"{other} is no database this service knows; use sqlite:/// or postgresql://")
    return address


def file_of(address: URL) -> Path:
    """The file of a SQLite address."""
    assert address.database is not None
    return Path(address.database).absolute()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def newest() -> str:
    """The version this program needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current(connection: Connection) -> str | None:
    """The version the tables are of, None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def check_schema(connection: Connection) -> None:
    """Raises `OldSchema` unless the tables are exactly of this program's version."""
    found, needed = current(connection) or NOTHING, newest()
    if found == needed:
        return
    known = {revision.revision for revision in ScriptDirectory.from_config(_config()).walk_revisions()} | {NOTHING}
    if found not in known:
        raise OldSchema(f"the schema is at {found}, which is newer than this program knows ({needed}): run a newer one")
    raise OldSchema(f"the schema is at {found}, this version needs {needed}: run `infusion-vitals migrate`")


def upgrade(connection: Connection) -> tuple[str, str]:
    """Brings the tables to the newest version, in the transaction the connection is in: (from, to)."""
    before = current(connection) or NOTHING
    command.upgrade(_config(connection), "head")
    return before, current(connection) or NOTHING


def migrate(url: str, owner_url: str | None = None) -> tuple[str, str]:
    """Brings the database to this program's version; returns (from, to).

    SQLite: a missing file is made. PostgreSQL: acts as the owner (`owner_url`), makes the service's role (the user
    and password of `url`) where it is missing, and gives it what it needs and no more.
    Raises `UnsafeDatabase` with one sentence where it cannot.
    """
    address = parsed(url)
    try:
        if address.get_backend_name() == "sqlite":
            return _migrate_file(file_of(address))
        return _migrate_server(address, parsed(owner_url) if owner_url else address)
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise UnsafeDatabase(f"the database could not be brought up to date: {reason}") from error
    except OSError as error:
        raise UnsafeDatabase(f"the database cannot be kept there: {error.filename}: {error.strerror}") from error


def _migrate_file(path: Path) -> tuple[str, str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    sqlite.check_library()
    # patients' data: readable by nobody but the service's own user
    path.touch(mode=0o600, exist_ok=True)
    engine = sqlite.make_engine(path, "BEGIN IMMEDIATE")
    try:
        with engine.begin() as connection:
            return upgrade(connection)
    finally:
        engine.dispose()


def _migrate_server(service: URL, owner: URL) -> tuple[str, str]:
    engine = postgresql.make_engine(owner, pool_size=1)
    try:
        with engine.begin() as connection:
            # two operators at once: the second waits, then finds nothing to do
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4711002)")
            versions = upgrade(connection)
            if service.username and service.username != owner.username:
                _make_role(connection, service)
                grant(connection, service.username)
            return versions
    finally:
        engine.dispose()


def _run(connection: Connection, statement: sql.Composed) -> None:
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.execute(statement)


def _make_role(connection: Connection, service: URL) -> None:
    name = service.username
    assert name is not None
    if connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %(name)s", {"name": name}).first():
        return
    statement = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS").format(
        sql.Identifier(name)
    )
    if service.password:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        # the server is told the derived secret only: the password itself never reaches its log
        secret = raw.pgconn.encrypt_password(str(service.password).encode(), name.encode(), b"scram-sha-256")
        statement = sql.Composed([statement, sql.SQL(" PASSWORD {}").format(sql.Literal(secret.decode()))])
    _run(connection, sql.Composed([statement]))


def grant(connection: Connection, role: str) -> None:
    """Gives the service's role what it needs, table by table, and takes back anything else."""
    who = sql.Identifier(role)
    _run(connection, sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(who))
    _run(connection, sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(who))
    there = set(inspect(connection).get_table_names())
    for name in sorted(set(metadata.tables) & there):
        rights = "SELECT, INSERT"
        if name not in INSERT_ONLY:
            rights += ", UPDATE"
        if name in DELETED_FROM:
            rights += ", DELETE"
        _run(connection, sql.SQL("GRANT " + rights + " ON {} TO {}").format(sql.Identifier(name), who))
    _run(connection, sql.SQL("GRANT SELECT ON alembic_version TO {}").format(who))
