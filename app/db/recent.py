"""Sessions that were read lately, by the head of their stream: each is decoded once, and not at every look.

What one came to is remembered with it: that follows from the stream and, of all else, from the tablets alone.

What is remembered is used only where its head is the one that the session's row says. A hash names all that went before
it, so nothing that was rolled back, changed elsewhere or kept by another process can be taken for it.
"""

from collections import OrderedDict
from threading import Lock
from uuid import UUID

from app.domain.audit import Head
from app.domain.derive import Derived
from app.domain.folding import Folding

MOST = 256
"""Sessions that are remembered: those under way in a large clinic, and some more."""

_HELD: OrderedDict[tuple[UUID, str], tuple[str, Folding, Derived | None]] = OrderedDict()
_TURN = Lock()


def recall(clinic_id: UUID, head: Head) -> tuple[Folding, Derived | None] | None:
    """A copy of what a stream holds up to this head, and what that came to; None where it is not remembered."""
    key = (clinic_id, head.stream)
    with _TURN:
        found = _HELD.get(key)
        if found is None or found[0] != head.hash:
            return None
        _HELD.move_to_end(key)
    return found[1].copy(), found[2]


def remember(clinic_id: UUID, head: Head, folding: Folding, derived: Derived | None = None) -> None:
    """What a stream holds up to this head, and what that came to, for whoever asks next."""
    with _TURN:
        _HELD[clinic_id, head.stream] = (head.hash, folding.own(), derived)
        _HELD.move_to_end((clinic_id, head.stream))
        while len(_HELD) > MOST:
            _HELD.popitem(last=False)


def came_to(clinic_id: UUID, head: Head, derived: Derived) -> None:
    """What a stream that is remembered up to this head comes to."""
    key = (clinic_id, head.stream)
    with _TURN:
        found = _HELD.get(key)
        if found is not None and found[0] == head.hash:
            _HELD[key] = (head.hash, found[1], derived)
