"""The values of search parameters: spans of time, codes, references and words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
MOMENT = timedelta(microseconds=1)

_DATE = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?)?)?\Z", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Span:
    """From `first` (inclusive) to `last` (exclusive), UTC. An instant is one microsecond long."""

    first: datetime
    last: datetime


def _month_after(start: datetime) -> datetime:
    return (start.replace(day=1) + timedelta(days=32)).replace(day=1)


def span_of(text: str) -> Span:
    """The span that a FHIR date or dateTime names; without an offset it is UTC. Raises ValueError.

    A time with its seconds is an exact instant, because ours are: so whoever asks for what changed after the last
    change they saw misses nothing.
    """
    found = _DATE.match(text)
    if found is None:
        raise ValueError(text)
    year, month, day, clock, seconds, offset = found.groups()
    start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    try:
        if clock is None:
            if day:
                return Span(start, start + timedelta(days=1))
            return Span(start, _month_after(start) if month else start.replace(year=start.year + 1))
        written = f"{year}-{month}-{day}T{clock}{(seconds or ':00')[:10]}{offset or 'Z'}"
        instant = datetime.fromisoformat(written).astimezone(UTC)
        return Span(instant, instant + (MOMENT if seconds else timedelta(minutes=1)))
    except OverflowError:
        raise ValueError(text) from None


def spans_in(element: Any) -> Iterator[Span]:
    """The span of a dateTime, an instant, a date or a Period; an open end is open for ever."""
    match element:
        case str():
            yield span_of(element)
        case {"start": _} | {"end": _}:
            first = span_of(element["start"]).first if "start" in element else EARLIEST
            yield Span(first, span_of(element["end"]).last if "end" in element else LATEST)
        case _:
            return


def codes_in(element: Any) -> Iterator[tuple[str | None, str | None]]:
    """(system, code) of a CodeableConcept, a Coding, an Identifier, a code or a boolean."""
    match element:
        case bool():
            yield None, "true" if element else "false"
        case str():
            yield None, element
        case {"coding": list(codings)}:
            for coding in codings:
                yield coding.get("system"), coding.get("code")
        case {"value": str(value)}:
            yield element.get("system"), value
        case {"code": str(code)}:
            yield element.get("system"), code
        case _:
            return


def words_in(element: Any) -> Iterator[str]:
    """The texts of a string or a name; given names also one after the other."""
    match element:
        case str():
            yield element
        case Mapping():
            for part in ("text", "family", "given", "prefix", "suffix"):
                said = element.get(part, ())
                yield from (said,) if isinstance(said, str) else (*said, " ".join(said))
        case _:
            return


def elements(resource: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Every value at a path, lists opened on the way."""
    if isinstance(resource, list):
        for item in resource:
            yield from elements(item, path)
    elif not path:
        yield resource
    elif isinstance(resource, Mapping) and path[0] in resource:
        yield from elements(resource[path[0]], path[1:])
