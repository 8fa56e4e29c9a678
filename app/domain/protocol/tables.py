"""Reading a closed schema: tables that know every key they may hold, and gather every fault instead of the first."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from app.domain.errors import FieldError
from app.domain.texts import is_kebab, text_faults
from app.domain.vitals import Band

E = TypeVar("E", bound=StrEnum)

LONGEST_CODE = 64
LONGEST_SOURCE = 500


class FieldKind(StrEnum):
    """What may stand in a field."""

    WHOLE_NUMBER = "whole-number"
    YES_NO = "yes-no"
    TEXT = "text"
    LINE = "line"
    CHOICE = "choice"
    CODES = "codes"


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One value that a table may hold. `band`: of a whole number; `longest`: characters of a text or line."""

    name: str
    kind: FieldKind
    required: bool
    band: Band | None = None
    longest: int | None = None
    choices: tuple[str, ...] = ()


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float() | Decimal():
            return "a number with a fraction"
        case str():
            return "text"
        case Mapping():
            return "a table"
        case list() | tuple():
            return "a list"
        case None:
            return "nothing"
        case _:
            return f"a {type(value).__name__}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


class Table:
    """One table of the document at a dotted path.

    Each reading method names a key, records a fault where its value is missing or wrong, and gives a stand-in then:
    nothing is built from stand-ins, because a document with any fault is refused as a whole.
    """

    def __init__(self, content: object, path: str, faults: list[FieldError]) -> None:
        self.path = path
        self.faults = faults
        self.known: list[str] = []
        self.sound = isinstance(content, Mapping)
        self.content: Mapping[object, object] = content if isinstance(content, Mapping) else {}

    def at(self, key: str) -> str:
        """The dotted path of one key."""
        return f"{self.path}.{key}" if self.path else key

    def fault(self, key: str, message: str) -> None:
        """Record a fault at one key."""
        self.faults.append(FieldError(self.at(key), message))

    def has(self, key: str) -> bool:
        """Whether the key is there; from now on it counts as known."""
        if key not in self.known:
            self.known.append(key)
        return key in self.content

    def ask(self, shape: FieldShape) -> None:
        """Called before each field is read: whoever describes the schema notes it (`fields`)."""

    def integer(self, key: str, band: Band, why: str = "") -> int:
        """A whole number inside `band`, required."""
        self.ask(FieldShape(key, FieldKind.WHOLE_NUMBER, required=True, band=band))
        found = self._integer(key, band, why)
        if found is None and not self.has(key) and self.sound:
            self.fault(key, f"is missing: give a whole number from {band.low} to {band.high}{why}")
        return band.low if found is None else found

    def optional_integer(self, key: str, band: Band, why: str = "") -> int | None:
        """A whole number inside `band`, or None where the key is absent."""
        self.ask(FieldShape(key, FieldKind.WHOLE_NUMBER, required=False, band=band))
        return self._integer(key, band, why)

    def _integer(self, key: str, band: Band, why: str) -> int | None:
        if not self.has(key):
            return None
        value = self.content[key]
        # bool is an int to Python, never to a clinic; a float is refused even where it is whole
        if type(value) is not int:
            self.fault(key, f"is {_kind(value)}: give a whole number from {band.low} to {band.high}{why}")
            return None
        if not band.holds(value):
            self.fault(key, f"is {value}: give a whole number from {band.low} to {band.high}{why}")
            return None
        return value

    def boolean(self, key: str, *, absent: bool | None = None) -> bool:
        """`true` or `false`; required unless `absent` says what leaving it out means."""
        self.ask(FieldShape(key, FieldKind.YES_NO, required=absent is None))
        if not self.has(key):
            if absent is None and self.sound:
                self.fault(key, "is missing: give true or false")
            return bool(absent)
        value = self.content[key]
        if not isinstance(value, bool):
            self.fault(key, f"is {_kind(value)}: give true or false")
            return False
        return value

    def text(self, key: str, meaning: str, *, required: bool = True) -> str:
        """Text that is not blank."""
        self.ask(FieldShape(key, FieldKind.TEXT, required=required, longest=LONGEST_SOURCE))
        return self._text(key, meaning, required=required)

    def _text(self, key: str, meaning: str, *, required: bool = True) -> str:
        if not self.has(key):
            if required and self.sound:
                self.fault(key, f"is missing: give {meaning}")
            return ""
        value = self.content[key]
        if not isinstance(value, str):
            self.fault(key, f"is {_kind(value)}: give {meaning}")
            return ""
        self.faults.extend(text_faults(self.at(key), value, longest=LONGEST_SOURCE, lines=True))
        return value

    def line(self, key: str, meaning: str, longest: int) -> str:
        """One line of at most `longest` characters, required."""
        self.ask(FieldShape(key, FieldKind.LINE, required=True, longest=longest))
        text = self._text(key, meaning)
        if len(text) > longest or "\n" in text:
            self.fault(key, f"does not fit: give one line of at most {longest} characters")
        return text

    def optional_name(self, key: str, kind: str, names: Iterable[str]) -> None:
        """One of the known `names` of a `kind`; may be absent."""
        allowed = sorted(set(names))
        self.ask(FieldShape(key, FieldKind.CHOICE, required=False, choices=tuple(allowed)))
        if not self.has(key):
            return
        text = self._text(key, f"one of {_listed(allowed)}")
        if text.strip() and text not in allowed:
            self.fault(key, f"is not a known {kind}: give one of {_listed(allowed)}")

    def choice(self, key: str, choices: Iterable[E]) -> E | None:
        """One of `choices`, required; None where it was not."""
        allowed = {choice.value: choice for choice in choices}
        self.ask(FieldShape(key, FieldKind.CHOICE, required=True, choices=tuple(allowed)))
        text = self._text(key, f"one of {_listed(allowed)}")
        if text.strip() and text not in allowed:
            self.fault(key, f'is "{text[:60]}": give one of {_listed(allowed)}')
        return allowed.get(text)

    def codes(self, key: str, choices: type[E]) -> frozenset[E]:
        """A list of codes, none twice; required, may be empty."""
        every = tuple(choice.value for choice in choices)
        self.ask(FieldShape(key, FieldKind.CODES, required=True, choices=every))
        if not self.has(key):
            if self.sound:
                self.fault(key, "is missing: give a list of codes, [] for none")
            return frozenset()
        value = self.content[key]
        if not isinstance(value, list | tuple):
            self.fault(key, f"is {_kind(value)}: give a list of codes")
            return frozenset()
        found: set[E] = set()
        for place, item in enumerate(value):
            where = f"{key}.{place}"
            if not isinstance(item, str) or item not in set(choices):
                near = _nearest(item, every)
                self.fault(where, f"is not a known code{near}")
            elif choices(item) in found:
                self.fault(where, f"names {item} a second time: leave it out")
            else:
                found.add(choices(item))
        return frozenset(found)

    def table(self, key: str, *, required: bool = True) -> "Table | None":
        """The table under `key`; None where it is optional and absent."""
        if not self.has(key):
            if required and self.sound:
                self.fault(key, f"is missing: add the table [{self.at(key)}]")
            return Table(None, self.at(key), self.faults) if required else None
        value = self.content[key]
        if not isinstance(value, Mapping):
            self.fault(key, f"is {_kind(value)}: make it the table [{self.at(key)}]")
        return Table(value, self.at(key), self.faults)

    def own_names(self, what: str, /, *apart: str) -> Iterator[str]:
        """Every key that is a name of the clinic's own choosing, of `what`; `apart`: keys that are the schema's."""
        for key in self.content:
            if key in apart:
                continue
            if isinstance(key, str) and is_kebab(key) and len(key) <= LONGEST_CODE:
                yield key
            else:
                self.has(str(key))
                self.fault(str(key), f"name the {what} in lower-case words joined by hyphens")

    def close(self) -> None:
        """Record every key that nobody asked for: the schema is closed."""
        for key in self.content:
            if not isinstance(key, str):
                self.fault(str(key), "is not a text key")
            elif key not in self.known:
                self.fault(key, f"is not known here{_nearest(key, self.known)}; known: {_listed(self.known)}")


def _nearest(word: object, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1) if isinstance(word, str) else []
    return f" (did you mean {near[0]}?)" if near else ""
