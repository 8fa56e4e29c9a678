"""From the text of a file to a document: TOML whose lines, nesting and numbers are bounded."""

import tomllib
from decimal import Decimal

from app.domain.errors import FieldError
from app.domain.numbers import LARGEST, NotKept, decimal
from app.domain.places import depth, dotted, leaves
from app.domain.protocol.parse import ProtocolInvalid

LARGEST_FILE = 64 * 1024
"""Characters; the shipped protocols have a tenth of it."""
LONGEST_LINE = 2000
"""Characters; the longest text that a protocol takes has 500."""
DEEPEST = 16
"""Levels of nesting; a protocol has five."""


def from_toml(text: str) -> dict[str, object]:
    """The document written in `text`. Raises `ProtocolInvalid` naming what cannot be read, by line or by path."""
    if len(text) > LARGEST_FILE:
        raise ProtocolInvalid(f"This file is larger than any protocol: it may have {LARGEST_FILE} characters.")
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            # so no number, no key and no list runs away before it is read
            raise _unreadable(f"line {number} has {len(line)} characters, a protocol's has at most {LONGEST_LINE}")
    try:
        found = tomllib.loads(text, parse_float=_fraction)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolInvalid(
            f"This is not a TOML file: {error}.", errors=[FieldError("", f"mend the spelling: {error}")]
        ) from error
    except ValueError as error:
        # Python's own limit of digits, where somebody has set it lower
        raise _unreadable(f"a number cannot be kept: {error}") from None
    except RecursionError:
        raise _unreadable(f"lists and tables are nested deeper than {DEEPEST} levels") from None
    if depth(found) > DEEPEST:
        raise _unreadable(f"lists and tables are nested deeper than {DEEPEST} levels")
    faults = [FieldError(dotted(step), because) for step, value in leaves(found) if (because := _not_kept(value))]
    if faults:
        raise ProtocolInvalid("This file holds numbers that cannot be kept.", errors=faults)
    return found


def _unreadable(because: str) -> ProtocolInvalid:
    return ProtocolInvalid(f"This file cannot be read as a protocol: {because}.")


def _fraction(text: str) -> Decimal | NotKept:
    """A number with a fraction, which no table of a protocol takes: kept exactly until its place can say so."""
    try:
        return decimal(text.replace("_", ""))
    except NotKept as refusal:
        return refusal


def _not_kept(value: object) -> str | None:
    """Why a number cannot be kept. TOML has spellings of whole numbers that nobody judged yet, such as 0xFF."""
    match value:
        case NotKept():
            return str(value)
        case int() if abs(value) > LARGEST:
            return f"is a whole number beyond {LARGEST}"
        case _:
            return None
