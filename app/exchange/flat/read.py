"""Reading our CSV back: types restored, and the guard against formulas taken off."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import assert_never

from app.domain.instants import from_text
from app.domain.numbers import decimal, whole
from app.exchange.flat.cells import Cell, Column, Data
from app.exchange.formulas import unguarded


def _value(kind: Data, text: str) -> Cell:
    if text == "":
        return None
    match kind:
        case Data.INTEGER:
            return whole(text)
        case Data.DECIMAL:
            return decimal(text)
        case Data.BOOLEAN:
            return {"true": True, "false": False}[text]
        case Data.INSTANT:
            return from_text(text)
        case Data.DATE:
            return date.fromisoformat(text)
        case Data.WORD | Data.CODE | Data.ID | Data.TEXT | Data.REASON:
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
