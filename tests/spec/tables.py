"""Reading the spec tables: text files of blocks, each with a protocol, what is given to all its rows, and a table.

    # Title of the file            then prose
    ## Title of a block            then prose
    protocol: example              a name of `protocols.PROTOCOLS`
    given: STATEMENT; ...          applied before each row's own (optional)
    | given | status | not met | unknown | says |

A row's `given` cell holds statements (see `language`), `-` for none. `not met` and `unknown` list criteria; **every
criterion that a row does not list is met**, so that each row settles all twenty. Further columns, each optional:

    says        a part of the sentence of the first criterion the row lists (of any finding, where it lists none);
                `-` where the sentence is settled elsewhere; capitals do not matter
    lapses      minutes (m:ss) from `as_of` to `lapses_at`, `-` for none; so too `earliest` and `next`
    baseline    VITAL SUM/COUNT, or VITAL unknown, or `oxygen ...`; separated by `;`
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
COLUMNS = {"given", "status", "not met", "unknown", "says", "lapses", "earliest", "next", "baseline"}


@dataclass(frozen=True)
class Row:
    """One row with where it stands."""

    place: str
    protocol: str
    given: str
    cells: dict[str, str]

    def listed(self, column: str) -> list[str]:
        """The words of a cell that is a list."""
        return [word.strip() for word in self.cells.get(column, "").split(",") if word.strip() not in {"", "-"}]


@dataclass(frozen=True)
class Block:
    """A titled table."""

    title: str
    prose: tuple[str, ...]
    protocol: str
    given: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Page:
    """One file."""

    title: str
    prose: tuple[str, ...]
    blocks: tuple[Block, ...]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _block(file: str, title: str, lines: list[tuple[int, str]], known: Collection[str]) -> Block:
    prose: list[str] = []
    protocol, given = "example", ""
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    for number, line in lines:
        if line.startswith("protocol:"):
            protocol = line.removeprefix("protocol:").strip()
        elif line.startswith("given:"):
            given = line.removeprefix("given:").strip()
        elif not line.startswith("|"):
            prose.append(line)
        elif not columns:
            columns = tuple(_cells(line))
            assert set(columns) <= set(known), f"{file}:{number}: unknown column in {columns}"
        else:
            cells = _cells(line)
            assert len(cells) == len(columns), f"{file}:{number}: {len(cells)} cells under {len(columns)} columns"
            by_name = dict(zip(columns, cells, strict=True))
            rows.append(Row(f"{file}:{number}", protocol, given, by_name))
    assert rows, f"{file}: block {title!r} has no rows"
    return Block(title, tuple(prose), protocol, given, columns, tuple(rows))


def page(path: Path, known: Collection[str] = COLUMNS) -> Page:
    """Parse one file, whose tables have these columns at most."""
    title, prose = "", []
    blocks: list[tuple[str, list[tuple[int, str]]]] = []
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        if line.startswith("## "):
            blocks.append((line.removeprefix("## "), []))
        elif line.startswith("# "):
            title = line.removeprefix("# ")
        elif line and blocks:
            blocks[-1][1].append((number, line))
        elif line:
            prose.append(line)
    return Page(title, tuple(prose), tuple(_block(path.name, name, lines, known) for name, lines in blocks))


def pages() -> Iterator[Page]:
    """Every file, in the order of their names."""
    for path in sorted(FOLDER.glob("*.txt")):
        yield page(path)


def rows() -> list[Row]:
    """Every row of every file."""
    return [row for one in pages() for block in one.blocks for row in block.rows]
