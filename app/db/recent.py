"""Streams that were read lately, by their heads: each is decoded once, and not at every look.

What a session came to is remembered with it: that follows from the stream and, of all else, from the tablets alone.

What is remembered is used only where its head is the one that the stream's row says. A hash names all that went before
it, so nothing that was rolled back, changed elsewhere or kept by another process can be taken for it.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from app.domain.audit import Head
from app.domain.derive import Derived
from app.domain.folding import Folding
from app.memory import Memory

MOST = 256
"""Sessions that are remembered: those under way in a large clinic, and some more. As many patients and courses."""


@dataclass(frozen=True, slots=True)
class _Read:
    hash: str
    folding: Folding
    derived: Derived | None


_HELD: Memory[tuple[UUID, str], _Read] = Memory(MOST)
_AROUND: Memory[tuple[UUID, str], _Read] = Memory(MOST)


def _of(stream: str) -> Memory[tuple[UUID, str], _Read]:
    return _HELD if stream.startswith("session:") else _AROUND


def recall(clinic_id: UUID, head: Head) -> tuple[Folding, Derived | None] | None:
    """What a stream holds up to this head (not to be added to), and what that came to; None where it is forgotten."""
    found = _of(head.stream).get((clinic_id, head.stream))
    if found is None or found.hash != head.hash:
        return None
    return found.folding, found.derived


def remember(clinic_id: UUID, head: Head, folding: Folding, derived: Derived | None = None) -> None:
    """What a stream holds up to this head, and what that came to, for whoever asks next. Nobody may add to it."""
    _of(head.stream).keep((clinic_id, head.stream), _Read(head.hash, folding, derived))


def came_to(clinic_id: UUID, head: Head, derived: Derived) -> None:
    """What a stream that is remembered up to this head comes to."""
    _HELD.change(
        (clinic_id, head.stream),
        lambda found: replace(found, derived=derived) if found.hash == head.hash else found,
    )
