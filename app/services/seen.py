"""Whether a session is still as somebody saw it: then nothing is loaded, and nothing is told a second time.

A look is given with its tag, made of all that the look rests on and of whom it was given to. The tag is good while
nothing of that has moved and time has changed nothing; nobody else's says anything. Nothing is audited where a tag is
good: the look it came with was, for this same person.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import __version__
from app.db import unchanged
from app.db.unchanged import SessionStands
from app.db.work import Work
from app.domain.canonical import digest
from app.domain.derive import Derived
from app.domain.people import Actor

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
    return Tagged(stands, None if derived.failed else _tag(work.actor, session_id, stands))


def still(stands: SessionStands, actor: Actor, session_id: UUID, now: datetime) -> Tagged | None:
    """The tag by which this person or machine may hold a look at the session; None where one has to be made.

    One who was given it was given a look from which nothing has moved, nor has time changed anything.
    """
    if stands.next_change_at is not None and stands.next_change_at <= now:
        return None
    return Tagged(stands, _tag(actor, session_id, stands))


def _tag(actor: Actor, session_id: UUID, stands: SessionStands) -> str:
    given = (str(actor.clinic_id), str(actor.id), str(session_id))
    return digest((__version__, *given, *stands.rests_on))[:LENGTH]
