"""One codec between frozen values and plain JSON documents, made once per type from its fields and annotations.

A document has a key for every field, null where there is nothing. Reading is strict: a key too many or too few, or a
value that is not of its type, is a `Misfit` that names the place and never what stands there. Writing asks for the same
types. No float has a form.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

from app.domain.canonical import Json
from app.domain.instants import to_text
from app.domain.numbers import decimal, decimal_text, whole
from app.domain.places import shown

T = TypeVar("T")
Written = dict[str, Json]
Found = Mapping[str, Any]
Turn = Callable[[Any], Any]


class Misfit(Exception):
    """A document or a value is not of its type: `path` says where, dotted; it is empty for the whole."""

    def __init__(self, because: str, *names: object) -> None:
        self.because, self.names = because, names
        self.path = ".".join(map(shown, names))
        super().__init__(f"{self.path or 'the document'} {because}")

    def within(self, name: object) -> "Misfit":
        """The same, seen from what holds it under this name."""
        return Misfit(self.because, name, *self.names)


MISSING, STRANGE, OTHER = "is missing", "does not belong here", "is not of its type"


@dataclass(frozen=True, slots=True)
class Form:
    """Where the document of a type is not simply its fields.

    `names`: the key of a field; `protocol.id` stands as `id` within an object `protocol`. `beside`: properties written
    too, for whoever reads the document elsewhere. `order`: what the items of a field are sorted by when written.
    `null_if_empty`: fields of which nothing is null. `spelt`: fields that are one text, as (write, read). `chosen`:
    (tag, field, table): the value of the tag says which type the field has.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    order: Mapping[str, Turn] = field(default_factory=dict)
    null_if_empty: tuple[str, ...] = ()
    spelt: Mapping[str, tuple[Turn, Turn]] = field(default_factory=dict)
    chosen: tuple[str, str, Mapping[Any, type | None]] | None = None


def _refuse(_: object) -> Any:
    raise Misfit(OTHER)


class Both(NamedTuple):
    """Both ways of one type. What is of exactly the types `as_is` stands in a document as it is, and is not turned."""

    as_is: frozenset[type] = frozenset()
    read: Turn = _refuse
    write: Turn = _refuse


_UNLIKE = (AttributeError, KeyError, TypeError, ValueError)
"""What a turn may raise of a value that is not of its type: whoever knows the place makes it a `Misfit`."""


# --- one value -------------------------------------------------------------------------------------------------------


def _word(kind: type, read: Turn, write: Turn, pattern: str) -> Both:
    """A type that stands as a text of one exact form."""
    fits = re.compile(pattern, re.ASCII).fullmatch
    return Both(
        read=lambda text: read(text) if fits(text) else _refuse(text),
        write=lambda value: write(value) if type(value) is kind else _refuse(value),
    )


def _enum(kind: type[StrEnum]) -> Both:
    words = {str(member): member for member in kind}
    return Both(
        read=words.__getitem__, write=lambda member: member._value_ if type(member) is kind else _refuse(member)
    )


def _plain(text: object) -> str:
    """The word of an enum is text like any other."""
    return str(text) if isinstance(text, str) else _refuse(text)


_DAY = r"\d{4}-\d\d-\d\d"
_NUMBERED = _word(int, whole, str, r"0|-?[1-9]\d*")
# as keys, the same few numbers come again and again
_NUMBER = Both(read=lru_cache(typed=True)(_NUMBERED.read), write=lru_cache(typed=True)(_NUMBERED.write))
_SIMPLE: Mapping[Any, Both] = {
    NoneType: Both(frozenset({NoneType})),
    bool: Both(frozenset({bool})),
    int: Both(frozenset({int})),
    str: Both(frozenset({str}), _plain, _plain),
    UUID: _word(UUID, UUID, str, "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    datetime: _word(datetime, datetime.fromisoformat, to_text, rf"{_DAY}T\d\d:\d\d:\d\d(?:\.\d{{6}})?Z"),
    date: _word(date, date.fromisoformat, date.isoformat, _DAY),
    Decimal: _word(Decimal, decimal, decimal_text, r"-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?"),
}


def _union(arms: list[Both]) -> Both:
    turned = [arm for arm in arms if arm.read is not _refuse] or [Both()]
    if len(turned) > 1:
        raise TypeError("a document would not say which of these types it is")
    return turned[0]._replace(as_is=frozenset().union(*(arm.as_is for arm in arms)))


# --- many values -----------------------------------------------------------------------------------------------------


def _each(turn_key: Turn, turn: Turn, as_is: frozenset[type], pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
    turned, key = [], None
    try:
        for key, value in pairs:
            turned.append((turn_key(key), value if type(value) in as_is else turn(value)))
    except Misfit as fault:
        raise fault.within(key) from None
    except _UNLIKE:
        raise Misfit(OTHER, key) from None
    return turned


def _list(item: Both, make: Turn, order: Turn | None) -> Both:
    nothing = make(())

    def read(document: object) -> Any:
        if type(document) is not list:
            raise Misfit(OTHER)
        if not document:
            return nothing
        made = make(value for _, value in _each(int, item.read, item.as_is, enumerate(document)))
        return made if len(made) == len(document) else _refuse(document)

    def write(values: Any) -> Any:
        if type(values) is not type(nothing):
            raise Misfit(OTHER)
        if not values:
            return []
        in_order = sorted(values, key=order) if order else values
        return [value for _, value in _each(int, item.write, item.as_is, enumerate(in_order))]

    return Both(read=read, write=write)


def _table(key: Both, item: Both, make: Turn, order: Turn | None) -> Both:
    """An object whose keys are no fields: a mapping, or pairs in the order of their keys."""
    rank = (lambda pair: order(pair[0])) if order else None

    def read(document: object) -> Any:
        pairs = _items(document)
        return make(_each(key.read, item.read, item.as_is, pairs) if pairs else ())

    def write(values: Any) -> Any:
        pairs = values if type(values) is tuple else values.items()
        if not pairs:
            return {}
        written = dict(_each(key.write, item.write, item.as_is, sorted(pairs, key=rank)))
        return written if len(written) == len(pairs) else _refuse(values)

    return Both(read=read, write=write)


def _items(document: object) -> Iterable[tuple[str, Any]]:
    return document.items() if type(document) is dict else _refuse(document)


def _order(hint: Any) -> Turn | None:
    """Members of an enum go in its own order, everything else in the order of its values."""
    if not (isinstance(hint, type) and issubclass(hint, StrEnum)):
        return None
    places = {str(member): place for place, member in enumerate(hint)}
    return lambda member: places.get(member, -1)


# --- dataclasses -----------------------------------------------------------------------------------------------------


def _object(kind: type, parts: Mapping[str, tuple[str, Both]]) -> Both:
    """`parts`: the key and the type of each field, in their order."""
    reading = [(key, both.as_is, both.read) for key, both in parts.values()]
    writing = [(key, both.as_is, both.write) for key, both in parts.values()]
    keys = frozenset(key for key, _ in parts.values())
    # of one name it would give the bare value: the first is asked for once more, and nobody takes the last
    values_of = attrgetter(*parts, next(iter(parts)))

    def read(document: Any) -> Any:
        if type(document) is not dict:
            raise Misfit(OTHER)
        values, key = [], ""
        try:
            for key, as_is, turn in reading:
                value = document[key]
                values.append(value if type(value) in as_is else turn(value))
        except Misfit as fault:
            raise fault.within(key) from None
        except _UNLIKE:
            raise Misfit(OTHER if key in document else MISSING, key) from None
        if len(document) != len(keys):
            raise Misfit(STRANGE, next(key for key in document if key not in keys))
        return kind(*values)

    def write(value: object) -> Any:
        if type(value) is not kind:
            raise Misfit(OTHER)
        written, key = {}, ""
        try:
            for (key, as_is, turn), held in zip(writing, values_of(value), strict=False):
                written[key] = held if type(held) in as_is else turn(held)
        except Misfit as fault:
            raise fault.within(key) from None
        except _UNLIKE:
            raise Misfit(OTHER, key) from None
        return written

    return Both(read=read, write=write)


def _folded(both: Both, outers: frozenset[str]) -> Both:
    """`{"a.b": 1}` stands as `{"a": {"b": 1}}`."""

    def read(document: object) -> Any:
        flat: dict[str, Any] = {}
        for key, value in _items(document):
            if "." in key:
                raise Misfit(STRANGE, key)
            if key in outers and type(value) is not dict:
                raise Misfit(OTHER, key)
            flat |= {f"{key}.{inner}": held for inner, held in value.items()} if key in outers else {key: value}
        return both.read(flat)

    def write(value: object) -> Any:
        folded: dict[str, Any] = {}
        for key, held in both.write(value).items():
            outer, _, inner = key.partition(".")
            folded |= {outer: {**folded.get(outer, {}), inner: held}} if inner else {key: held}
        return folded

    return Both(read=read, write=write)


def _beside(both: Both, names: tuple[str, ...]) -> Both:
    def read(document: Any) -> Any:
        made = both.read({key: value for key, value in _items(document) if key not in names})
        for name in names:
            if document.get(name) != getattr(made, name):
                raise Misfit(OTHER if name in document else MISSING, name)
        return made

    def write(value: object) -> Any:
        return both.write(value) | {name: getattr(value, name) for name in names}

    return Both(read=read, write=write)


def _chosen(tag: str, each: Mapping[str, Both]) -> Both:
    """One type for each word of a tag that it holds."""

    def read(document: Any) -> Any:
        word = document.get(tag) if type(document) is dict else _refuse(document)
        if type(word) is str and word in each:
            return each[word].read(document)
        raise Misfit(OTHER if tag in document else MISSING, tag)

    def write(value: object) -> Any:
        return each.get(getattr(value, tag, ""), Both()).write(value)

    return Both(read=read, write=write)


class Codec:
    """Gives the two functions of a type, and makes them once."""

    def __init__(self) -> None:
        self._forms: dict[Any, Form] = {}
        self._made: dict[Any, Both] = {}

    def pair(self, kind: type[T], form: Form | None = None) -> tuple[Callable[[T], Written], Callable[[Found], T]]:
        """What writes a value of this type, and what reads it again. Both raise `Misfit`.

        A type whose document is not simply its fields is given its `form` before any type that holds it.
        """
        if form is not None:
            if kind in self._made:
                raise TypeError(f"the form of {kind.__name__} comes too late")
            self._forms[kind] = form
        both = self._of(kind)
        return both.write, both.read

    def _of(self, hint: Any) -> Both:
        if hint not in self._made:
            self._made[hint] = self._make(hint, get_origin(hint), get_args(hint))
        return self._made[hint]

    def _make(self, hint: Any, origin: Any, args: tuple[Any, ...]) -> Both:
        if hint in _SIMPLE:
            return _SIMPLE[hint]
        if is_dataclass(hint):
            return self._dataclass(hint, self._forms.get(hint, Form()), get_type_hints(hint))
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            return _enum(hint)
        if origin is UnionType:
            return _union([self._of(arm) for arm in args])
        if origin is Mapping:
            return self._table(*args, make=dict)
        if origin is frozenset and (order := _order(args[0])):
            return _list(self._of(args[0]), frozenset, order)
        if origin is tuple and args[1:] == (Ellipsis,):
            pair = get_args(args[0])
            if get_origin(args[0]) is tuple and len(pair) == 2 and pair[1] is not Ellipsis:
                return self._table(*pair, make=lambda pairs: tuple(sorted(pairs)))
            return _list(self._of(args[0]), tuple, None)
        raise TypeError(f"{hint} has no form in a document")

    def _table(self, key: Any, item: Any, *, make: Turn) -> Both:
        return _table(_NUMBER if key is int else self._of(key), self._of(item), make, _order(key))

    def _dataclass(self, kind: Any, form: Form, hints: Mapping[str, Any]) -> Both:
        if form.chosen is not None:
            tag, name, table = form.chosen
            plain = replace(form, chosen=None)
            each = {
                word: self._dataclass(kind, plain, {**hints, name: NoneType if of is None else of | None})
                for word, of in table.items()
            }
            return _chosen(tag, each)
        parts = {
            one.name: (form.names.get(one.name, one.name), self._field(one.name, form, hints)) for one in fields(kind)
        }
        both = _object(kind, parts)
        if outers := frozenset(key.partition(".")[0] for key in form.names.values() if "." in key):
            both = _folded(both, outers)
        return _beside(both, form.beside) if form.beside else both

    def _field(self, name: str, form: Form, hints: Mapping[str, Any]) -> Both:
        if name in form.spelt:
            spell, read = form.spelt[name]
            return Both(read=lambda text: found if spell(found := read(text)) == text else _refuse(text), write=spell)
        both = self._of(hints[name])
        if name in form.order:
            order = form.order[name]
            return both._replace(write=lambda values: both.write(tuple(sorted(values, key=order))))
        if name in form.null_if_empty:
            empty = both.read(both.write(()))
            return both._replace(
                read=lambda document: empty if document is None else both.read(document) or _refuse(document),
                write=lambda values: both.write(values) or None,
            )
        return both
