"""What changed from one document to the next, so that the next can be kept as little more than that.

A change is a list: `["same"]`, `["value", new]`, `["object", {key: change}, [keys that went]]`, or
`["list", kept at the beginning, [new items], kept at the end]`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.canonical import Json

SAME: list[Json] = ["same"]


class NotAChange(ValueError):
    """This does not say how a document changed, or not this one."""


def change(before: Json, after: Json) -> list[Json]:
    """How `after` comes out of `before`."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        kept: dict[str, Json] = {}
        for key, value in after.items():
            one = change(before[key], value) if key in before else ["value", value]
            if one != SAME:
                kept[key] = one
        gone = sorted(before.keys() - after.keys())
        return ["object", kept, gone] if kept or gone else SAME
    if _is_list(before) and _is_list(after):
        return _list_change(before, after)
    return SAME if _alike(before, after) else ["value", after]


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _alike(one: Json, other: Json) -> bool:
    """Whether both are spelt alike in JSON. To Python, true is one; and a tuple is no list."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_alike(value, other[key]) for key, value in one.items())
    if _is_list(one) and _is_list(other):
        return len(one) == len(other) and all(map(_alike, one, other))  # type: ignore[arg-type]
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _list_change(before: Any, after: Any) -> list[Json]:
    most = min(len(before), len(after))
    first = 0
    while first < most and _alike(before[first], after[first]):
        first += 1
    if first == len(before) == len(after):
        return SAME
    last = 0
    while last < most - first and _alike(before[-1 - last], after[-1 - last]):
        last += 1
    return ["list", first, list(after[first : len(after) - last]), last]


def changed(before: Json, by: Json) -> Json:
    """The document that comes out of `before`. Raises `NotAChange`."""
    match by:
        case ["same"]:
            return before
        case ["value", value]:
            return value
        case ["object", dict(parts), list(gone)] if isinstance(before, Mapping):
            kept = {key: value for key, value in before.items() if key not in gone}
            return kept | {key: changed(before.get(key), one) for key, one in parts.items()}
        case ["list", int(first), list(new), int(last)] if _is_list(before):
            held: Any = before
            if first + last > len(held):
                raise NotAChange("it keeps more of a list than there was")
            return [*held[:first], *new, *held[len(held) - last :]]
        case _:
            raise NotAChange("it is not of a form that says how a document changed")
