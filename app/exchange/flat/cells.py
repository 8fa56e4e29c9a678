"""What a cell can hold, and what becomes of it where identifiers are left out: decided by its kind, column by column.

So a new column cannot be forgotten: text that a person typed is never kept, whatever the column is called.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.exchange.flat.wholes import WholeSession

Cell = None | str | int | bool | Decimal | date | datetime


class Data(StrEnum):
    """What the cells of a column hold; what happens to it without identifiers is in `WITHOUT`."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    WORD = "word"
    """One of a closed list, or several joined by `;`."""
    CODE = "code"
    """Typed, but usually one of a known list."""
    INSTANT = "instant"
    DATE = "date"
    ID = "id"
    TEXT = "text"
    REASON = "reason"
    """Typed by a person; that there is one matters as much as its words."""


WITHOUT: dict[Data, str] = {
    Data.INTEGER: "kept",
    Data.DECIMAL: "kept",
    Data.BOOLEAN: "kept",
    Data.WORD: "kept",
    Data.CODE: "kept where it is on a known list, else `(withheld)`",
    Data.INSTANT: "shifted by the patient's whole days",
    Data.DATE: "left out",
    Data.ID: "replaced by a keyed hash",
    Data.TEXT: "left out",
    Data.REASON: "`(withheld)` where there is one",
}
LEFT_OUT = frozenset({Data.DATE, Data.TEXT})
WITHHELD = "(withheld)"
NOT_RECORDED = "(not recorded)"
OWN_WORDS = frozenset({NOT_RECORDED})
"""Reasons the export itself gives: nobody typed them."""
PLACES = 3
"""A decimal has at most so many places."""


def _none_known(_whole: WholeSession) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `read` takes what the table has a row for; `known` are the codes kept without identifiers."""

    name: str
    kind: Data
    means: str
    read: Callable[[Any], Cell]
    unit: str = ""
    known: Callable[[WholeSession], frozenset[str]] = _none_known


@dataclass(frozen=True, slots=True)
class FlatTable:
    """One table: its columns, and what of a session gives a row. A row's source has its session as `whole`."""

    name: str
    means: str
    columns: tuple[Column, ...]
    sources: Callable[[WholeSession], Iterable[Any]]

    def shown(self, *, without_identifiers: bool) -> tuple[Column, ...]:
        """The columns of the files."""
        if not without_identifiers:
            return self.columns
        return tuple(column for column in self.columns if column.kind not in LEFT_OUT)
