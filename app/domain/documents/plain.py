"""The few plain spellings every document is made of."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.canonical import Json
from app.domain.instants import from_text, to_text
from app.domain.numbers import NotKept, decimal, is_kept

Written = dict[str, Json]
Found = Mapping[str, Any]
"""A document that this module wrote: its shape is trusted."""


def decimal_text(value: Decimal) -> str:
    """Plain digits: 2 and 2.0 are both "2", 0.50 is "0.5". Raises `NotKept` for more digits than a record holds."""
    if not is_kept(value):
        raise NotKept("has more digits than can be kept")
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def decimal_or_null(value: Decimal | None) -> str | None:
    """`decimal_text`, or null."""
    return None if value is None else decimal_text(value)


def decimal_from(text: str | None) -> Decimal | None:
    """The inverse of `decimal_or_null`."""
    return None if text is None else decimal(text)


def instant_or_null(value: datetime | None) -> str | None:
    """Text in UTC, or null."""
    return None if value is None else to_text(value)


def instant_from(text: str | None) -> datetime | None:
    """The inverse of `instant_or_null`."""
    return None if text is None else from_text(text)


def id_or_null(value: UUID | None) -> str | None:
    """Text in lower case, or null."""
    return None if value is None else str(value)


def id_from(text: str | None) -> UUID | None:
    """The inverse of `id_or_null`."""
    return None if text is None else UUID(text)
