"""Counts that no noise can touch: the statements a request asks of the database, and what each of them looks at.

The application runs in this process, its jobs off. On PostgreSQL a statement is explained with the values it had, and
its buffers counted; on SQLite the steps of its virtual machine are.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Engine, event

TURNS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET INFUSION_VITALS")
"""The turns of transactions, and whose rows they may touch: none of it asks for anything."""


@dataclass(frozen=True)
class Asked:
    """One statement as the database was asked it."""

    statement: str
    values: Any
    many: bool

    @property
    def looks(self) -> bool:
        return self.statement.upper().startswith(("SELECT", "WITH"))

    @property
    def faults(self) -> list[str]:
        """What grows with the table whatever the page: skipping rows, counting all of them.

        SQLite is always told how many to skip: none is no fault.
        """
        words = self.statement.upper()
        for found in reversed(list(re.finditer(r"\bOFFSET \?", words))):
            if self.values[words.count("?", 0, found.start())] == 0:
                words = words[: found.start()] + words[found.end() :]
        return [name for name in ("OFFSET", "COUNT(*)") if re.search(rf"\b{re.escape(name)}(?!\w)", words)]


@contextmanager
def asked() -> Iterator[list[Asked]]:
    """What is asked of the database meanwhile, by anybody in this process."""
    found: list[Asked] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if not statement.lstrip().upper().startswith(TURNS):
            found.append(Asked(" ".join(statement.split()), values, many))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def buffers(owner: psycopg.Connection, statements: list[Asked]) -> int:
    """Shared buffers that these looks touch, as PostgreSQL counts them when it runs them again."""
    total = 0
    for one in statements:
        if one.looks and not one.many:
            explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {one.statement}"
            row = owner.execute(explain.encode(), one.values).fetchone()
            assert row is not None
            plan = (row[0] if isinstance(row[0], list) else json.loads(row[0]))[0]["Plan"]
            total += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return total


def steps(database: Any, statements: list[Asked]) -> int:
    """Steps of SQLite's virtual machine that these looks take, in tens; `database` is a plain connection."""
    total = 0

    def step() -> int:
        nonlocal total
        total += 1
        return 0

    database.set_progress_handler(step, 10)
    for one in statements:
        if one.looks and not one.many:
            database.execute(one.statement, one.values).fetchall()
    database.set_progress_handler(None, 0)
    return total
