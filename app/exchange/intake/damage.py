"""What a spreadsheet does to cells that it takes for numbers, dates or formulas: told apart from what was meant."""

import re

_SHORTENED = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]\d+\Z", re.ASCII)
_DECIMAL_ADDED = re.compile(r"\d+[.,]0+\Z", re.ASCII)
_SERIAL = re.compile(r"\d+(?:[.,]\d+)?\Z", re.ASCII)
_ERRORS = frozenset(
    {
        "#N/A",
        "#NAME?",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#NV",
        "#BEZUG!",
        "#WERT!",
    }
)


def damaged_key(text: str) -> str | None:
    """What has happened to a number that says who somebody is, and what would be right; None where nothing shows."""
    if _SHORTENED.match(text):
        said = "looks like a number that a spreadsheet shortened"
    elif _DECIMAL_ADDED.match(text):
        said = "looks like a number to which a spreadsheet added a decimal point"
    else:
        return None
    return f"{said}: format the column as text, and give the record number with every digit, from the source again"


def error_cell(text: str) -> str | None:
    """Whether a formula failed here, or the column was too narrow to show what stands in it."""
    if text.upper() in _ERRORS:
        return "is a spreadsheet's error instead of a value: mend the formula, or type the value"
    if len(text) > 2 and set(text) == {"#"}:
        return "is only number signs, as a spreadsheet shows what a column is too narrow for: widen it, and save again"
    return None


def is_serial(text: str) -> bool:
    """Whether a date or a time of day was turned into a count of days."""
    return _SERIAL.match(text) is not None
