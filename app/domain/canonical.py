"""Canonical JSON (RFC 8785) for documents of text, integers, booleans, null, lists and objects, and its SHA-256.

No float ever reaches a record, so the one hard part of the RFC (number formatting) does not arise: floats are refused.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

from app.domain.numbers import LARGEST

REFUSED = "only text, whole numbers, booleans, null, lists and objects can be kept: not {}"

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]
Document = Mapping[str, Json]


def _code_units(key: str) -> bytes:
    return key.encode("utf-16-be")


def _in_order(keys: Mapping[str, object]) -> list[str]:
    """Keys as RFC 8785 orders them, by UTF-16 code units: for ASCII, which nearly all keys are, plain order."""
    # the join refuses a key that is no text
    return sorted(keys) if "".join(keys).isascii() else sorted(keys, key=_code_units)


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


def canonical_json(document: Json) -> bytes:
    """The one UTF-8 spelling of `document`. Raises TypeError for a float, ValueError for too large an integer."""
    return json.dumps(_checked(document), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def digest(document: Json) -> str:
    """SHA-256 of the canonical JSON, in lower-case hexadecimal."""
    return hashlib.sha256(canonical_json(document)).hexdigest()
