"""Numbers as text, out of JSON, CSV, TOML or an address: the one place where such text becomes a number.

The text is judged before anything is computed or printed: a few characters (1e-300000000) can stand for more digits
than there is memory for. What passes costs next to nothing, whatever is done with it later.
"""

import re
from decimal import Decimal

LARGEST = 2**53 - 1
"""The largest whole number that every reader of JSON keeps exactly (RFC 8259, section 6)."""
LONGEST = 40
"""Characters of a decimal; the longest that a double prints has 24."""
FARTHEST = 308
"""Powers of ten that a decimal may lie from 1: what a double spans, which is all that readers of JSON agree on."""

_WHOLE = re.compile(r"[+-]?[0-9]+\Z", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE]([+-]?[0-9]+))?\Z", re.ASCII)
_MOST_DIGITS = len(str(LARGEST))


class NotKept(ValueError):
    """This is no number that can be kept. The text says why, to be read after the name of a field; never the number."""


def whole(text: str) -> int:
    """The whole number that `text` spells in plain digits. Raises `NotKept`."""
    if not _WHOLE.match(text):
        raise NotKept("must be a whole number")
    if len(text) > _MOST_DIGITS + 1 or abs(found := int(text)) > LARGEST:
        raise NotKept(f"is a whole number beyond {LARGEST}")
    return found


def decimal(text: str) -> Decimal:
    """The decimal that `text` spells, exactly. Raises `NotKept`."""
    if len(text) > LONGEST:
        raise NotKept(f"has more digits than can be kept: give at most {LONGEST} characters")
    spelt = _DECIMAL.match(text)
    if spelt is None:
        raise NotKept("must be a number in plain digits")
    # the text is short, and so is its exponent: this is a small number
    if abs(int(spelt[1] or "0")) > FARTHEST:
        raise NotKept(f"has an exponent beyond {FARTHEST}")
    return Decimal(text)


def no_constant(name: str) -> Decimal:
    """Refuses NaN and the infinities, which some writers of JSON and TOML allow. Raises `NotKept`."""
    raise NotKept(f"is {name}, which is not a number that can be kept")


def is_kept(value: Decimal) -> bool:
    """Whether a decimal, however it was made, is one that `decimal` could have read or a plain sum of such gives."""
    if not value.is_finite():
        return False
    _, digits, exponent = value.as_tuple()
    return isinstance(exponent, int) and len(digits) <= LONGEST and abs(exponent) <= FARTHEST + LONGEST


def decimal_text(value: Decimal) -> str:
    """Plain digits: 2 and 2.0 are both "2", 0.50 is "0.5". Raises `NotKept` for more digits than a record holds."""
    if not is_kept(value):
        raise NotKept("has more digits than can be kept")
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def places(value: Decimal) -> int:
    """How many places after the point a decimal needs, counted on its digits: no arithmetic rounds them away.

    Only of what `is_kept`.
    """
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise NotKept("is not a number: give plain digits")
    at = len(digits)
    while exponent < 0 and at > 0 and digits[at - 1] == 0:
        at, exponent = at - 1, exponent + 1
    return max(-exponent, 0) if at else 0
