"""A FHIR R4 Bundle entry by entry, so that one is in memory at a time however many there are. Nothing is fetched.

How deep an entry goes and how much it holds is counted before it is parsed. Numbers are never read: no field that is
used here is one.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.exchange.intake.decoding import text_of
from app.exchange.intake.rows import UnreadableFile

Found = Mapping[str, Any]

DEEPEST = 64
"""Levels within an entry; FHIR itself forbids contained resources in contained ones."""
MOST_TOKENS = 200_000
"""Texts, brackets and commas of one entry: a large care plan has some ten thousand."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the file, as it was written."""

    literal: str


_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},"]', re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """One entry. `resource` is None where it only asks for something, or tells that it was done."""

    number: int
    full_url: str | None
    resource: Found | None
    deleted: str | None = None
    """What a DELETE names."""


def objects(value: object) -> Iterator[Found]:
    """The objects in a list, whatever else was put there."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def text(value: object) -> str | None:
    """A text that says something."""
    return value.strip() or None if isinstance(value, str) else None


def codes(concept: object) -> Iterator[str]:
    """The codes of a CodeableConcept."""
    if isinstance(concept, dict):
        for coding in objects(concept.get("coding")):
            code = text(coding.get("code"))
            if code is not None:
                yield code


def entries(content: bytes) -> Iterator[BundleEntry]:
    """The entries of a Bundle in their order. Raises `UnreadableFile`, perhaps only after the last one."""
    source = _Source(text_of(content))
    said: dict[str, object] = {}
    for key in source.members():
        if key in said:
            raise UnreadableFile("The Bundle names a key twice.")
        said[key] = None
        if key == "entry":
            for number, value in enumerate(source.elements(), 1):
                yield _entry(number, value)
        else:
            value = source.value("The Bundle")
            said[key] = value if isinstance(value, str) else None
    source.end()
    _check(said)


def _check(said: Mapping[str, object]) -> None:
    if said.get("resourceType") != "Bundle":
        raise UnreadableFile("The file is not a FHIR Bundle: send one with resourceType Bundle.")
    if said.get("type") == "history":
        raise UnreadableFile("The Bundle is a history, which tells what was: send a searchset or a collection.")
    if "implicitRules" in said:
        raise UnreadableFile("The Bundle has implicitRules, which can change what it says: send one without.")


def _entry(number: int, value: object) -> BundleEntry:
    if not isinstance(value, dict):
        raise UnreadableFile(f"Entry {number} of the Bundle is not an object.")
    resource, request = value.get("resource"), value.get("request")
    full_url = text(value.get("fullUrl"))
    if isinstance(request, dict) and request.get("method") == "DELETE":
        return BundleEntry(number, full_url, None, full_url or text(request.get("url")) or "")
    if isinstance(resource, dict):
        return BundleEntry(number, full_url, resource)
    if resource is None and (isinstance(request, dict) or isinstance(value.get("response"), dict)):
        return BundleEntry(number, full_url, None)
    raise UnreadableFile(f"Entry {number} of the Bundle has no resource.")


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableFile("A JSON object names a key twice.")
    return found


def _no_constant(_text: str) -> None:
    raise UnreadableFile("NaN and Infinity are no JSON.")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant, parse_int=Number, parse_float=Number)


class _Source:
    """The text of a file, and how far it is read."""

    def __init__(self, content: str) -> None:
        self._text = content
        self._place = 0

    def _next(self) -> str:
        found = _SPACE.match(self._text, self._place)
        self._place = found.end() if found else self._place
        return self._text[self._place : self._place + 1]

    def _take(self, mark: str) -> None:
        if self._next() != mark:
            raise self._not_json(self._place)
        self._place += 1

    def _not_json(self, place: int) -> UnreadableFile:
        line = self._text.count("\n", 0, place) + 1
        column = place - self._text.rfind("\n", 0, place)
        return UnreadableFile(f"The file is not JSON: look at line {line}, character {column}.")

    def members(self) -> Iterator[str]:
        """The keys of the one object the file is; whoever asks reads each value before the next key."""
        if self._next() != "{":
            raise UnreadableFile("The file is not a FHIR Bundle: it must be one JSON object.")
        self._place += 1
        if self._next() == "}":
            self._place += 1
            return
        while True:
            self._next()
            key = self.value("The Bundle")
            if not isinstance(key, str):
                raise self._not_json(self._place)
            self._take(":")
            yield key
            if self._next() == "}":
                self._place += 1
                return
            self._take(",")

    def elements(self) -> Iterator[object]:
        """The values of a list."""
        if self._next() != "[":
            raise UnreadableFile("The Bundle's entry must be a list.")
        self._place += 1
        if self._next() == "]":
            self._place += 1
            return
        number = 0
        while True:
            number += 1
            yield self.value(f"Entry {number} of the Bundle")
            if self._next() == "]":
                self._place += 1
                return
            self._take(",")

    def value(self, what: str) -> object:
        """The value that comes next."""
        begins = self._next()
        if begins in {"{", "["}:
            self._count(what)
        try:
            value, self._place = _DECODER.raw_decode(self._text, self._place)
        except json.JSONDecodeError as error:
            raise self._not_json(error.pos) from None
        return value

    def _count(self, what: str) -> None:
        depth = 0
        for tokens, token in enumerate(_TOKEN.finditer(self._text, self._place), 1):
            mark = self._text[token.start()]
            if mark in "{[":
                depth += 1
            elif mark in "]}":
                depth -= 1
            if depth > DEEPEST:
                raise UnreadableFile(f"{what} is nested deeper than {DEEPEST} levels: leave it out.")
            if tokens > MOST_TOKENS:
                raise UnreadableFile(f"{what} holds more than {MOST_TOKENS} values: leave it out.")
            if mark == '"' and token.end() == token.start() + 1:
                raise self._not_json(token.start())
            if depth == 0:
                return

    def end(self) -> None:
        """Raises `UnreadableFile` where something follows."""
        if self._next():
            raise UnreadableFile("Something follows the Bundle: send one Bundle a file (NDJSON is not read).")
