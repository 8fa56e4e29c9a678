"""Which version the tables are of, and how they get to the newest."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

import app
from app.db import postgresql, sqlite
from app.db.refusals import OldSchema, UnsafeDatabase

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(app.__file__).parent.parent / "migrations"
NOTHING = "nothing"
"""What an empty database's version is called."""
_REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)


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


def folder_of(url: str) -> Path | None:
    """Where a SQLite file lies; None for a server."""
    address = parsed(url)
    return file_of(address).parent if address.get_backend_name() == "sqlite" else None


def absolute(url: str) -> str:
    """The same address, for a process that may stand in another folder."""
    address = parsed(url)
    if address.get_backend_name() == "sqlite":
        address = address.set(database=str(file_of(address)))
    return address.render_as_string(hide_password=False)


def _config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415  # takes longer to load than all the tables: only to change them

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def versions() -> tuple[str, ...]:
    """Every version this program knows, oldest first, as the dated files say."""
    files = sorted((MIGRATIONS / "versions").glob("*.py"))
    return tuple(found for file in files for found in _REVISION.findall(file.read_text(encoding="utf-8")))


def newest() -> str:
    """The version this program needs."""
    return versions()[-1]


def current(connection: Connection) -> str | None:
    """The version the tables are of, None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()
    return found


def check_schema(connection: Connection) -> None:
    """Raises `OldSchema` unless the tables are exactly of this program's version."""
    found, needed = current(connection) or NOTHING, newest()
    if found == needed:
        return
    if found not in {*versions(), NOTHING}:
        raise OldSchema(f"the schema is at {found}, which is newer than this program knows ({needed}): run a newer one")
    raise OldSchema(f"the schema is at {found}, this version needs {needed}: run `infusion-vitals migrate`")


def upgrade(connection: Connection) -> tuple[str, str]:
    """Brings the tables to the newest version, in the transaction the connection is in: (from, to)."""
    from alembic import command  # noqa: PLC0415  # as for _config

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


def is_there(path: Path) -> bool:
    """Whether a SQLite file holds anything. Raises `UnsafeDatabase` where one did, and is gone or empty."""
    if path.exists() and path.stat().st_size > 0:
        return True
    if _mark(path).exists():
        gone = "empty" if path.exists() else "missing"
        raise UnsafeDatabase(
            f"there was a database at {path}, and it is {gone}: bring back its newest backup,"
            f" or remove {_mark(path)} if it is to begin anew"
        )
    return False


def mark(path: Path) -> None:
    """Beside a SQLite file it says that one was kept there."""
    _mark(path).touch(mode=0o600, exist_ok=True)


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.kept")


def _migrate_file(path: Path) -> tuple[str, str]:
    is_there(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    sqlite.check_library()
    # patients' data: readable by nobody but the service's own user
    path.touch(mode=0o600, exist_ok=True)
    engine = sqlite.make_engine(path, "BEGIN IMMEDIATE")
    try:
        with engine.begin() as connection:
            versions = upgrade(connection)
    finally:
        engine.dispose()
    mark(path)
    return versions


def _migrate_server(service: URL, owner: URL) -> tuple[str, str]:
    engine = postgresql.make_engine(owner, pool_size=1)
    try:
        with engine.begin() as connection:
            # two operators at once: the second waits, then finds nothing to do
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4711002)")
            versions = upgrade(connection)
            _give_rights(connection, owner, service)
            return versions
    finally:
        engine.dispose()


def give_rights(owner: URL, service: URL) -> None:
    """The service's role gets what it needs in a database that was brought back: before that it can serve nothing."""
    engine = postgresql.make_engine(owner, pool_size=1)
    try:
        with engine.begin() as connection:
            _give_rights(connection, owner, service)
    finally:
        engine.dispose()


def _give_rights(connection: Connection, owner: URL, service: URL) -> None:
    from app.db import roles, row_policies  # noqa: PLC0415  # needs what a SQLite file never does

    row_policies.put_up(connection)
    if service.username and service.username != owner.username:
        roles.make(connection, service)
        roles.grant(connection, service.username)
