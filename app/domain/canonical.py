"""Canonical JSON (RFC 8785) for documents of text, integers, booleans, null, lists and objects, and its SHA-256.

No float ever reaches a record, so the one hard part of the RFC (number formatting) does not arise: floats are refused.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from app.domain.numbers import LARGEST

REFUSED = "only text, whole numbers, booleans, null, lists and objects can be kept: not {}"

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]
Document = Mapping[str, Json]

_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder()


def canonical_json(document: Json) -> bytes:
    """The one UTF-8 spelling of `document`. Raises TypeError for a float, ValueError for too large an integer."""
    if _is_plain((document,)):
        spelt = _ENCODER.encode(document)
        if spelt.isascii() or _keys_are_ascii((document,)):
            return spelt
    return json.dumps(_checked(document), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def spelt_alike(one: Json, other: Json) -> bool:
    """Whether two documents are sure to have one spelling. Where one is not plain, it is not sure.

    To Python true is one: so equal ones are spelt too.
    """
    try:
        return one == other and _ENCODER.encode(one) == _ENCODER.encode(other)
    except TypeError:
        return False


def _plainly(text: str) -> Any:
    return json.loads(text)


def read_canonical(text: str, otherwise: Callable[[str], Any] = _plainly) -> Any:
    """What canonical JSON says. What the quick decoder refuses is left to `otherwise`, which may say what is wrong."""
    try:
        return _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return otherwise(text)


def digest(document: Json) -> str:
    """SHA-256 of the canonical JSON, in lower-case hexadecimal."""
    return hashlib.sha256(canonical_json(document)).hexdigest()


def _is_plain(values: Iterable[Any]) -> bool:
    """Whether the quick encoder may write this. It takes more than a record may hold.

    Anything else is left to `_checked`, which refuses it or puts it in order.
    """
    for value in values:
        kind = type(value)
        if kind is str or value is None or kind is bool:
            continue
        if kind is dict:
            "".join(value)  # refuses a key that is no text
            if not _is_plain(value.values()):
                return False
        elif kind is int:
            if not -LARGEST <= value <= LARGEST:
                return False
        elif not ((kind is list or kind is tuple) and _is_plain(value)):
            return False
    return True


def _keys_are_ascii(values: Iterable[Any]) -> bool:
    """Whether the quick encoder orders the keys of this as we do: it goes by code point, which ASCII alone allows."""
    for value in values:
        kind = type(value)
        if kind is dict:
            if not (_are_ascii(value) and _keys_are_ascii(value.values())):
                return False
        elif (kind is list or kind is tuple) and not _keys_are_ascii(value):
            return False
    return True


def _are_ascii(keys: Iterable[str]) -> bool:
    # the join refuses a key that is no text
    return "".join(keys).isascii()


def _in_order(keys: Mapping[str, object]) -> list[str]:
    """Keys as RFC 8785 orders them, by UTF-16 code units: for ASCII, which nearly all keys are, plain order."""
    return sorted(keys) if _are_ascii(keys) else sorted(keys, key=_code_units)


def _code_units(key: str) -> bytes:
    return key.encode("utf-16-be")


def _checked(value: object) -> Json:
    match value:
        case str() | None | bool():
            return value
        case int():
            if abs(value) > LARGEST:
                raise ValueError(f"a whole number is beyond {LARGEST}, which is all that JSON readers keep exactly")
            return value
        case list() | tuple():
            return [_checked(item) for item in value]
        case dict() | Mapping():
            return {key: _checked(value[key]) for key in _in_order(value)}
        case _:
            raise TypeError(REFUSED.format(type(value).__name__))
