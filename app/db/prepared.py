"""Statements of the ways that are gone most often: made by SQLAlchemy once, then run on the driver's own cursor.

Of what such a statement costs SQLite takes 5 µs, and SQLAlchemy, which looks it up and wraps its values and rows anew
each time, 100. Values and rows are turned by the same column types, an error is the one that SQLAlchemy would raise,
and whoever listens for statements hears of these too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Select
from sqlalchemy.engine import Row, result_tuple
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

from app.db.cache_keys import TURN

Turn = Callable[[Any], Any]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Made:
    """A statement as one engine takes it.

    `given`: what it is bound to, in the driver's order, each with what turns it. `row`: makes a row of what is found,
    the columns named in `turned` having been turned first.
    """

    text: str
    by_place: bool
    fixed: Values
    given: tuple[tuple[str, Turn | None], ...]
    row: Callable[[Iterable[Any]], Row[Any]]
    turned: tuple[tuple[int, Turn], ...]

    def bound(self, values: Values) -> Any:
        held = {**self.fixed, **values}
        if self.by_place:
            return [held[name] if turn is None else turn(held[name]) for name, turn in self.given]
        return {name: held[name] if turn is None else turn(held[name]) for name, turn in self.given}

    def found(self, rows: Iterable[Sequence[Any]]) -> list[Row[Any]]:
        made = []
        for one in rows:
            values = list(one)
            for place, turn in self.turned:
                values[place] = turn(values[place])
            made.append(self.row(values))
        return made


class Prepared:
    """A statement, made once for each engine. `columns`: of an insert, those that it is given."""

    def __init__(self, statement: Select[Any] | UpdateBase, *columns: str) -> None:
        self.statement = statement
        self._columns = list(columns) or None
        self._made: dict[str, _Made] = {}

    def rows(self, connection: Connection, values: Values) -> list[Row[Any]]:
        """Every row that it finds."""
        made = self._on(connection)
        found: list[Any] = _run(connection, made.text, made.bound(values), lambda cursor: cursor.fetchall())
        return made.found(found)

    def change(self, connection: Connection, values: Values | Sequence[Values]) -> int:
        """How many rows it met. Of several values it is run for each."""
        made = self._on(connection)
        bound: Any = made.bound(values) if isinstance(values, Mapping) else [made.bound(one) for one in values]
        met: int = _run(connection, made.text, bound, lambda cursor: cursor.rowcount, many=type(values) is list)
        return met

    def _on(self, connection: Connection) -> _Made:
        dialect = connection.dialect
        if dialect.name not in self._made:
            with TURN:
                self._made[dialect.name] = self._make(dialect)
        return self._made[dialect.name]

    def _make(self, dialect: Dialect) -> _Made:
        made = self.statement.compile(dialect=dialect, column_keys=self._columns)
        assert isinstance(made, SQLCompiler)
        given = [(name, _turn(made.binds[name], dialect, "bind_processor")) for name in made.positiontup or made.binds]
        columns = list(self.statement.selected_columns) if isinstance(self.statement, Select) else []
        turns = [_turn(column, dialect, "result_processor", None) for column in columns]
        return _Made(
            text=made.string,
            by_place=made.positional,
            fixed={name: one.value for name, one in made.binds.items() if not one.required},
            given=tuple(given),
            row=result_tuple([str(column.key) for column in columns]),
            turned=tuple((place, turn) for place, turn in enumerate(turns) if turn is not None),
        )


def _turn(column: ColumnElement[Any], dialect: Dialect, which: str, *more: Any) -> Turn | None:
    found: Turn | None = getattr(column.type.dialect_impl(dialect), which)(dialect, *more)
    return found


def run_plainly(connection: Connection, text: str) -> None:
    """A statement without values, such as the beginning of a transaction."""
    _run(connection, text, (), lambda _: None)


def _run(connection: Connection, text: str, bound: Any, answer: Turn, *, many: bool = False) -> Any:
    cursor = connection.connection.cursor()
    for hear in connection.engine.dispatch.before_cursor_execute:
        hear(connection, cursor, text, bound, None, many)
    try:
        (cursor.executemany if many else cursor.execute)(text, bound)
        found = answer(cursor)
    except Exception as error:  # noqa: BLE001 - it is raised again, as what SQLAlchemy makes of it
        connection._handle_dbapi_exception(error, text, None, cursor, None)  # noqa: SLF001 - its own way, and no second
    cursor.close()
    return found
