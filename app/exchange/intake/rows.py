"""Rows as they came, before anything is believed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.domain.errors import Invalid

MOST_BYTES = 32 * 1024 * 1024
MOST_ROWS = 1000
"""For us, of one file: it is kept in one go or not at all, and nobody who charts may wait for it."""


class UnreadableFile(Invalid):
    """This file cannot be read as what it should be."""

    code = "import-unreadable"


class CountedIn(StrEnum):
    """What a file is counted in: a spreadsheet's rows, its header being 1; a Bundle's entries, the first being 1."""

    ROW = "row"
    ENTRY = "entry"

    def named(self, rows: Iterable[object]) -> str:
        """Several of them, by number."""
        return f"{'entries' if self is CountedIn.ENTRY else 'rows'} {', '.join(map(str, rows))}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong, and what would be right; never a value. `row` as the file's unit counts."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: text by column, only where there is any.

    `against`: what the source says against taking it, and nothing else about it is judged then. `deceased`: the source
    says that this patient has died. `appointments`: what the source calls this appointment. `notes` are for a person.
    `given_names`: the names of the column given_name, where the file tells them apart.
    """

    number: int
    cells: Mapping[str, str]
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    against: str | None = None
    deceased: str | None = None
    appointments: tuple[str, ...] = ()
    given_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passed:
    """Rows or entries that are not for us, all for one reason."""

    because: str
    rows: tuple[int, ...]


class PassedOver:
    """Gathers what is passed over, by reason, in the order in which the reasons came."""

    def __init__(self) -> None:
        self._rows: dict[str, list[int]] = {}

    def note(self, because: str, *rows: int) -> None:
        """These are passed over because of this."""
        self._rows.setdefault(because, []).extend(rows)

    def all(self) -> tuple[Passed, ...]:
        """Everything noted."""
        return tuple(Passed(because, tuple(sorted(rows))) for because, rows in self._rows.items() if rows)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file as read: the rows that may be for us, and those that are not, by reason."""

    rows: tuple[Row, ...]
    passed: tuple[Passed, ...] = ()
    unit: CountedIn = CountedIn.ROW


@dataclass(frozen=True, slots=True)
class Columns:
    """What a file must hold, may hold, and is allowed to hold without being looked at."""

    required: frozenset[str]
    optional: frozenset[str]
    ignored: frozenset[str] = field(default_factory=frozenset)

    def passing_over(self, named: Iterable[str]) -> "Columns":
        """The same, but for columns that nobody is to look at, named as a person writes them."""
        return replace(self, ignored=frozenset("_".join(name.lower().split()) for name in named))
