"""Instants a person types: not in the future, and not from a clock that was never set."""

from datetime import UTC, datetime, timedelta

from app.domain.errors import FieldError, Invalid
from app.domain.instants import to_text, utc

CLOCK_DIFFERENCE = timedelta(minutes=2)
"""How far a tablet's clock may run before the service's until what it stamps counts as the future."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before this no session was held: such an instant comes from a clock that lost its battery."""


class FutureInstant(Invalid):
    """This instant lies in the future. Look at the tablet's clock."""

    code = "future-instant"


def instant_faults(field: str, at: datetime, now: datetime) -> list[FieldError]:
    """What is wrong with an instant typed at `now`."""
    at = utc(at)
    if at > now + CLOCK_DIFFERENCE:
        return [
            FieldError(field, f"is in the future: at {to_text(now)} nothing after {to_text(now + CLOCK_DIFFERENCE)}")
        ]
    if at < EARLIEST:
        return [FieldError(field, f"is before {EARLIEST.year}: set the tablet's clock, and type the true time")]
    return []


def check_not_future(field: str, at: datetime, now: datetime) -> None:
    """Raises `FutureInstant` where `at` is more than two minutes after `now` (or before there were sessions)."""
    faults = instant_faults(field, at, now)
    if faults:
        raise FutureInstant(f"{field} {faults[0].message}.", errors=faults)
