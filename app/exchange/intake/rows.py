"""Rows as they came, before anything is believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.errors import Invalid

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 1000
"""Of one file: it is kept in one go or not at all, and nobody who charts may wait for it."""


class Unreadable(Invalid):
    """This file cannot be read as what it should be."""

    code = "import-unreadable"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong, and what would be right; never a value.

    The row as a spreadsheet counts it, its header being 1; of a Bundle the entry, the first being 1.
    """

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: text by column, only where there is any. `left_out`: why it is not for import.

    `given_names`: the names of the column given_name, where the file tells them apart.
    """

    number: int
    cells: Mapping[str, str]
    left_out: str | None = None
    faults: tuple[Fault, ...] = ()
    given_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """What a file must hold, may hold, and is allowed to hold without being looked at."""

    required: frozenset[str]
    optional: frozenset[str]
    ignored: frozenset[str] = field(default_factory=frozenset)
