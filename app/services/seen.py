"""Whether a session is still as somebody saw it: then nothing is loaded, and nothing is told a second time.

A look is given with its tag, made of all that the look rests on and of whom it was given to. The tag is good while
nothing of that has moved and time has changed nothing; nobody else's says anything. Nothing is audited where a tag is
good: the look it came with was, for this same person.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from app import __version__
from app.db import unchanged
from app.db.unchanged import SessionStands
from app.db.work import Work
from app.domain.canonical import digest
from app.domain.derive import Derived

LENGTH = 32
"""Hexadecimal digits of a tag: 128 bits."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """How a session stands, and the tag of a look that has just been given; None where none can be vouched for."""

    stands: SessionStands
    tag: str | None


def of(work: Work, session_id: UUID, derived: Derived) -> Tagged:
    """The tag of a look at a session that this work has loaded. What could not be worked out is looked at anew."""
    stands = unchanged.stands(work, session_id)
    assert stands is not None, "asked of sessions that were loaded"
    return Tagged(stands, None if derived.failed else _tag(work, session_id, stands))


def known(work: Work, session_id: UUID, tags: Collection[str]) -> Tagged | None:
    """The tag that still is good, of those somebody holds; None where there is none, and a look has to be made."""
    stands = unchanged.stands(work, session_id)
    if stands is None or (stands.next_change_at is not None and stands.next_change_at <= work.now):
        return None
    tag = _tag(work, session_id, stands)
    return Tagged(stands, tag) if tag in tags else None


def _tag(work: Work, session_id: UUID, stands: SessionStands) -> str:
    given = (str(work.clinic_id), str(work.actor.id), str(session_id))
    return digest((__version__, *given, *stands.rests_on))[:LENGTH]
