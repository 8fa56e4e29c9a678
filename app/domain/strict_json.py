"""JSON from outside, read strictly: no key twice, no number that cannot be kept, no half characters, not too deep.

Every reader of somebody else's JSON (a body, a file, an assertion) reads it here. What is wrong with a number or a key
names the place where it stands.
"""

import json
import re
from collections.abc import Callable
from itertools import islice
from typing import Any

from app.domain.errors import FieldError, Invalid
from app.domain.numbers import NotKept, decimal, no_constant, whole
from app.domain.places import depth, dotted, leaves, shown

DEEPEST = 64
"""Levels of nesting in a file; the deepest resource of FHIR we know has some twenty."""
MOST_NAMED = 10
"""The most places that one refusal names."""


class Unreadable(Invalid):
    """It is not JSON as this service reads it."""

    code = "malformed-json"


def read_json(text: str, *, of: str = "The file", deepest: int = DEEPEST) -> Any:
    """The JSON value in `text`; decimals stay exact. Raises `Unreadable`, whose sentences begin with `of`."""
    try:
        try:
            value = _whole_text(_READER, text, of)
        except NotKept:
            # read once more, only to say where: what is good never pays for it
            raise _misplaced(_whole_text(_MARKER, text, of), of) from None
        if text.count("{") + text.count("[") > deepest and depth(value) > deepest:
            raise Unreadable(f"{of} is nested deeper than {deepest} levels.")
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        raise Unreadable(f"{of} holds half of a character (a lone surrogate).") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"{of} is not JSON: line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise Unreadable(f"{of} is nested deeper than {deepest} levels.") from None
    return value


def _whole_text(decoder: json.JSONDecoder, text: str, of: str) -> Any:
    value, end = decoder.raw_decode(text, len(text) - len(text.lstrip(_SPACE)))
    if text[end:].strip(_SPACE):
        raise Unreadable(f"Something follows after the end of the JSON value in {of[0].lower()}{of[1:]}.")
    return value


# --- what the decoder hands over -------------------------------------------------------------------------------------


class _Wrong:
    """Stands where a number is that cannot be kept."""

    def __init__(self, because: str) -> None:
        self.because = because


def _marked(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def mark(text: str) -> Any:
        try:
            return read(text)
        except NotKept as refusal:
            return _Wrong(str(refusal))

    return mark


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                name = shown(key)
                raise Unreadable(f'The key "{name}" is there twice.', errors=[FieldError(name, "is there twice")])
            seen.add(key)
    return found


_SPACE = " \t\n\r"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_READER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=no_constant, parse_int=whole, parse_float=decimal, strict=True
)
_MARKER = json.JSONDecoder(
    object_pairs_hook=_pairs,
    parse_constant=_marked(no_constant),
    parse_int=_marked(whole),
    parse_float=_marked(decimal),
    strict=True,
)


def _misplaced(marked: object, of: str) -> Unreadable:
    """The refusal that names the numbers which cannot be kept."""
    wrong = ((step, value.because) for step, value in leaves(marked) if isinstance(value, _Wrong))
    itself = of.lower().removeprefix("the ")
    faults = [FieldError(dotted(step) or itself, because) for step, because in islice(wrong, MOST_NAMED)]
    first = faults[0]
    return Unreadable(f"{of} holds a number that cannot be kept: {first.field} {first.message}.", errors=faults)
