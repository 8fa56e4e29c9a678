"""A CSV file as rows: UTF-8, comma or semicolon or tab, RFC 4180 quoting; anything in doubt is refused, not guessed."""

import csv
import io
from collections import Counter

from app.exchange.intake.rows import MOST_BYTES, MOST_ROWS, Columns, Row, Unreadable

_DELIMITERS = ",;\t"


def text_of(content: bytes) -> str:
    """The text of a file. Raises `Unreadable` for what is not UTF-8."""
    if len(content) > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES // 1024 // 1024} MiB: split it.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("The file is UTF-16: save it as UTF-8.")
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            f"Line {line} is not UTF-8 (Latin-1 or Windows-1252, perhaps): save the file as UTF-8, "
            "so that no name is spoilt."
        ) from None
    if "\0" in text:
        raise Unreadable("The file holds NUL characters: it is not text.")
    return text


def csv_rows(content: bytes, columns: Columns) -> list[Row]:
    """The rows below the header, blank lines left out. Raises `Unreadable`."""
    text = text_of(content)
    header_line = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=header_line.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    header: list[str] | None = None
    try:
        for number, line in enumerate(lines, 1):
            if not any(cell.strip() for cell in line):
                continue
            if header is None:
                header = _header(line, columns)
                continue
            if len(rows) == MOST_ROWS:
                raise Unreadable(f"The file has more than {MOST_ROWS} rows: split it.")
            rows.append(_row(number, header, line, columns))
    except csv.Error:
        raise Unreadable(f"Line {lines.line_num} is not CSV: look for a stray quotation mark.") from None
    if header is None:
        raise Unreadable("The file is empty: the first line must name the columns.")
    return rows


def _header(line: list[str], columns: Columns) -> list[str]:
    names = [cell.strip().lower() for cell in line]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise Unreadable(f"The header names {', '.join(map(repr, twice))} twice.")
    missing = sorted(columns.required - set(names))
    if missing:
        raise Unreadable(f"The header lacks {', '.join(missing)}.")
    unknown = [name for name in names if name not in columns.required | columns.optional | columns.ignored]
    if unknown:
        # a misspelt column would be lost without a word
        known = ", ".join(sorted(columns.required | columns.optional))
        raise Unreadable(
            f"The header names {', '.join(map(repr, unknown))}, which nobody reads. Known: {known}. "
            "Columns to pass over are named with --ignore."
        )
    return names


def _row(number: int, header: list[str], line: list[str], columns: Columns) -> Row:
    if len(line) != len(header):
        said = f"Row {number} has {len(line)} fields, the header {len(header)}"
        raise Unreadable(f"{said}: quote what holds a separator.")
    cells = {name: cell.strip() for name, cell in zip(header, line, strict=True) if name not in columns.ignored}
    return Row(number, {name: cell for name, cell in cells.items() if cell})
