"""Places in a list, as opaque text: keyset cursors, never offsets. A caller hands back what it was given."""

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from annotated_types import Ge, Le
from fastapi import Query

from app.api.strict import Digits
from app.domain.errors import FieldError, Invalid
from app.domain.numbers import whole
from app.domain.records import Kept
from app.domain.strict_json import Unreadable, read_json
from app.domain.texts import text_faults
from app.exchange.base64url import decoded, encoded

MOST = 200
Limit = Annotated[int, Ge(1), Le(MOST), Digits, Query(description="Entries at most")]
After = Annotated[str | None, Query(max_length=2000, description="The `next` of the page before")]

T = TypeVar("T")
Key = tuple[str, ...]


def write_cursor(key: Key | None) -> str | None:
    """The text for a place, None at the end."""
    if key is None:
        return None
    return encoded(json.dumps(list(key), ensure_ascii=False).encode())


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
        parts = read_json(decoded(text).decode())
        return place(*_checked(parts))
    except (ValueError, TypeError, Unreadable):
        raise Invalid(errors=[FieldError("after", "is not a cursor of this list: begin again without it")]) from None


def read_number(text: str | None) -> int | None:
    """The number behind `text`: a place in a list that goes by one."""
    return read_cursor(text, whole)


def a_page(
    found: Sequence[T], limit: int, view: Callable[[T], Any], key: Callable[[T], Key], **beside: Any
) -> dict[str, Any]:
    """One page as an answer. `found` holds one more than `limit` where the list goes on behind it."""
    items = found[:limit]
    following = write_cursor(key(items[-1])) if len(found) > limit else None
    return {"items": [view(one) for one in items], "next": following, **beside}


def by_revision(kept: Kept[Any]) -> Key:
    """The place of a revision in a history."""
    return (str(kept.revision),)
