"""How many processes may serve a database: one a SQLite file, as many as there is room for on PostgreSQL.

A second process on a file would not hear what the first remembers, and both would do every duty.
"""

import contextlib
import fcntl
from collections.abc import Iterator

from app.db import postgresql
from app.db.refusals import UnsafeDatabase
from app.db.schema import file_of, parsed


@contextlib.contextmanager
def alone(url: str) -> Iterator[None]:
    """Serves the file by itself until this ends. Raises `UnsafeDatabase` where another process does already.

    The system lets the lock go with the process, however that ends. PostgreSQL may be served by several.
    """
    address = parsed(url)
    if address.get_backend_name() != "sqlite":
        yield
        return
    path = file_of(address)
    with path.with_name(f"{path.name}.serving").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnsafeDatabase(
                f"another process serves {path} already: one SQLite file is served by one; for more, use PostgreSQL"
            ) from None
        yield


def check_processes(url: str, processes: int) -> None:
    """Raises `UnsafeDatabase` where so many processes cannot serve this database."""
    address = parsed(url)
    if address.get_backend_name() != "sqlite":
        postgresql.check_room(address, processes)
    elif processes > 1:
        raise UnsafeDatabase("one SQLite file is served by one process: several need PostgreSQL")
