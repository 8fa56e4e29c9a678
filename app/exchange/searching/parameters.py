"""One search parameter: its kind, where it looks, and whether a resource holds what it is asked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from app.domain.names import begins, folded
from app.exchange.searching.values import Span, codes_in, elements, span_of, spans_in, words_in

Path = tuple[str, ...]


class ParameterType(StrEnum):
    """FHIR's own words for the kinds of search parameters that we know."""

    TOKEN = "token"  # noqa: S105 - a kind of search parameter, no secret
    DATE = "date"
    REFERENCE = "reference"
    STRING = "string"
    URI = "uri"


@dataclass(frozen=True, slots=True)
class Parameter:
    """`paths` name the elements it looks at. `target` is what a reference may point at.

    `definition` is the parameter's canonical name where it is one of FHIR's own.
    """

    name: str
    kind: ParameterType
    paths: tuple[Path, ...]
    target: tuple[str, ...] = ()
    definition: str | None = None

    @property
    def modifiers(self) -> tuple[str, ...]:
        """What may follow the name after a colon."""
        match self.kind:
            case ParameterType.STRING:
                return ("exact", "contains")
            case ParameterType.TOKEN:
                return ("not",)
            case ParameterType.REFERENCE:
                return self.target
            case ParameterType.DATE | ParameterType.URI:
                return ()
            case _:
                assert_never(self.kind)

    def found_in(self, resource: Any) -> Iterator[Any]:
        """Every element it looks at."""
        for path in self.paths:
            yield from elements(resource, path)


class BadValue(ValueError):
    """A value that this parameter cannot take; the text says what it would be."""


Accepts = Callable[[Any], bool]
"""Whether one element is what was asked for."""

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")


def prefixed(text: str) -> tuple[str, Span]:
    """The prefix (`eq` where there is none) and the span. Raises `BadValue`."""
    prefix, rest = (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
    try:
        return prefix, span_of(rest)
    except ValueError:
        raise BadValue(
            f"a date such as 2026-03-07 or ge2026-03-07T12:00:00Z, with one of {', '.join(PREFIXES)}"
        ) from None


def _date(text: str) -> Accepts:
    prefix, asked = prefixed(text)

    def compare(found: Span) -> bool:
        within = asked.first <= found.first and found.last <= asked.last
        match prefix:
            case "eq":
                return within
            case "ne":
                return not within
            case "gt":
                return found.last > asked.last
            case "ge":
                return found.last > asked.last or within
            case "lt":
                return found.first < asked.first
            case "le":
                return found.first < asked.first or within
            case "sa":
                return found.first >= asked.last
            case _:
                return found.last <= asked.first

    return lambda element: any(compare(span) for span in spans_in(element))


def _token(text: str) -> Accepts:
    system, bar, code = text.rpartition("|")
    if not text or text == "|":
        raise BadValue("a code, or system|code")

    def accepts(element: Any) -> bool:
        return any(
            (not code or found == code) and (not bar or (found_system or "") == system)
            for found_system, found in codes_in(element)
        )

    return accepts


def _reference(text: str, modifier: str, parameter: Parameter, base: str) -> Accepts:
    wanted = text.removeprefix(f"{base}/")
    if "/" not in wanted:
        kinds = (modifier,) if modifier else parameter.target
        named = {f"{kind}/{wanted}" for kind in kinds}
    else:
        named = {wanted}
    if not wanted:
        raise BadValue("an id, or Type/id")
    return lambda element: isinstance(element, dict) and element.get("reference") in named


def _string(text: str, modifier: str) -> Accepts:
    wanted = folded(text)
    if not wanted:
        raise BadValue("some text")
    match modifier:
        case "exact":
            return lambda element: any(word == text for word in words_in(element))
        case "contains":
            return lambda element: any(wanted in folded(word) for word in words_in(element))
        case _:
            return lambda element: any(begins(word, wanted) for word in words_in(element))


def accepting(parameter: Parameter, modifier: str, text: str, base: str) -> Accepts:
    """What one value of a parameter asks of an element. Raises `BadValue`."""
    match parameter.kind:
        case ParameterType.DATE:
            return _date(text)
        case ParameterType.TOKEN:
            return _token(text)
        case ParameterType.REFERENCE:
            return _reference(text, modifier, parameter, base)
        case ParameterType.STRING:
            return _string(text, modifier)
        case ParameterType.URI:
            return lambda element: element == text
        case _:
            assert_never(parameter.kind)


def reach(text: str) -> tuple[datetime | None, datetime | None]:
    """The first and last instants that anything a date parameter accepts can touch; None where it has no bound."""
    prefix, asked = prefixed(text)
    match prefix:
        case "eq":
            return asked.first, asked.last
        case "gt" | "ge" | "sa":
            return asked.first, None
        case "lt" | "le" | "eb":
            return None, asked.last
        case _:
            return None, None
