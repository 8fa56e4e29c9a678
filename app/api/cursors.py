"""Places in a list, as opaque text: keyset cursors, never offsets. A caller hands back what it was given."""

import base64
import json
from collections.abc import Callable
from typing import Annotated, TypeVar

from annotated_types import Ge, Le
from fastapi import Query

from app.api.strict import Digits
from app.domain.errors import FieldError, Invalid
from app.domain.strict_json import Unreadable, read_json
from app.domain.texts import text_faults

MOST = 200
Limit = Annotated[int, Ge(1), Le(MOST), Digits, Query(description="Entries at most")]
After = Annotated[str | None, Query(max_length=2000, description="The `next` of the page before")]

T = TypeVar("T")
Key = tuple[str, ...]


def write_cursor(key: Key | None) -> str | None:
    """The text for a place, None at the end."""
    if key is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(list(key), ensure_ascii=False).encode()).decode().rstrip("=")


def _checked(parts: object) -> list[str]:
    if not isinstance(parts, list):
        raise TypeError
    for part in parts:
        if not isinstance(part, str) or text_faults("", part, longest=1000, blank=True):
            raise TypeError
    return parts


def read_cursor(text: str | None, place: Callable[..., T]) -> T | None:
    """`place(*parts)` of the parts behind `text`. Raises `Invalid` for anything `write_cursor` did not write."""
    if text is None:
        return None
    try:
        parts = read_json(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
        return place(*_checked(parts))
    except (ValueError, TypeError, Unreadable):
        raise Invalid(errors=[FieldError("after", "is not a cursor of this list: begin again without it")]) from None
