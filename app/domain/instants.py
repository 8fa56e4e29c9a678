"""Instants: aware datetimes in UTC, and nothing else, so that subtraction is always true elapsed time.

Two aware datetimes of one zone subtract by wall clock in Python: on a spring night an hour becomes two. So local
time never enters a rule.
"""

from datetime import UTC, datetime, timedelta

from app.domain.errors import FieldError, Invalid

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NaiveInstant(Invalid):
    """An instant needs an offset, for example 2026-03-08T09:30:00Z."""

    code = "naive-instant"


def utc(value: datetime) -> datetime:
    """The same instant in UTC. Raises `NaiveInstant` where the value has no offset."""
    if value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        raise NaiveInstant(errors=[FieldError("at", "add an offset, for example Z or +01:00")])
    return value.astimezone(UTC)


def to_text(value: datetime) -> str:
    """RFC 3339 in UTC with a trailing Z; microseconds only where there are any."""
    return f"{utc(value).isoformat()[: -len('+00:00')]}Z"


def from_text(text: str) -> datetime:
    """The instant written by `to_text` (or any RFC 3339 text with an offset)."""
    return utc(datetime.fromisoformat(text))


def to_text_or_none(value: datetime | None) -> str | None:
    """As `to_text`; None where there is no instant."""
    return None if value is None else to_text(value)


def from_text_or_none(text: str | None) -> datetime | None:
    """As `from_text`; None where there is no text."""
    return None if text is None else from_text(text)


def to_microseconds(value: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00Z."""
    return (utc(value) - EPOCH) // timedelta(microseconds=1)


def from_microseconds(count: int) -> datetime:
    """The inverse of `to_microseconds`."""
    return EPOCH + timedelta(microseconds=count)


def to_second(value: datetime) -> datetime:
    """The whole second that `value` lies in."""
    return value.replace(microsecond=0)


def minutes(count: int) -> timedelta:
    """A duration of whole minutes."""
    return timedelta(minutes=count)
