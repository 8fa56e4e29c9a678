"""Rows as CSV (RFC 4180, safe in spreadsheets), NDJSON or Parquet, a batch at a time, so that memory stays flat."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from importlib.util import find_spec
from typing import Protocol, assert_never

from app.domain.documents import decimal_text
from app.domain.errors import Refusal
from app.domain.instants import to_text
from app.exchange.flat.cells import Cell, Column
from app.exchange.formulas import guarded


class FileFormat(StrEnum):
    """The formats."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


MEDIA_TYPES: dict[FileFormat, str] = {
    FileFormat.CSV: "text/csv",
    FileFormat.NDJSON: "application/x-ndjson",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
}


class Encoder(Protocol):
    """Bytes of one file, in order: `begin`, any number of `rows`, `end`."""

    def begin(self) -> bytes: ...
    def rows(self, rows: Sequence[tuple[Cell, ...]]) -> bytes: ...
    def end(self) -> bytes: ...


class FormNotInstalled(Refusal):
    """Parquet is not installed here: whoever runs the service can add it. CSV and NDJSON have the same columns."""

    code = "form-not-installed"


def check_installed(form: FileFormat) -> None:
    """Parquet comes as an extra: its library is as large as all the rest. Raises `FormNotInstalled`."""
    if form is FileFormat.PARQUET and find_spec("pyarrow") is None:
        raise FormNotInstalled


def encoder(form: FileFormat, columns: tuple[Column, ...]) -> Encoder:
    """A writer of one file with these columns. Raises `FormNotInstalled`."""
    check_installed(form)
    match form:
        case FileFormat.CSV:
            return Csv(columns)
        case FileFormat.NDJSON:
            return Ndjson(columns)
        case FileFormat.PARQUET:
            # heavy, and few ask for it
            from app.exchange.flat.parquet import Parquet  # noqa: PLC0415

            return Parquet(columns)
        case _:
            assert_never(form)


def _plain(value: Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return guarded(value)
        case int():
            return str(value)
        case Decimal():
            return decimal_text(value)
        case datetime():
            return to_text(value)
        case date():
            return value.isoformat()
        case _:
            assert_never(value)


class Csv:
    """A header line, comma, CRLF, UTF-8 without a mark; an empty field is no value. Numbers are never guarded."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._names = [column.name for column in columns]

    def begin(self) -> bytes:
        return self._lines([self._names])

    def rows(self, rows: Sequence[tuple[Cell, ...]]) -> bytes:
        return self._lines([_plain(value) for value in row] for row in rows)

    def end(self) -> bytes:
        return b""

    @staticmethod
    def _lines(lines: Iterable[list[str]]) -> bytes:
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\r\n").writerows(lines)
        return out.getvalue().encode()


def _json(value: Cell) -> str:
    match value:
        case Decimal():
            return decimal_text(value)
        case datetime():
            return f'"{to_text(value)}"'
        case date():
            return f'"{value.isoformat()}"'
        case _:
            return json.dumps(value, ensure_ascii=False)


class Ndjson:
    """One object a line, every column in each, null for no value; decimals as numbers, digit for digit."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._keys = [f'"{column.name}":' for column in columns]

    def begin(self) -> bytes:
        return b""

    def rows(self, rows: Sequence[tuple[Cell, ...]]) -> bytes:
        lines = ("{" + ",".join(map("".join, zip(self._keys, map(_json, row), strict=True))) + "}\n" for row in rows)
        return "".join(lines).encode()

    def end(self) -> bytes:
        return b""
