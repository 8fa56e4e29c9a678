"""Housekeeping that is long over leaves its tables, a few rows at a time. What is of the record is never purged.

An invitation needs none of this: two fields of its account's row, gone when it is used, and never a second.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Select, Table, bindparam, delete, or_, select, tuple_

from app.db.attempts import REMEMBERED, WINDOW
from app.db.tables import attempts, client_assertions, client_tokens, journeys, known_places, pins, sign_ins
from app.db.work import Work

KEPT: Mapping[Table, timedelta] = {
    # a PIN hangs on the sign-in by password it was set in, which is over at the same instant
    pins: timedelta(days=30),
    # what ended is told from what never was, and a ticket is good for a week from its sign-in's beginning
    sign_ins: timedelta(days=30),
    # a clock that is set back must not make them new
    client_assertions: timedelta(days=1),
    client_tokens: timedelta(days=1),
    # used or not, it leads nowhere any more; a clock that is set back does not make it longer by much
    journeys: timedelta(hours=1),
    attempts: WINDOW,
    known_places: REMEMBERED,
}
"""How long after their end the rows of each table stay, in the order in which they go."""
_ENDS: Mapping[Table, Column[Any]] = {attempts: attempts.c.since, known_places: known_places.c.seen_at}
"""By what a row's end is known, where that is not its `expires_at`."""
BATCH = 500
"""Rows of one table that one work removes."""


def _end(table: Table) -> Column[Any]:
    own = _ENDS.get(table)
    return table.c.expires_at if own is None else own


def _over(table: Table) -> str:
    return f"{table.name}_over"


def since(wall: datetime) -> dict[str, datetime]:
    """Before which instant what ended is to be purged at `wall`, for `DUE`."""
    return {_over(table): wall - kept for table, kept in KEPT.items()}


def _long_over(table: Table) -> Select[Any]:
    ends = _end(table)
    return select(*table.primary_key).where(ends < bindparam(_over(table))).order_by(ends).limit(bindparam("most"))


DUE = or_(
    *(
        select(_end(table))
        .where(_end(table) < bindparam(_over(table)))
        .order_by(_end(table))
        .limit(1)
        .scalar_subquery()
        .is_not(None)
        for table in KEPT
    )
)
"""Whether there is anything to purge."""
_PURGE = {table: delete(table).where(tuple_(*table.primary_key).in_(_long_over(table))) for table in KEPT}


def purge(work: Work, wall: datetime) -> int:
    """Removes a batch of what is long over, in every clinic; how many rows that were."""
    # they opened nothing any more: nobody who is remembered is ended by it
    return sum(
        work.change(statement, {_over(table): wall - KEPT[table], "most": BATCH}, ends=False)
        for table, statement in _PURGE.items()
    )
