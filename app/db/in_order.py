"""Rows of a clinic's table in the order of their ids, from a place on: each statement is made once, and then known."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table, bindparam, select

from app.db.work import Work


def rows_after(
    work: Work,
    table: Table,
    columns: tuple[str, ...],
    among: dict[str, Collection[UUID] | None],
    after: UUID | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The next rows; `among`: in each of these columns one of the named stands (None: any)."""
    named = {f"of_{name}": list(values) for name, values in among.items() if values is not None}
    place = {} if after is None else {"after": after}
    statement = _rows_after(table, columns, tuple(name.removeprefix("of_") for name in named), after is not None)
    return work.all(statement, many=limit, **named, **place)


@cache
def _rows_after(table: Table, columns: tuple[str, ...], among: tuple[str, ...], behind: bool) -> Select[Any]:
    statement = select(*(table.c[name] for name in columns)).where(table.c.clinic_id == bindparam("clinic"))
    for name in among:
        statement = statement.where(table.c[name].in_(bindparam(f"of_{name}", expanding=True)))
    if behind:
        statement = statement.where(table.c.id > bindparam("after"))
    return statement.order_by(table.c.id).limit(bindparam("many"))
