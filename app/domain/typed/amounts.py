"""Amounts a person types: dose, rate, flow, weight. Decimals, above zero, with at most three places."""

from collections.abc import Iterable
from decimal import Decimal

from app.domain.errors import FieldError
from app.domain.numbers import is_kept, places

PLACES = 3


def amount_faults(field: str, amount: Decimal, highest: Decimal) -> Iterable[FieldError]:
    """What is wrong with an amount that must lie above 0 and reach at most `highest`."""
    if not amount.is_finite():
        yield FieldError(field, "is not a number: give plain digits")
        return
    if not is_kept(amount):
        # said before anything is computed or spelt out: 1E-300000000 would fill the memory with zeros
        yield FieldError(field, f"has more digits than can be kept: give a number above 0, at most {highest:f}")
        return
    if not 0 < amount <= highest:
        yield FieldError(field, f"is {amount}: give a number above 0, at most {highest:f}")
    if places(amount) > PLACES:
        yield FieldError(field, f"has more than {PLACES} places after the point: round it as it was given")
