"""Text in a cell of CSV that no spreadsheet takes for a formula, and the way back: nothing is lost."""

GUARD = "'"
RISKY = (*"=+-@\t\r\n\0", "\uff1d", "\uff0b", "\uff0d", "\uff20", GUARD)
"""What a cell must not begin with: signs that spreadsheets act on, their full-width twins, and the guard itself."""


def guarded(text: str) -> str:
    """The cell as a spreadsheet shows it, and nothing more."""
    return GUARD + text if text.startswith(RISKY) else text


def unguarded(cell: str) -> str:
    """The inverse of `guarded`."""
    return cell.removeprefix(GUARD)
