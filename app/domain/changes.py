"""What changed from one document to the next, so that the next can be kept as little more than that.

A change is an object of one key: `{"=": new}`, `{"~": {key: change}}` (with `"-": [keys that went]` where some did), or
`{"#": [kept at the beginning, [new items], kept at the end]}` of a list. `SAME` says that nothing changed. What is kept
names each new value once, however often it stands in the document: `{"by": change, "new": [values]}`, in which a value
stands as its place in that list.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeGuard

from app.domain.canonical import Json, canonical_json, spelt_alike

SAME: dict[str, Json] = {}
_MISSING: Any = object()


class NotAChange(ValueError):
    """This does not say how a document changed, or not this one."""


def change(before: Json, after: Json) -> dict[str, Json]:
    """How `after` comes out of `before`."""
    places: dict[object, int] = {}
    new: list[Json] = []

    def place(value: Json) -> int:
        kind = type(value)
        key = (kind, value) if kind in _PLAIN else canonical_json(value)
        if key not in places:
            places[key] = len(new)
            new.append(value)
        return places[key]

    return {"by": _change(before, after, place), "new": new}


_PLAIN = frozenset({str, int, bool, type(None)})
"""Types of which two values are spelt alike exactly where they are of one type and equal."""
_NO_OBJECT, _NO_LIST = _PLAIN | {list, tuple}, _PLAIN | {dict}
"""Of these it is known at once."""


def _change(before: Json, after: Json, place: Callable[[Json], int]) -> dict[str, Json]:
    if before is after:
        return SAME
    if type(before) is type(after) and type(after) in _PLAIN:
        return SAME if before == after else {"=": place(after)}
    if _is_object(before) and _is_object(after):
        return _object_change(before, after, place)
    if _is_list(before) and _is_list(after):
        return _list_change(before, after, place)
    return SAME if _alike(before, after) else {"=": place(after)}


def _object_change(
    before: Mapping[str, Json], after: Mapping[str, Json], place: Callable[[Json], int]
) -> dict[str, Json]:
    kept: dict[str, Json] = {}
    added = 0
    for key, value in after.items():
        held = before.get(key, _MISSING)
        kind = type(value)
        if held is _MISSING:
            added += 1
            kept[key] = {"=": place(value)}
        elif kind in _PLAIN and type(held) is kind:  # most are: told without a call
            if held != value:
                kept[key] = {"=": place(value)}
        elif not spelt_alike(held, value) and (one := _change(held, value, place)):
            kept[key] = one
    if len(before) + added == len(after):
        return {"~": kept} if kept else SAME
    return {"~": kept, "-": sorted(before.keys() - after.keys())}


def _is_object(value: Json) -> TypeGuard[Mapping[str, Json]]:
    return type(value) is dict or (type(value) not in _NO_OBJECT and isinstance(value, Mapping))


def _is_list(value: Json) -> bool:
    return type(value) is list or (
        type(value) not in _NO_LIST and isinstance(value, Sequence) and not isinstance(value, str)
    )


def _alike(one: Any, other: Any) -> bool:
    """Whether both are spelt alike in JSON. To Python, true is one; and a tuple is no list."""
    if one is other:
        return True
    kind = type(one)
    if kind in _PLAIN and kind is type(other):
        return bool(one == other)
    if _is_object(one) and _is_object(other):
        return one.keys() == other.keys() and all(_alike(value, other[key]) for key, value in one.items())
    if _is_list(one) and _is_list(other):
        return len(one) == len(other) == _alike_at_first(one, other)
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _alike_at_first(before: Iterable[Any], after: Iterable[Any]) -> int:
    """How many items are alike up to the first that are not."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if not _alike(one, other):
            break
        count += 1
    return count


def _list_change(before: Any, after: Any, place: Callable[[Json], int]) -> dict[str, Json]:
    first = _alike_at_first(before, after)
    if first == len(before) == len(after):
        return SAME
    most = min(len(before), len(after)) - first
    last = min(most, _alike_at_first(reversed(before), reversed(after)))
    return {"#": [first, [place(item) for item in after[first : len(after) - last]], last]}


def changed(before: Json, by: Json) -> Json:
    """The document that comes out of `before`. Raises `NotAChange`."""
    match by:
        case {"by": dict(change), "new": list(new), **rest} if not rest:
            return _changed(before, change, new)
        case _:
            raise _no_change()


_OBJECT, _LIST, _NEW = frozenset({"~", "-"}), frozenset({"#"}), frozenset({"="})


def _changed(before: Json, by: Json, new: list[Json]) -> Json:
    # asked for each part of each kept assessment: plain look-ups take less than half of what patterns do
    if not isinstance(by, dict):
        raise _no_change()
    if not by:
        return before
    said = by.keys()
    if "~" in by and said <= _OBJECT and _is_object(before):
        return _object_changed(before, by["~"], by.get("-", ()), new)
    if said == _NEW:
        return _value(new, by["="])
    if said == _LIST and _is_list(before):
        return _list_changed(before, by["#"], new)
    raise _no_change()


def _object_changed(before: Mapping[str, Json], parts: Json, gone: Any, new: list[Json]) -> Json:
    if not isinstance(parts, dict):
        raise _no_change()
    found = {key: value for key, value in before.items() if key not in gone} if gone else dict(before)
    for key, one in parts.items():
        if type(one) is dict and "=" in one and len(one) == 1:  # most are: told without a call
            found[key] = _value(new, one["="])
        else:
            found[key] = _changed(before.get(key), one, new)
    return found


def _list_changed(held: Any, by: Json, new: list[Json]) -> Json:
    match by:
        case [int(first), list(places), int(last)]:
            if first + last > len(held):
                raise NotAChange("it keeps more of a list than there was")
            return [*held[:first], *(_value(new, place) for place in places), *held[len(held) - last :]]
        case _:
            raise _no_change()


def _no_change() -> NotAChange:
    return NotAChange("it is not of a form that says how a document changed")


def _value(new: list[Json], place: Json) -> Json:
    if not isinstance(place, int) or not 0 <= place < len(new):
        raise NotAChange("it names a new value that it does not have")
    return new[place]
