"""A database that is read and never written, for a process beside the service: its own snapshots, one at a time."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from app.db import postgresql, row_policies, sqlite
from app.db.refusals import Unavailable
from app.db.schema import check_schema, file_of, parsed
from app.db.sqlite import Job


class ReadOnlyConnection:
    """One connection that cannot write; whoever asks waits for the answer."""

    def __init__(self, engine: Engine, name: str, as_refusal: Callable[[DBAPIError], BaseException]) -> None:
        self.name = name
        self._engine = engine
        self._as_refusal = as_refusal
        self._turn = threading.Lock()

    def submit_write(self, job: Job, scope: str) -> Future[Any]:  # noqa: ARG002 - nothing is ever kept here
        """Always refused."""
        raise Unavailable

    def submit_read(self, job: Job, scope: str) -> Future[Any]:
        """One snapshot; done when this returns."""
        future: Future[Any] = Future()
        with self._turn:
            try:
                options = {row_policies.SCOPE: scope}
                with self._engine.connect().execution_options(**options) as connection, connection.begin():
                    future.set_result(job(connection))
            except DBAPIError as error:
                future.set_exception(self._as_refusal(error))
            except Exception as error:  # noqa: BLE001 - the asker hears of it, as from any future
                future.set_exception(error)
        return future

    def submit_glance(self, job: Job, scope: str) -> Future[Any]:
        """As a read."""
        return self.submit_read(job, scope)

    def submit_search(self, job: Job, scope: str) -> Future[Any]:
        """As a read: nobody else waits for this connection."""
        return self.submit_read(job, scope)

    def close(self) -> None:
        """Closes the connection."""
        self._engine.dispose()


def open_read_only(url: str) -> ReadOnlyConnection:
    """The way into a database that the service has opened and found safe. Raises `OldSchema` for another version."""
    address = parsed(url)
    if address.get_backend_name() == "sqlite":
        sqlite.check_library()
        engine = sqlite.make_engine(file_of(address), "BEGIN", query_only=True, pool_size=1)
        connections = ReadOnlyConnection(engine, "sqlite", sqlite.as_refusal)
    else:
        engine = postgresql.make_engine(address, pool_size=1, reads="REPEATABLE READ", held=True)
        connections = ReadOnlyConnection(engine, "postgresql", postgresql.as_refusal)
    with engine.connect() as connection, connection.begin():
        check_schema(connection)
    return connections
