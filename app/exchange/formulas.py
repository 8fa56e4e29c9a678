"""Text in a cell of CSV that no spreadsheet takes for a formula, and the way back: nothing is lost."""

from app.domain.texts import is_invisible

GUARD = "'"
RISKY = (*"=+-@\t\r\n\0", "\uff1d", "\uff0b", "\uff0d", "\uff20", GUARD)
"""What a cell must not begin with: signs that spreadsheets act on, their full-width twins, and the guard itself."""

_SIGNS = frozenset(RISKY) - {GUARD}


def guarded(text: str) -> str:
    """The cell as a spreadsheet shows it, and nothing more.

    Some trim what they read: spaces and what nobody can see before a sign make it no safer.
    """
    first = next((one for one in text if not (one.isspace() or is_invisible(one))), "")
    return GUARD + text if text.startswith(RISKY) or first in _SIGNS else text


def unguarded(cell: str) -> str:
    """The inverse of `guarded`."""
    return cell.removeprefix(GUARD)
