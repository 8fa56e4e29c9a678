"""SQLite: one writer thread with group commit, a few readers that can only read, and a library that is safe in WAL.

Several writers starve each other (busy waits of seconds were measured), so all writing goes through one thread: each
unit of work in a SAVEPOINT of its own, one commit with synchronous=FULL for the group, then the answers.
"""

import logging
import os
import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import ModuleType
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from app.clock import ticking
from app.db import lanes
from app.db.cache_keys import made_in_turn
from app.db.lanes import SEARCHES, Lane, search_lane
from app.db.prepared import run_plainly
from app.db.refusals import AlreadyKept, Busy, DatabaseFault, Overtime, StorageFull, Unavailable, UnsafeDatabase

Job = Callable[[Connection], Any]

SAFE_LIBRARY = (3, 51, 3)
"""Earlier ones can corrupt a WAL database when two connections write or checkpoint at the same instant."""
REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs"})
"""File systems of other machines: their locks and syncs are not to be trusted with a database."""
PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "trusted_schema": "OFF",
    "mmap_size": "0",
    "busy_timeout": "5000",
}
EXPECTED: dict[str, object] = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "mmap_size": 0,
}
GROUP = 64
WAITING_WRITES = 512
READERS = 4
WAITING_READS = 256

_FULL, _BUSY, _LOCKED, _INTERRUPTED = 13, 5, 6, 9
_STEPS = 10_000
"""Steps of a statement, some tenths of a millisecond, after which the library asks whether to go on."""
_UNIQUE = "UNIQUE constraint failed"
"""How the library says it; this build tells the general code of a constraint alone."""
_FATAL = frozenset({10, 11, 26})
"""SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB: what is on the disk cannot be trusted from here on."""

log = logging.getLogger(__name__)


def end_process(because: str) -> None:
    """Ends the process at once: going on, or trying again, after a failing disk loses or invents data."""
    log.critical("the database cannot be trusted any more: %s; the service ends", because)
    sys.stderr.write(f"the database cannot be trusted any more: {because}; the service ends\n")
    sys.stderr.flush()
    os._exit(70)


def make_engine(
    path: Path,
    begin: str,
    *,
    query_only: bool = False,
    pool_size: int = 0,
    module: ModuleType = dbapi2,
    pragmas: dict[str, str] = PRAGMAS,
) -> Engine:
    """An engine whose transactions start with `begin`. `pool_size` 0: a fresh connection each time."""
    pool: dict[str, Any] = (
        {"poolclass": QueuePool, "pool_size": pool_size, "max_overflow": 0} if pool_size else {"poolclass": NullPool}
    )
    engine = create_engine(
        f"sqlite:///{path}",
        module=module,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "isolation_level": None, "cached_statements": 512},
        **pool,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")
        if query_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        run_plainly(connection, begin)

    return made_in_turn(engine)


def check_library(version: tuple[int, ...] = dbapi2.sqlite_version_info) -> None:
    """Refuses a library with the WAL-reset race."""
    if version < SAFE_LIBRARY:
        found, needed = (".".join(map(str, parts)) for parts in (version, SAFE_LIBRARY))
        raise UnsafeDatabase(f"this SQLite library is {found}; it must be at least {needed} to be safe in WAL mode")


def check_settings(connection: Connection) -> None:
    """Refuses a connection on which a setting that guards the record did not take hold."""
    for name, expected in EXPECTED.items():
        found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
        if found != expected and not (name == "mmap_size" and found is None):
            raise UnsafeDatabase(f"SQLite's {name} is {found}, and must be {expected}, or readings could be lost")


def check_strict(connection: Connection) -> None:
    """Refuses tables that would take a value of the wrong type."""
    rows = connection.exec_driver_sql(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0"
        " AND name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'"
    )
    loose = sorted(row[0] for row in rows)
    if loose:
        raise UnsafeDatabase(f"these tables are not STRICT: {', '.join(loose)}")


def check_triggers(connection: Connection, insert_only: tuple[str, ...]) -> None:
    """Refuses a record that could be changed or deleted."""
    there = {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    missing = [name for name in insert_only if not {f"{name}_no_update", f"{name}_no_delete"} <= there]
    if missing:
        raise UnsafeDatabase(f"these tables have lost the triggers that keep their rows: {', '.join(missing)}")


def file_system_of(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """The type of file system `path` lies on, by the system's list of mounts; None where there is no such list."""
    if not mounts.exists():
        return None
    best, kind = "", None
    for line in mounts.read_text().splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = fields[1].encode().decode("unicode_escape")
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind


def check_file_system(kind: str | None) -> None:
    """Refuses another machine's disk."""
    if kind in REMOTE:
        raise UnsafeDatabase(f"the database file lies on {kind}; SQLite needs a disk of this machine")


def _code(error: BaseException) -> int | None:
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def as_refusal(error: BaseException, fatal: Callable[[str], None] = end_process) -> BaseException:
    """What the caller is told. A disk that fails ends the process instead."""
    code = _code(error)
    if code in _FATAL:
        fatal(str(error.__cause__ or error).splitlines()[0])
    if code == _FULL:
        return StorageFull()
    if code in (_BUSY, _LOCKED):
        return Busy()
    if code == _INTERRUPTED:
        return Overtime()
    if isinstance(error, DBAPIError):
        if str(error.orig).startswith(_UNIQUE):
            return AlreadyKept()
        return DatabaseFault(f"{error.orig} ({code})").with_traceback(error.__traceback__)
    return error


class _GroupLost(Exception):
    """SQLite rolled the whole transaction back; nothing of the group is kept."""


class Writer(threading.Thread):
    """The one thread that writes."""

    def __init__(self, engine: Engine, fatal: Callable[[str], None] = end_process) -> None:
        super().__init__(name="writer", daemon=True)
        self._jobs: queue.Queue[tuple[Job, Future[Any]] | None] = queue.Queue(WAITING_WRITES)
        self._stopping = threading.Lock()
        self._closing = False
        self._engine = engine
        self._fatal = fatal
        self._connection = engine.connect()
        raw = self._connection.connection.dbapi_connection
        assert raw is not None
        self._raw: Any = raw

    def submit(self, job: Job) -> Future[Any]:
        """Queues a unit of work; its future is done after the commit. Raises `Busy` where the queue is full."""
        future: Future[Any] = Future()
        with self._stopping:
            if self._closing:
                raise Unavailable
            try:
                self._jobs.put_nowait((job, future))
            except queue.Full:
                raise Busy from None
        return future

    def stop(self) -> None:
        """Lets what is queued finish, then checkpoints and closes."""
        with self._stopping:
            self._closing = True
            self._jobs.put(None)
        self.join()

    def run(self) -> None:
        last = False
        while not last:
            group, last = self._gather()
            if group:
                self._run_group(group)
        self._connection.rollback()
        self._raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()
        self._engine.dispose()

    def _gather(self) -> tuple[list[tuple[Job, Future[Any]]], bool]:
        """Whatever waits, up to a group; and whether it is the last."""
        group: list[tuple[Job, Future[Any]]] = []
        entry = self._jobs.get()
        while True:
            if entry is None:
                return group, True
            if entry[1].set_running_or_notify_cancel():
                group.append(entry)
            if len(group) == GROUP:
                return group, False
            try:
                entry = self._jobs.get_nowait()
            except queue.Empty:
                return group, False

    def _run_group(self, group: list[tuple[Job, Future[Any]]]) -> None:
        outcomes: list[tuple[bool, Any]] = []
        try:
            with self._connection.begin():
                for job, _ in group:
                    outcomes.append(self._run_one(job))
        except Exception as error:  # noqa: BLE001 - whatever it was, each waiting caller must hear of it
            cause = error.__cause__ if isinstance(error, _GroupLost) and error.__cause__ else error
            self._forget()
            refusal = as_refusal(cause, self._fatal)
            outcomes = [(False, refusal)] * len(group)
        for (_, future), (kept, answer) in zip(group, outcomes, strict=True):
            if kept:
                future.set_result(answer)
            else:
                future.set_exception(answer)

    def _run_one(self, job: Job) -> tuple[bool, Any]:
        self._raw.execute("SAVEPOINT work")
        try:
            answer = job(self._connection)
        except Exception as error:
            if not self._raw.in_transaction:
                raise _GroupLost from error
            self._raw.execute("ROLLBACK TO work")
            self._raw.execute("RELEASE work")
            return False, as_refusal(error, self._fatal)
        self._raw.execute("RELEASE work")
        return True, answer

    def _forget(self) -> None:
        """After a failed commit: nothing of it may linger and be committed with the next group."""
        if self._raw.in_transaction:
            self._raw.execute("ROLLBACK")


def within(seconds: float, job: Job) -> Job:
    """The same job, whose statements the library itself ends when so many seconds are over."""

    def bounded(connection: Connection) -> Any:
        raw: Any = connection.connection.dbapi_connection
        until = ticking() + seconds
        raw.set_progress_handler(lambda: ticking() > until, _STEPS)
        try:
            return job(connection)
        finally:
            raw.set_progress_handler(None, 0)

    return bounded


class SqliteConnections:
    """The way into one SQLite file."""

    name = "sqlite"

    def __init__(self, path: Path, fatal: Callable[[str], None] = end_process) -> None:
        self._fatal = fatal
        self._writer = Writer(make_engine(path, "BEGIN IMMEDIATE"), fatal)
        self._readers = make_engine(path, "BEGIN", query_only=True, pool_size=READERS)
        self._reads = Lane("reader", READERS, WAITING_READS)
        self._seekers = make_engine(path, "BEGIN", query_only=True, pool_size=SEARCHES)
        self._searches = search_lane()
        self._writer.start()

    def submit_write(self, job: Job, scope: str) -> Future[Any]:  # noqa: ARG002 - see `Connections`
        """The future is done after the commit."""
        return self._writer.submit(job)

    def submit_read(self, job: Job, scope: str) -> Future[Any]:  # noqa: ARG002 - see `Connections`
        """One snapshot, on a connection that cannot write."""
        return self._reads.submit(self._read, self._readers, job)

    def submit_glance(self, job: Job, scope: str) -> Future[Any]:
        """As a read: a snapshot costs nothing here."""
        return self.submit_read(job, scope)

    def submit_search(self, job: Job, scope: str) -> Future[Any]:  # noqa: ARG002 - see `Connections`
        """As a read, in a lane of its own; a statement still running at the end of its time is ended (`Overtime`)."""
        return self._searches.submit(self._read, self._seekers, within(lanes.SEARCH_SECONDS, job))

    def _read(self, engine: Engine, job: Job) -> Any:
        try:
            with engine.connect() as connection, connection.begin():
                return job(connection)
        except DBAPIError as error:
            # not chained: what a driver's own error says could name a patient's values
            raise as_refusal(error, self._fatal) from None

    def close(self) -> None:
        """Finishes what is queued, then leaves one file behind, its log written back."""
        self._searches.close()
        self._reads.close()
        self._seekers.dispose()
        self._readers.dispose()
        self._writer.stop()
