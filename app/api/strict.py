"""What we read from outside, read strictly: JSON without tricks, and fields that are exactly what they claim to be.

A body is parsed before the person is known, but what is wrong with it is said only after (`refusal_of_body`): who may
not come in learns nothing of what lies within.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from uuid import UUID

from annotated_types import GroupedMetadata
from fastapi import Depends, Header, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.domain.errors import FieldError, Invalid
from app.domain.numbers import NotKept, decimal_text, is_kept, places, whole
from app.domain.strict_json import Unreadable, read_json
from app.domain.texts import LINE, identifier_faults, is_invisible, text_faults
from app.exchange.media_types import media_type
from app.exchange.pluses import with_plus

DEEPEST = 16
"""Levels of nesting; our own deepest body has six."""


class WrongContentType(Invalid):
    """Send the body as application/json, in UTF-8."""

    code = "unsupported-media-type"


# --- the body as a whole ---------------------------------------------------------------------------------------------


def parse_json(raw: bytes) -> Any:
    """The JSON value in `raw`; decimals stay exact. Raises `Unreadable`, saying what to mend, and where."""
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("The body begins with a byte order mark: send plain UTF-8.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("The body is not UTF-8.") from None
    return read_json(text, of="The body", deepest=DEEPEST)


@dataclass(frozen=True, slots=True)
class RefusedBody:
    """Stands in for a body that could not be read, until the person is known.

    It travels in a list, which no body here is: an object's attributes would be looked at in its stead, and one
    without any is a good body wherever every field may be left out.
    """

    refusal: Invalid


def _is_json(content_type: str) -> bool:
    found = media_type(content_type)
    return found.name == "application/json" and found.is_utf8


class StrictRequest(Request):
    """A request whose JSON is read by `parse_json`. FastAPI calls `json` only for media types that look like JSON."""

    async def json(self) -> Any:
        if not _is_json(self.headers.get("content-type", "")):
            return [RefusedBody(WrongContentType())]
        try:
            return parse_json(await self.body())
        except Unreadable as refusal:
            return [RefusedBody(refusal)]


def refusal_of_body(body: object) -> Invalid | None:
    """The refusal behind a body that FastAPI could make nothing of, None where the fault lies in a field."""
    match body:
        case [RefusedBody(refusal=refusal)]:
            return refusal
        case bytes() if body:
            return WrongContentType()
        case _:
            return None


# --- its fields ------------------------------------------------------------------------------------------------------


class Body(BaseModel):
    """The shape of something sent: no unknown fields, no conversion, no NaN."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


def _say(code: str, sentence: str) -> PydanticCustomError:
    # the prefix tells `faults` that this sentence is ours and may be shown
    return PydanticCustomError(f"said:{code}", sentence.replace("{", "").replace("}", ""))


_INSTANT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?([Zz]|[+-]\d{2}:\d{2})?\Z", re.ASCII
)
_INSTANT_FORM = "must be an instant in quotes with its offset, for example 2026-03-08T09:30:00Z"


def _instant(value: object) -> object:
    if isinstance(value, datetime):
        return value
    match = _INSTANT.match(value) if isinstance(value, str) else None
    if match is None:
        raise _say("instant", _INSTANT_FORM)
    *_, fraction, offset = match.groups()
    if offset is None:
        raise _say("naive-instant", "add an offset, for example Z or +01:00")
    assert isinstance(value, str)
    try:
        plain = f"{value[:10]}T{value[11:19]}.{(fraction or '').ljust(6, '0')}"
        found = datetime.fromisoformat(plain + ("+00:00" if offset in "Zz" else offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _say("instant", "is not a time there is: check the date, the time and the offset") from None
    if not 1900 <= found.year <= 2200:
        raise _say("instant", "is not in the years 1900 to 2200")
    return found


def _asked(value: object) -> object:
    return _instant(with_plus(value) if isinstance(value, str) else value)


_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\Z", re.ASCII)


def is_id(text: str) -> bool:
    """Whether this is a UUID, hyphens and all."""
    return _UUID.match(text) is not None


def _id(value: object) -> object:
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or not is_id(value):
        raise _say("id", "must be a UUID in quotes, such as 0190a5c4-8d3e-7abc-8def-0123456789ab")
    return UUID(value)


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DATE.match(value):
        raise _say("date", "must be a date in quotes, such as 1980-02-29")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _say("date", "is not a day there is") from None


_MONTH = re.compile(r"\d{4}-\d{2}\Z", re.ASCII)


def _month(value: object) -> object:
    if not isinstance(value, str) or not _MONTH.match(value):
        raise _say("month", "must be a month in quotes, such as 2026-03")
    try:
        return date.fromisoformat(f"{value}-01")
    except ValueError:
        raise _say("month", "is not a month there is") from None


def _places3(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _say("decimal", "must be a number without quotes, with at most three decimal places")
    found = Decimal(value)
    if not is_kept(found) or places(found) > 3:
        raise _say("decimal", "takes at most three decimal places")
    if abs(found) >= 1_000_000:
        raise _say("decimal", "must be below 1000000")
    return Decimal(decimal_text(found))  # as it is kept, so that every answer spells it alike


def _digits(value: object) -> object:
    """Of what an address says: plain digits, judged like every other number."""
    if not isinstance(value, str):
        return value
    try:
        return whole(value)
    except NotKept as refusal:
        raise _say("number", str(refusal)) from None


T = TypeVar("T")
Instant = Annotated[datetime, BeforeValidator(_instant)]
"""RFC 3339 text with an offset, as an aware UTC datetime."""
AskedInstant = Annotated[datetime, BeforeValidator(_asked)]
"""The same in an address, where the plus of an offset may arrive as a space."""
Id = Annotated[UUID, BeforeValidator(_id)]
"""A UUID as text, hyphens and all."""
Day = Annotated[date, BeforeValidator(_day)]
"""A date as text, year-month-day."""
Month = Annotated[
    date, BeforeValidator(_month), WithJsonSchema({"type": "string", "pattern": "^\\d{4}-(0[1-9]|1[0-2])$"})
]
"""A month as text, year-month; its first day."""
Places3 = Annotated[Decimal, BeforeValidator(_places3)]
"""A JSON number with at most three decimal places, kept exactly."""
Choice = Annotated[T, Field(strict=False)]
"""`Choice[Role]`: the exact text of one member of a StrEnum."""
Whole = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
"""A JSON integer that every column takes; what is sensible, the domain says."""
Digits = BeforeValidator(_digits)
"""`Annotated[int, Ge(1), Le(9), Digits, Query()]`: a whole number in a query or a path."""


@dataclass(frozen=True, slots=True)
class Text(GroupedMetadata):
    """`Annotated[str, Text(80)]`: text as typed, not blank, at most so many characters, nothing invisible in it."""

    longest: int = LINE
    lines: bool = False
    blank: bool = False

    def __iter__(self) -> Iterator[object]:
        yield Field(max_length=self.longest, min_length=0 if self.blank else 1)
        yield AfterValidator(self._check)

    def _check(self, value: str) -> str:
        for fault in text_faults("", value, longest=self.longest, lines=self.lines, blank=self.blank):
            raise _say("text", fault.message)
        return value


@dataclass(frozen=True, slots=True)
class Identifier(GroupedMetadata):
    """`Annotated[str, Identifier(40)]`: what tells one thing from another; nothing in it that nobody can see."""

    longest: int = LINE

    def __iter__(self) -> Iterator[object]:
        yield Field(max_length=self.longest, min_length=1)
        yield AfterValidator(self._check)

    def _check(self, value: str) -> str:
        for fault in identifier_faults("", value, longest=self.longest):
            raise _say("text", fault.message)
        return value


def _visible(value: object) -> object:
    if isinstance(value, str):
        return "".join(" " if one.isspace() else one for one in value if one.isspace() or not is_invisible(one))
    return value


Looked = Annotated[str, BeforeValidator(_visible), Text()]
"""Text to look for: what was copied with marks that nobody can see is looked for without them."""


# --- headers ----------------------------------------------------------------------------------------------------------

_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})(?:\.[0-9a-f]{32})?"\Z', re.ASCII)
_NAMED = re.compile(r'(?:W/)?("[^"]*"|\*)')


async def _if_match(if_match: Annotated[str | None, Header()] = None) -> int | None:
    if if_match is None:
        return None
    found = _ETAG.match(if_match.strip())
    if found is None:
        raise Invalid(errors=[FieldError("If-Match", 'must be one ETag as it was given, such as "3"')])
    return int(found[1])


IfMatch = Annotated[int | None, Depends(_if_match)]
"""The revision named in If-Match (`"3"`, `W/"3"`, or the ETag of a whole look), None without the header."""


def _tags(if_none_match: str | None) -> frozenset[str]:
    return frozenset(_NAMED.findall(if_none_match)) if if_none_match else frozenset()


async def _if_none_match(if_none_match: Annotated[str | None, Header()] = None) -> frozenset[str]:
    return _tags(if_none_match)


def _named_in(request: Request) -> frozenset[str]:
    return _tags(request.headers.get("if-none-match"))


_if_none_match.plain = _named_in  # type: ignore[attr-defined]  # read by `plain_handler`


IfNoneMatch = Annotated[frozenset[str], Depends(_if_none_match)]
"""What If-None-Match names: ETags, each without the mark of a weak one, and `*`; see `answers.is_named`."""
