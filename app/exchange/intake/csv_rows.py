"""A CSV file as rows: UTF-8, comma or semicolon or tab, RFC 4180 quoting; anything in doubt is refused, not guessed.

What spreadsheets add by themselves is read past: a mark at the beginning, a line `sep=;`, columns and lines in which
nothing stands.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from app.exchange.intake.damage import error_cell
from app.exchange.intake.decoding import text_of
from app.exchange.intake.rows import MOST_ROWS, Columns, Fault, Incoming, Row, UnreadableFile

_DELIMITERS = ",;\t"
_HINT = re.compile(r'\s*"?sep=([,;|\t])"?[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
LONGEST_LINE = 1024 * 1024
MOST_COLUMNS = 500


def csv_rows(content: bytes, columns: Columns) -> Incoming:
    """The rows below the header, blank lines left out. Raises `UnreadableFile`."""
    text = text_of(content)
    hint = _HINT.match(text)
    # a spreadsheet hides the hint: its first row is the one below
    source = io.StringIO(text[hint.end() :] if hint else text, newline="")
    delimiter = hint[1] if hint else max(_DELIMITERS, key=re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0].count)
    lines = csv.reader(_bounded(source), delimiter=delimiter, strict=True)
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
                raise UnreadableFile(f"The file has more than {MOST_ROWS} rows: split it.")
            rows.append(_row(number, header, line, columns))
    except csv.Error:
        raise UnreadableFile(f"Line {lines.line_num} is not CSV: look for a stray quotation mark.") from None
    if header is None:
        raise UnreadableFile("The file is empty: the first line must name the columns.")
    return Incoming(tuple(rows))


def _bounded(source: io.StringIO) -> Iterator[str]:
    number = 0
    while line := source.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise UnreadableFile(f"Line {number} has more than {LONGEST_LINE} characters: it is no row of a list.")
        yield line


def letter(place: int) -> str:
    """What a spreadsheet calls the column at a place, the first being 0."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _header(line: list[str], columns: Columns) -> list[str]:
    """The names of the columns, blank where a column has none."""
    names = ["_".join(cell.lower().split()) for cell in line]
    while not names[-1] and len(names) > MOST_COLUMNS:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(f"The header has more than {MOST_COLUMNS} columns: it is no list of patients or of a day.")
    named = [name for name in names if name]
    twice = [name for name, count in Counter(named).items() if count > 1]
    if twice:
        raise UnreadableFile(f"The header names {', '.join(map(repr, twice))} twice.")
    missing = sorted(columns.required - set(named))
    if missing:
        raise UnreadableFile(f"The header lacks {', '.join(missing)}.")
    unknown = [name for name in named if name not in columns.required | columns.optional | columns.ignored]
    if unknown:
        # a misspelt column would be lost without a word
        known = ", ".join(sorted(columns.required | columns.optional))
        raise UnreadableFile(
            f"The header names {', '.join(map(repr, unknown))}, which nobody reads. Known: {known}. "
            "Leave it out, or name it as a column to pass over."
        )
    return names


def _row(number: int, header: list[str], line: list[str], columns: Columns) -> Row:
    while len(line) > len(header) and not line[-1].strip():
        line.pop()
    while len(line) < len(header) and not header[len(line)]:
        line.append("")
    if len(line) != len(header):
        said = f"Row {number} has {len(line)} fields, the header {len(header)}"
        raise UnreadableFile(f"{said}: quote what holds a separator.")
    cells: dict[str, str] = {}
    faults = []
    for place, (name, raw) in enumerate(zip(header, line, strict=True)):
        cell = raw.strip()
        if not cell or name in columns.ignored:
            continue
        if not name:
            said = "holds something, and the header gives this column no name: name it, or empty it"
            faults.append(Fault(number, f"column {letter(place)}", said))
            continue
        broken = error_cell(cell)
        if broken is not None:
            faults.append(Fault(number, name, broken))
        cells[name] = cell
    return Row(number, cells, tuple(faults))
