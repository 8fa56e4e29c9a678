"""Every single value that a pack's manifest holds, and another one in its place."""

from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]
PROVEN = ("record", "audit", "session", "demo", "protocol", "rules")
"""What a manifest says that the journal holds; all else is digests, and who took the pack, when, with what."""


def leaves(found: Any, path: Path = ()) -> Iterator[Path]:
    """The paths to all that is no list or object; empty ones count."""
    inner: Iterator[tuple[str | int, Any]]
    match found:
        case dict() if found:
            inner = iter(found.items())
        case list() if found:
            inner = enumerate(found)
        case _:
            yield path
            return
    for step, value in inner:
        yield from leaves(value, (*path, step))


def is_sentence(path: Path) -> bool:
    """Words that are formed for people, from what is proven: the verifier forms none."""
    return path[0] == "record" and path[-1] == "because"


def other(value: Any) -> Any:
    """Another value of the same kind, where there is one."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value[:-1] + ("1" if value[-1:] != "1" else "2")
        case None:
            return "1"
        case list():
            return [1]
        case _:
            return {"1": 1}
