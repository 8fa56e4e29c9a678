"""Reading our CSV back: types restored, and the guard against formulas taken off."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import assert_never

from app.domain.instants import from_text
from app.domain.numbers import decimal, whole
from app.exchange.flat.cells import Cell, Column, Kind
from app.exchange.formulas import unguarded


def _value(kind: Kind, text: str) -> Cell:
    if text == "":
        return None
    match kind:
        case Kind.INTEGER:
            return whole(text)
        case Kind.DECIMAL:
            return decimal(text)
        case Kind.BOOLEAN:
            return {"true": True, "false": False}[text]
        case Kind.INSTANT:
            return from_text(text)
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.WORD | Kind.CODE | Kind.ID | Kind.TEXT | Kind.REASON:
            return unguarded(text)
        case _:
            assert_never(kind)


def read_csv(content: bytes, columns: tuple[Column, ...]) -> Iterator[tuple[Cell, ...]]:
    """The rows of a CSV file of ours. Raises ValueError where its header is another."""
    lines = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    if next(lines, None) != [column.name for column in columns]:
        raise ValueError("these are other columns")
    for line in lines:
        yield tuple(_value(column.kind, text) for column, text in zip(columns, line, strict=True))
