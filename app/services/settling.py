"""A lead settles a sheet of the clinic."""

from typing import TypeVar

from app.db.settled import SettledSheet
from app.db.work import Work
from app.domain.deciding import Change, decide_sheet
from app.domain.records import Kept

T = TypeVar("T")


def settle(work: Work, sheet: SettledSheet[T], value: T, expected: int | None) -> tuple[Change, Kept[T]]:
    """Keeps the next revision, unless it says the same again; and the sheet as it is kept then."""
    change = decide_sheet(sheet.find(work), value, expected)
    if change.changed:
        sheet.keep(work, value, change.revision)
    kept = sheet.find(work)
    assert kept is not None, "it has just been kept, or was before"
    return change, kept
