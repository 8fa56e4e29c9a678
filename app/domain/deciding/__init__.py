"""Decisions: what a command comes to on a session as it stands. Pure: facts to keep, nothing new, or a refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from app.domain.derive import Derived, derive
from app.domain.errors import Conflict
from app.domain.journal import Fact
from app.domain.leaving import had_left_at
from app.domain.protocol.values import Protocol
from app.domain.records import Kept, SessionRecord, Signer
from app.domain.sessions import Door, SessionState, check_door

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Standing:
    """A session as a command finds it: locked, and caught up to `now`; and who asks.

    `state` None: it could not be worked out. `now` is never before the last kept assessment; what is typed is held
    against `asked_at`, the clinic's clock itself. `clock_doubtful`: it was stamped by a clock that is off.
    """

    record: SessionRecord
    protocol: Protocol
    state: SessionState | None
    by: Signer
    now: datetime
    asked_at: datetime
    clock_doubtful: bool = False

    @property
    def id(self) -> UUID:
        """The session."""
        return self.record.id

    def look(self) -> Derived:
        """What the record comes to at `now`, or at the leaving, before anything of this command is kept."""
        return derive(self.record, self.protocol, self.had_left_at or self.now)

    @property
    def had_left_at(self) -> datetime | None:
        """When the patient had left, where this session is charted afterwards."""
        return had_left_at(self.record)

    def check(self, door: Door) -> None:
        """Raises the refusal of the doors table where this door is shut in this state."""
        check_door(self.state, door)


@dataclass(frozen=True, slots=True)
class ToKeep:
    """What a decision comes to: facts to keep, none where all of it is kept already.

    `arrived` says in words what came in, where that may touch a signature or a closed session.
    """

    facts: tuple[Fact, ...] = ()
    arrived: str | None = None


SAME_AGAIN = ToKeep()
Decide = Callable[[Standing], ToKeep]


class PreconditionMissing(Conflict):
    """This is kept already, with other content. Read it, then send the change with its ETag in If-Match."""

    code = "precondition-missing"


class PreconditionFailed(Conflict):
    """This has moved on since you read it. Read it again, then send the change with the new ETag in If-Match."""

    code = "precondition-failed"


@dataclass(frozen=True, slots=True)
class Change:
    """What a `PUT` of a sheet comes to. `revision`: that in force afterwards. Nothing is kept unless `changed`."""

    revision: int
    created: bool
    changed: bool


def decide_sheet(current: Kept[T] | None, offered: T, expected: int | None) -> Change:
    """A `PUT` of `offered` over `current`, where `expected` is the revision named in If-Match.

    The same content again changes nothing, whoever sends it and with whatever `If-Match`: a repeat after a lost answer
    is safe. A change must name the revision it was made from. Raises `PreconditionMissing` or `PreconditionFailed`.
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
