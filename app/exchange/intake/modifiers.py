"""What a source says against a value of its own: read before the value is."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from app.exchange.intake.bundles import Found

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T.*)?)?)?\Z", re.ASCII)


def day_of(value: object, *, last: bool = False) -> date | None:
    """The first (or last) day of what a FHIR date or dateTime names, which may be a year or a month; else None."""
    found = _DATE.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        year, month = int(found[1]), int(found[2] or (12 if last else 1))
        return date(year, month, int(found[3] or (monthrange(year, month)[1] if last else 1)))
    except ValueError:
        return None


def is_over(value: Found, today: date) -> bool:
    """Whether the value's own period has ended; one that cannot be read has."""
    period = value.get("period", {})
    if not isinstance(period, dict):
        return True
    end = day_of(period["end"], last=True) if "end" in period else date.max
    return end is None or end < today


def in_force(value: Found, today: date) -> bool:
    """Whether the value's own period holds today; a period that cannot be read is none that holds."""
    if is_over(value, today):
        return False
    period = value.get("period", {})
    start = day_of(period["start"]) if "start" in period else date.min
    return start is not None and start <= today


def unknown_modifiers(resource: Found, parts: Iterable[Found] = ()) -> str | None:
    """What in a resource can turn its meaning round, and is not known here; and what would be right."""
    for name in ("implicitRules", "modifierExtension"):
        if name in resource or any(name in part for part in parts):
            return f"has {name}, which can turn its meaning round and is not known here: send it without"
    return None
