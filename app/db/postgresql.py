"""PostgreSQL: psycopg 3 on a bounded pool, one thread a connection, rows locked explicitly, a bounded number of tries.

READ COMMITTED with the session's row locked and its version checked: isolation levels alone have been seen to fail.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from app.db import hearing, lanes, row_policies
from app.db.cache_keys import made_in_turn
from app.db.lanes import SEARCHES, Lane, search_lane
from app.db.refusals import AlreadyKept, Busy, DatabaseFault, Overtime, StorageFull, Unavailable, UnsafeDatabase
from app.db.sqlite import Job, end_process

WRITES = 8
"""Works that write at a time, each with a thread and a connection."""
READS = 6
"""Works that only read at a time, apart from those that write."""
GLANCES = 2
"""Connections beside those, for looks of one statement: whoever else asks waits for the next look and shares it."""
CONNECTIONS = WRITES + READS + GLANCES + SEARCHES + hearing.CONNECTIONS
"""What one process of the service may hold."""
RESERVED = 10
"""Connections for whoever else comes: the command line, a backup, the operator."""
GLANCE_SECONDS = 10.0
"""How long a glance waits for its turn."""
WAITING = 512
STATEMENT_SECONDS = 20.0
"""How long any other statement of the service may take: what takes longer has failed whoever waits for it."""
TRIES = 5
EXPECTED = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
    "data_sync_retry": ("off",),
    "data_checksums": ("on",),
    "server_encoding": ("UTF8",),
}
_AGAIN = frozenset({"40001", "40P01", "23505"})
"""Serialization failure, deadlock, and a unique key that another work took meanwhile: the verb, run again, sees it."""
_UNIQUE = "23505"
_FULL = "53100"
_ENDED = "57014"
"""A statement was ended, because its time was over."""
_OUR_TRIGGERS = "P0001"
_FATAL = frozenset({"58030", "XX001", "XX002"})
"""io_error, data_corrupted, index_corrupted."""
_OPTIONS = "-c lock_timeout=10000 -c idle_in_transaction_session_timeout=120000 -c timezone=UTC -c client_encoding=UTF8"
_READ_ONLY = "-c default_transaction_read_only=on"

log = logging.getLogger(__name__)


def make_engine(
    url: URL, pool_size: int = WRITES, *, reads: str | None = None, seconds: float | None = None, held: bool = False
) -> Engine:
    """An engine on psycopg 3, its pool bounded. `reads`: none can write, under this level of isolation.

    `seconds`: how long one statement may take before the server ends it. `held`: each transaction touches the rows of
    the clinic that is named for it, and no others (`row_policies`).
    A level that is the engine's own is set once; one that is asked for with each connection costs a fifth of a read.
    """
    options, level = f"{_OPTIONS} {_READ_ONLY}" if reads else _OPTIONS, reads or "READ COMMITTED"
    if seconds is not None:
        options += f" -c statement_timeout={int(seconds * 1000)}"
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        pool_timeout=10,
        isolation_level=None if held else level,
        connect_args={"options": options, "connect_timeout": 10, "autocommit": held},
    )
    if held:
        row_policies.hold(engine, level)
    return made_in_turn(engine)


def check_settings(connection: Connection, expected: dict[str, tuple[str, ...]] = EXPECTED) -> None:
    """Refuses a server that could lose what it acknowledged."""
    for name, good in expected.items():
        found = connection.exec_driver_sql(f"SHOW {name}").scalar()
        if found not in good:
            raise UnsafeDatabase(f"PostgreSQL's {name} is {found}, and must be {' or '.join(good)}")


def check_role(connection: Connection, insert_only: tuple[str, ...]) -> None:
    """Refuses a role that could change the record: it must own no table, and may only insert into these."""
    superuser = connection.exec_driver_sql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").scalar()
    if superuser:
        raise UnsafeDatabase("the service's database role is a superuser; give it a role of its own")
    owned = connection.exec_driver_sql(
        "SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
        " AND pg_has_role(current_user, c.relowner, 'member')"
    ).scalar()
    if owned:
        raise UnsafeDatabase("the service's database role owns the tables; run `migrate` as their owner instead")
    rows = connection.exec_driver_sql(
        "SELECT t FROM unnest(%(tables)s::text[]) AS t WHERE has_table_privilege(t, 'UPDATE')"
        " OR has_any_column_privilege(t, 'UPDATE') OR has_table_privilege(t, 'DELETE')"
        " OR has_table_privilege(t, 'TRUNCATE')",
        {"tables": list(insert_only)},
    )
    open_ones = sorted(row[0] for row in rows)
    if open_ones:
        raise UnsafeDatabase(f"the service's database role may change rows of: {', '.join(open_ones)}")


def check_triggers(connection: Connection, insert_only: tuple[str, ...]) -> None:
    """Refuses a record that could be changed or deleted."""
    rows = connection.exec_driver_sql(
        "SELECT c.relname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
        " AND t.tgname IN (c.relname || '_insert_only', c.relname || '_no_truncate') GROUP BY c.relname"
    )
    guarded = {row[0] for row in rows if row[1] == 2}
    missing = [name for name in insert_only if name not in guarded]
    if missing:
        raise UnsafeDatabase(f"these tables have lost the triggers that keep their rows: {', '.join(missing)}")


def check_room(url: URL, processes: int) -> None:
    """Refuses more processes than the server has connections for."""
    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            most = int(connection.exec_driver_sql("SHOW max_connections").scalar_one())
    finally:
        engine.dispose()
    needed = processes * CONNECTIONS + RESERVED
    if needed > most:
        raise UnsafeDatabase(
            f"{processes} processes may take {needed} connections, and PostgreSQL's max_connections is {most}:"
            " raise it, or start fewer"
        )


def _state(error: BaseException) -> str | None:
    original = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(original, "sqlstate", None)
    return state if isinstance(state, str) else None


def as_refusal(error: DBAPIError, fatal: Callable[[str], None] = end_process) -> Exception:
    """What the caller is told. A disk that fails ends the process instead."""
    state = _state(error)
    if state in _FATAL:
        fatal(str(error.orig).splitlines()[0])
    if state == _FULL:
        return StorageFull()
    if state == _UNIQUE:
        return AlreadyKept()
    if state in {"40001", "40P01", "55P03"}:
        return Busy()
    if state == _ENDED:
        return Overtime()
    if error.connection_invalidated or (state is not None and state[:2] in {"08", "53", "57"}):
        return Unavailable()
    return DatabaseFault(_without_values(error, state)).with_traceback(error.__traceback__)


def _without_values(error: DBAPIError, state: str | None) -> str:
    """What went wrong and where; the server's own text would quote the row."""
    diagnosis = getattr(error.orig, "diag", None)
    ours = diagnosis.message_primary if diagnosis is not None and state == _OUR_TRIGGERS else None
    where = getattr(diagnosis, "constraint_name", None) or getattr(diagnosis, "table_name", None)
    return " ".join(str(part) for part in (type(error.orig).__name__, state, where, ours) if part)


def _open(engine: Engine, scope: str) -> Connection:
    return engine.connect().execution_options(**{row_policies.SCOPE: scope})


class PostgresConnections:
    """The way into one PostgreSQL database."""

    name = "postgresql"

    def __init__(self, url: URL, fatal: Callable[[str], None] = end_process) -> None:
        self._fatal = fatal
        self._engine = make_engine(url, WRITES, seconds=STATEMENT_SECONDS, held=True)
        self._reading = make_engine(url, READS, reads="REPEATABLE READ", seconds=STATEMENT_SECONDS, held=True)
        self._glances = make_engine(url, GLANCES, reads="AUTOCOMMIT", seconds=STATEMENT_SECONDS, held=True)
        self._seeking = make_engine(url, SEARCHES, reads="REPEATABLE READ", seconds=lanes.SEARCH_SECONDS, held=True)
        self._writes = Lane("writer", WRITES, WAITING)
        self._reads = Lane("reader", READS, WAITING)
        self._glancing = Lane("glance", GLANCES, WAITING, patience=GLANCE_SECONDS)
        self._searches = search_lane()

    def submit_write(self, job: Job, scope: str) -> Future[Any]:
        """The future is done after the commit."""
        return self._writes.submit(self._write, job, scope)

    def submit_read(self, job: Job, scope: str) -> Future[Any]:
        """One snapshot, in a transaction that cannot write."""
        return self._reads.submit(self._look, self._reading, job, scope)

    def submit_glance(self, job: Job, scope: str) -> Future[Any]:
        """Each statement by itself, without the turns of a transaction; none can write."""
        return self._glancing.submit(self._look, self._glances, job, scope)

    def submit_search(self, job: Job, scope: str) -> Future[Any]:
        """As a read, in a lane of its own; the server ends a statement that takes too long (`Overtime`)."""
        return self._searches.submit(self._look, self._seeking, job, scope)

    def _write(self, job: Job, scope: str) -> Any:
        for attempt in range(1, TRIES + 1):
            committing = False
            try:
                with _open(self._engine, scope) as connection, connection.begin() as transaction:
                    answer = job(connection)
                    committing = True
                    transaction.commit()
                return answer
            except DBAPIError as error:
                # a connection lost in the commit may or may not have kept it: never tried again, never acknowledged
                again = _state(error) in _AGAIN or (error.connection_invalidated and not committing)
                if not again or attempt == TRIES:
                    # not chained: what the server's own error says could name a patient's values
                    raise as_refusal(error, self._fatal) from None
                log.info("a unit of work is tried again", extra={"state": _state(error), "attempt": attempt})
                time.sleep(0.005 * attempt)
        raise Busy

    def _look(self, engine: Engine, job: Job, scope: str) -> Any:
        for attempt in (1, 2):
            try:
                with _open(engine, scope) as connection, connection.begin():
                    return job(connection)
            except DBAPIError as error:
                if error.connection_invalidated and attempt == 1:
                    continue
                raise as_refusal(error, self._fatal) from None
        raise Unavailable

    def close(self) -> None:
        """Finishes what is queued and closes the connections."""
        for lane in (self._searches, self._glancing, self._reads, self._writes):
            lane.close()
        for engine in (self._seeking, self._glances, self._reading, self._engine):
            engine.dispose()
