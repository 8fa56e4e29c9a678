"""What changed from one document to the next, so that the next can be kept as little more than that.

A change is an object of one key: `{"=": new}`, `{"~": {key: change}}` (with `"-": [keys that went]` where some did), or
`{"#": [kept at the beginning, [new items], kept at the end]}` of a list. `SAME` says that nothing changed. What is kept
names each new value once, however often it stands in the document: `{"by": change, "new": [values]}`, in which a value
stands as its place in that list.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.domain.canonical import Json, canonical_json

SAME: dict[str, Json] = {}


class NotAChange(ValueError):
    """This does not say how a document changed, or not this one."""


def change(before: Json, after: Json) -> dict[str, Json]:
    """How `after` comes out of `before`."""
    places: dict[bytes, int] = {}
    new: list[Json] = []

    def place(value: Json) -> int:
        key = canonical_json(value)
        if key not in places:
            places[key] = len(new)
            new.append(value)
        return places[key]

    return {"by": _change(before, after, place), "new": new}


def _change(before: Json, after: Json, place: Callable[[Json], int]) -> dict[str, Json]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        kept: dict[str, Json] = {}
        for key, value in after.items():
            one = _change(before[key], value, place) if key in before else {"=": place(value)}
            if one != SAME:
                kept[key] = one
        gone = sorted(before.keys() - after.keys())
        return {"~": kept, **({"-": gone} if gone else {})} if kept or gone else SAME
    if _is_list(before) and _is_list(after):
        return _list_change(before, after, place)
    return SAME if _alike(before, after) else {"=": place(after)}


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _alike(one: Json, other: Json) -> bool:
    """Whether both are spelt alike in JSON. To Python, true is one; and a tuple is no list."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_alike(value, other[key]) for key, value in one.items())
    if _is_list(one) and _is_list(other):
        return len(one) == len(other) and all(map(_alike, one, other))  # type: ignore[arg-type]
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _list_change(before: Any, after: Any, place: Callable[[Json], int]) -> dict[str, Json]:
    most = min(len(before), len(after))
    first = 0
    while first < most and _alike(before[first], after[first]):
        first += 1
    if first == len(before) == len(after):
        return SAME
    last = 0
    while last < most - first and _alike(before[-1 - last], after[-1 - last]):
        last += 1
    return {"#": [first, [place(item) for item in after[first : len(after) - last]], last]}


def changed(before: Json, by: Json) -> Json:
    """The document that comes out of `before`. Raises `NotAChange`."""
    match by:
        case {"by": dict(change), "new": list(new), **rest} if not rest:
            return _changed(before, change, new)
        case _:
            raise NotAChange("it is not of a form that says how a document changed")


def _changed(before: Json, by: Json, new: list[Json]) -> Json:
    match by:
        case {"=": int(place), **rest} if not rest:
            return _value(new, place)
        case {"~": dict(parts), **rest} if isinstance(before, Mapping) and rest.keys() <= {"-"}:
            gone: Any = rest.get("-", ())
            kept = {key: value for key, value in before.items() if key not in gone}
            return kept | {key: _changed(before.get(key), one, new) for key, one in parts.items()}
        case {"#": [int(first), list(places), int(last)], **rest} if _is_list(before) and not rest:
            held: Any = before
            if first + last > len(held):
                raise NotAChange("it keeps more of a list than there was")
            return [*held[:first], *(_value(new, place) for place in places), *held[len(held) - last :]]
        case dict() if not by:
            return before
        case _:
            raise NotAChange("it is not of a form that says how a document changed")


def _value(new: list[Json], place: Json) -> Json:
    if not isinstance(place, int) or not 0 <= place < len(new):
        raise NotAChange("it names a new value that it does not have")
    return new[place]
