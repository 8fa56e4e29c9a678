"""Which lines were written since a look: every line carries the mark under which it was last written.

On SQLite, with its one writer, the mark counts. On PostgreSQL it is the number of the transaction: whoever looks asks
next for all lines from the oldest transaction on that was under way, so that one that ends late is found by the next.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Text, Update, and_, bindparam, cast, func, select

from app.db.tables import sessions
from app.db.work import Work

_S, _ALL = sessions.c, sessions.alias("every")


def _number(of: Any) -> ColumnElement[int]:
    return cast(cast(of, Text), BigInteger)


_NEXT = func.coalesce(func.max(_ALL.c.changed), 0) + 1
_MARKS: dict[str, Any] = {
    "sqlite": select(_NEXT).where(_ALL.c.clinic_id == _S.clinic_id).correlate(sessions).scalar_subquery(),
    "postgresql": _number(func.pg_current_xact_id()),
}
_FROM_HERE: dict[str, Select[Any]] = {
    "sqlite": select(_NEXT.label("mark")).where(_ALL.c.clinic_id == bindparam("clinic")),
    "postgresql": select(_number(func.pg_snapshot_xmin(func.pg_current_snapshot())).label("mark")),
}
_SINCE = and_(_S.clinic_id == bindparam("clinic"), _S.changed >= bindparam("since"))
_WRITTEN: dict[str, ColumnElement[bool]] = {
    "sqlite": _SINCE,
    # what a restored copy brought along carries numbers of another server's transactions, greater than any here
    "postgresql": and_(_SINCE, _S.changed < _number(func.pg_snapshot_xmax(func.pg_current_snapshot()))),
}


def _both(engine: str) -> Select[Any]:
    """The next mark, and beside it what was written: at least one row."""
    here = _FROM_HERE[engine].subquery("here")
    return select(here.c.mark, _S.id).select_from(here.outerjoin(sessions, _WRITTEN[engine]))


_CHANGED = {name: _both(name) for name in _WRITTEN}


def marked(statement: Update) -> dict[str, Update]:
    """An update of a line, by engine, that leaves its mark."""
    return {name: statement.values(changed=mark) for name, mark in _MARKS.items()}


def from_here(work: Work) -> int:
    """The mark to ask from at the next look: whatever this one does not see is written under it or a greater one."""
    row = work.first(_FROM_HERE[work.dialect])
    assert row is not None, "it always is one row"
    mark: int = row.mark
    return mark


def since(work: Work, mark: int) -> tuple[int, list[UUID]]:
    """The mark to ask from next, and the sessions whose lines were written under this mark or a greater one."""
    rows = work.all(_CHANGED[work.dialect], since=mark)
    return rows[0].mark, [row.id for row in rows if row.id is not None]
