"""Sheets: revisioned things (a patient, a course, a header ...). One rule decides every `PUT` of one.

The same content again changes nothing, whoever sends it and with whatever `If-Match`: a repeat after a lost answer is
safe. A change must name the revision it was made from.
"""

from dataclasses import dataclass
from typing import TypeVar

from app.domain.errors import Conflict
from app.domain.records import Kept

T = TypeVar("T")


class PreconditionMissing(Conflict):
    """This is kept already, with other content. Read it, then send the change with its ETag in If-Match."""

    code = "precondition-missing"


class PreconditionFailed(Conflict):
    """This has moved on since you read it. Read it again, then send the change with the new ETag in If-Match."""

    code = "precondition-failed"


@dataclass(frozen=True, slots=True)
class Change:
    """What a `PUT` comes to. `revision` is the one in force afterwards; nothing is to be kept unless `changed`."""

    revision: int
    created: bool
    changed: bool


def decide(current: Kept[T] | None, offered: T, expected: int | None) -> Change:
    """Decide a `PUT` of `offered` over `current`, where `expected` is the revision named in If-Match.

    Raises `PreconditionMissing` or `PreconditionFailed`.
    """
    if current is None:
        if expected is not None:
            raise PreconditionFailed(
                "Nothing is kept under this id yet. Send it without If-Match to create it.", expected_revision=expected
            )
        return Change(revision=1, created=True, changed=True)
    if current.value == offered:
        return Change(revision=current.revision, created=False, changed=False)
    if expected is None:
        raise PreconditionMissing(current_revision=current.revision)
    if expected != current.revision:
        raise PreconditionFailed(current_revision=current.revision, expected_revision=expected)
    return Change(revision=current.revision + 1, created=False, changed=True)
