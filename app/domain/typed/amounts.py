"""Amounts a person types: dose, rate, flow, weight. Decimals, above zero, with at most three places."""

from collections.abc import Iterable
from decimal import Decimal

from app.domain.errors import FieldError

PLACES = 3


def amount_faults(field: str, amount: Decimal, highest: Decimal) -> Iterable[FieldError]:
    """What is wrong with an amount that must lie above 0 and reach at most `highest`."""
    if not amount.is_finite():
        yield FieldError(field, "is not a number: give plain digits")
        return
    if not 0 < amount <= highest:
        # as typed, not spelt out: 1E+999999999 would fill the memory with zeros
        yield FieldError(field, f"is {amount}: give a number above 0, at most {highest:f}")
    exponent = amount.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -PLACES:
        yield FieldError(field, f"has more than {PLACES} places after the point: round it as it was given")
