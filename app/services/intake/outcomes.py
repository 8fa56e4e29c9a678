"""What an import comes to, row by row; and the three-way look that keeps it from undoing what was corrected here."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeVar
from uuid import UUID

from app.domain.records import Kept, Patient, SessionHeader
from app.exchange.intake import CountedIn, Fault, Passed

T = TypeVar("T")
IMPORTED = "imported"
"""The reason kept with every revision an import makes."""


class What(StrEnum):
    """What a row comes to."""

    NEW = "new"
    REVISED = "revised"
    SAME = "same"
    LEFT = "left"
    """Nothing is done, and `because` says why."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody who could be taken for a patient, and why: one who is kept here, else another row of the same file."""

    id: UUID | None = None
    patient: Patient | None = None
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """One row that has no fault: whom it is about, and the session it plans, where that is known."""

    row: int
    what: What
    because: str = ""
    look_alikes: tuple[Alike, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should know though the row is taken."""
    patient: Patient | None = None
    session: SessionHeader | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A whole file, every row of it: in `lines`, in `faults` or in `passed`. `kept`: it was committed.

    `plan`: by which exactly this, of exactly this file, is known again; None where nobody asked for it.
    """

    lines: tuple[AcceptedRow, ...]
    faults: tuple[Fault, ...]
    kept: bool
    passed: tuple[Passed, ...] = ()
    unit: CountedIn = CountedIn.ROW
    plan: str | None = None

    def counts(self) -> dict[str, int]:
        """Rows by what they come to, how many are not for us, and how many have a fault."""
        found = Counter(line.what.value for line in self.lines)
        return {
            **{what.value: found[what.value] for what in What},
            "passed": sum(len(passed.rows) for passed in self.passed),
            "wrong": len({fault.row for fault in self.faults}),
        }

    @classmethod
    def of(
        cls,
        lines: Iterable[AcceptedRow],
        faults: Iterable[Fault],
        *,
        kept: bool,
        passed: tuple[Passed, ...] = (),
        unit: CountedIn = CountedIn.ROW,
    ) -> Self:
        """In the order of the file."""
        placed = sorted(faults, key=lambda fault: (fault.row, fault.column))
        return cls(tuple(sorted(lines, key=lambda line: line.row)), tuple(placed), kept, passed, unit)

    @property
    def unseen_look_alikes(self) -> bool:
        """Whether a new patient could be taken for another."""
        return any(line.look_alikes for line in self.lines if line.what is What.NEW)

    @property
    def keeps_something(self) -> bool:
        """Whether a commit leaves the record otherwise than it was."""
        return any(line.what in {What.NEW, What.REVISED} for line in self.lines)


@dataclass(frozen=True, slots=True)
class Against:
    """What an offered value comes to against what is kept."""

    what: What
    because: str = ""
    conflict: bool = False


def against(history: Sequence[Kept[T]], offered: T) -> Against:
    """Three-way: what is in force, what the last import said, and what this file says.

    What was changed here by hand since stays, unless the file says something new: then nobody can tell who is right.
    """
    current = history[-1]
    if current.value == offered:
        return Against(What.SAME)
    last = next((kept for kept in reversed(history) if kept.reason == IMPORTED), None)
    if last is not None and last.value == current.value:
        return Against(What.REVISED)
    if last is not None and last.value == offered:
        return Against(What.LEFT, "was changed here since it was imported, and stays as it is here")
    return Against(What.LEFT, "was changed here, and the file says something else again: settle it by hand", True)
