"""SQLAlchemy keeps what it has compiled under a key, and makes a statement's key when the statement first runs.

CPython 3.11 was seen to crash where several threads made the keys of the same column types at the same moment, as the
first requests of a service do. Here they are made in turn; once made, a key is only looked up.
"""

import threading
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.sql.cache_key import HasCacheKey

TURN = threading.Lock()


def made_in_turn(engine: Engine) -> Engine:
    """The same engine, on which one thread at a time makes a key."""
    event.listen(engine, "before_execute", _make)
    return engine


def _make(_connection: Connection, statement: Any, *_: Any) -> None:
    if isinstance(statement, HasCacheKey):
        with TURN:
            statement._generate_cache_key()  # noqa: SLF001 - the very call that executing makes next
