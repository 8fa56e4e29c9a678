"""Where something stands in a document somebody sent: dotted paths, and walks that no depth can break."""

from collections.abc import Iterable, Iterator, Mapping

LONGEST_NAME = 64

Step = tuple["Step | None", object]
"""A key or a position, and the step before it."""


def shown(name: object) -> str:
    """A name that is not ours, shortened, and without anything that could act on a screen or in a log."""
    return str(name)[:LONGEST_NAME].encode("unicode_escape").decode("ascii")[:LONGEST_NAME]


def dotted(step: Step | None) -> str:
    """The path as the sender would write it; empty for the document itself."""
    names: list[str] = []
    while step is not None:
        step, name = step
        names.append(shown(name))
    return ".".join(reversed(names))


def _below(value: object) -> Iterable[tuple[object, object]]:
    match value:
        case Mapping():
            return value.items()
        case list() | tuple():
            return enumerate(value)
        case _:
            return ()


def leaves(document: object) -> Iterator[tuple[Step | None, object]]:
    """Every value that holds no others, in the order written. A path is spelt only by whoever needs it."""
    waiting: list[tuple[Step | None, object]] = [(None, document)]
    while waiting:
        step, value = waiting.pop()
        if isinstance(value, Mapping | list | tuple):
            waiting.extend(reversed([((step, name), below) for name, below in _below(value)]))
        else:
            yield step, value


def depth(document: object) -> int:
    """Levels of nesting; a single value is one."""
    deepest, level = 0, [document]
    while level:
        level = [below for value in level for _, below in _below(value)]
        deepest += 1
    return deepest
