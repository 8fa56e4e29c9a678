"""Databases of one kind share what SQLAlchemy has compiled: each is opened for itself, and asked the same.

As ever, a statement is compiled when it is first run.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

from app.db import postgresql, sqlite


@contextmanager
def compiled_once() -> Iterator[None]:
    """Within the block, for whatever this process opens; what it starts knows nothing of it, what it forks does."""
    shared: dict[Any, tuple[Any, Any]] = {}

    def sharing(make: Callable[..., Engine]) -> Callable[..., Engine]:
        def made(*args: Any, **options: Any) -> Engine:
            engine = make(*args, **options)
            kind = engine.dialect.name, engine.dialect.dbapi
            # a dialect knows its server from the first connection on
            if kind not in shared or shared[kind][0].server_version_info is None:
                shared[kind] = engine.dialect, LRUCache(5000)
            engine.dialect, engine._compiled_cache = shared[kind]
            return engine

        return made

    with (
        patch.object(sqlite, "create_engine", sharing(sqlite.create_engine)),
        patch.object(postgresql, "create_engine", sharing(postgresql.create_engine)),
    ):
        yield
