"""A work whose time is bounded: once that is over, it asks the database for nothing more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Executable, Row

from app.clock import ticking
from app.db import lanes
from app.db.prepared import Prepared
from app.db.refusals import Overtime
from app.db.work import Sources, Work
from app.domain.people import Actor


class Seeking(Work):
    """What a search is given. The engine ends a statement that takes too long; this ends many that are short."""

    def __init__(self, connection: Connection, actor: Actor, now: datetime, sources: Sources) -> None:
        super().__init__(connection, actor, now, sources)
        self._until = ticking() + lanes.SEARCH_SECONDS

    def all(self, statement: Executable | Prepared, **values: Any) -> Sequence[Row[Any]]:
        """See `Work.all`. Raises `Overtime`."""
        self._check_time()
        return super().all(statement, **values)

    def first(self, statement: Executable | Prepared, **values: Any) -> Row[Any] | None:
        """See `Work.first`. Raises `Overtime`."""
        self._check_time()
        return super().first(statement, **values)

    def _check_time(self) -> None:
        if ticking() > self._until:
            raise Overtime
