"""Copies of a PostgreSQL database: made and brought back by its own programs, through pipes, never by way of a file."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, LiteralString
from uuid import uuid4

from psycopg import conninfo, sql
from sqlalchemy import URL, Connection, inspect
from sqlalchemy.exc import DBAPIError

from app.db import postgresql, schema
from app.db.copying import PIECE, Snapshot, count_all
from app.db.refusals import NoCopy

_SCRATCH = "infusion_vitals_scratch_"
_ONE_AT_A_TIME = "SELECT pg_try_advisory_lock(4711003)"


@contextlib.contextmanager
def snapshot(owner: URL, programs: Path | None) -> Iterator[Snapshot]:
    """The database as it stands now."""
    program = _find("pg_dump", programs)
    engine = postgresql.make_engine(owner, pool_size=1, reads="REPEATABLE READ")
    try:
        with engine.connect() as connection, connection.begin():
            schema.check_schema(connection)
            connection.exec_driver_sql("SET idle_in_transaction_session_timeout = 0")
            name = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
            # counted while the copy is read: the snapshot is held until then
            options = ["--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--snapshot={name}"]
            yield Snapshot("postgresql", schema.newest(), count_all(connection), _dump(program, options, owner))
    except DBAPIError as error:
        raise NoCopy(f"the database cannot be copied: {_first_line(str(error.orig))}") from None
    finally:
        engine.dispose()


def _dump(program: str, options: list[str], owner: URL) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as said:
        command = [program, *options, *_whereto(owner)]
        process = subprocess.Popen(  # noqa: S603 - our own words
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, env=_environment(owner)
        )
        assert process.stdout is not None
        try:
            while piece := process.stdout.read(PIECE):
                yield piece
            if process.wait() != 0:
                raise NoCopy(f"pg_dump could not copy the database: {_complaint(said)}")
        finally:
            process.stdout.close()
            if process.poll() is None:
                process.kill()
                process.wait()


def _find(program: str, programs: Path | None) -> str:
    found = shutil.which(program) if programs is None else shutil.which(program, path=str(programs))
    if found is None:
        where = "on PATH" if programs is None else f"in {programs}"
        raise NoCopy(
            f"PostgreSQL's own {program} is not {where}: install the server's client programs, or name their folder by"
            " POSTGRESQL_PROGRAMS"
        )
    return found


def _whereto(owner: URL) -> list[str]:
    """The database, without its password: what is on a command line can be read by everybody."""
    named = owner.translate_connect_args(database="dbname", username="user")
    named.pop("password", None)
    asked = {name: str(value) for name, value in owner.query.items()}
    return ["--no-password", f"--dbname={conninfo.make_conninfo('', **named, **asked)}"]


def _environment(owner: URL) -> dict[str, str]:
    password = {"PGPASSWORD": str(owner.password)} if owner.password else {}
    return {**os.environ, **password, "PGCONNECT_TIMEOUT": "10", "LC_ALL": "C"}


def _complaint(said: IO[bytes]) -> str:
    said.seek(0)
    return _first_line(said.read(PIECE).decode(errors="replace"))


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0] if lines else "it did not say why"


def check_empty(owner: URL) -> None:
    """Raises `NoCopy` where the database holds anything, or there is none."""
    engine = postgresql.make_engine(owner, pool_size=1)
    try:
        with engine.connect() as connection:
            if inspect(connection).get_table_names():
                raise NoCopy(
                    f"the database {owner.database} holds tables already, and nothing is written over: make an empty"
                    " one and name that (also after a restore that was killed)"
                )
    except DBAPIError as error:
        raise NoCopy(f"there is no empty database to bring it back into: {_first_line(str(error.orig))}") from None
    finally:
        engine.dispose()


class ServerPlace:
    """An empty database that a copy is written into: all of it, or nothing.

    `service`: whose role is given its rights when it is taken, and cannot serve it before; None in a scratch place.
    """

    def __init__(self, owner: URL, service: URL | None, programs: Path | None) -> None:
        self._owner, self._service = owner, service
        self.url = owner.render_as_string(hide_password=False)
        self._finished = False
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `finish` or `discard`
        options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
        command = [_find("pg_restore", programs), *options, *_whereto(owner)]
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._said, env=_environment(owner)
        )

    def write(self, data: bytes, /) -> int:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
        except BrokenPipeError:
            self.finish()
        return len(data)

    def finish(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        if self._process.wait() != 0:
            raise NoCopy(f"pg_restore could not bring it back: {_without_rows(_complaint(self._said))}")
        self._said.close()
        self._finished = True

    def take(self) -> None:
        if self._service is not None:
            schema.give_rights(self._owner, self._service)

    def discard(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._said.close()
        if self._finished:
            _empty(self._owner)


def _empty(owner: URL) -> None:
    """As it was before: it was looked at."""
    engine = postgresql.make_engine(owner, pool_size=1)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    finally:
        engine.dispose()


def _without_rows(complaint: str) -> str:
    """What the server says of a row could name a patient's values."""
    return complaint.split("ERROR:", maxsplit=1)[0].strip(" :") if "COPY" in complaint else complaint


@contextlib.contextmanager
def scratch_database(server: URL) -> Iterator[URL]:
    """An empty database on this server that goes again, and any with it that a killed process left.

    Raises `NoCopy`.
    """
    engine = postgresql.make_engine(server, pool_size=1).execution_options(isolation_level="AUTOCOMMIT")
    name = f"{_SCRATCH}{uuid4().hex}"
    try:
        with engine.connect() as connection:
            _take_turn(connection)
            try:
                _make(connection, name)
                yield server.set(database=name)
            finally:
                _drop_all(connection)
    finally:
        engine.dispose()


def _take_turn(connection: Connection) -> None:
    # held until the connection ends
    if not connection.exec_driver_sql(_ONE_AT_A_TIME).scalar_one():
        raise NoCopy("another backup is being checked on this server just now: try again when it is done")


def _make(connection: Connection, name: str) -> None:
    try:
        _drop_all(connection)
        _say(connection, "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name)
    except DBAPIError as error:
        raise NoCopy(
            f"no scratch database can be made to check the backup in: {_first_line(str(error.orig))}; the owner needs"
            " CREATEDB, or name a server to do it on by BACKUP_SCRATCH_DATABASE_URL"
        ) from None


def _drop_all(connection: Connection) -> None:
    found = connection.exec_driver_sql(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %(prefix)s)", {"prefix": _SCRATCH}
    )
    for (name,) in found.all():
        _say(connection, "DROP DATABASE {} WITH (FORCE)", name)


def _say(connection: Connection, statement: LiteralString, name: str) -> None:
    connection.exec_driver_sql(sql.SQL(statement).format(sql.Identifier(name)).as_string(None))
