"""Streams that were read lately, by their heads: each is decoded once, and not at every look.

What a session came to is remembered with it: that follows from the stream and, of all else, from the tablets alone.

What is remembered is used only where its head is the one that the stream's row says. A hash names all that went before
it, so nothing that was rolled back, changed elsewhere or kept by another process can be taken for it.
"""

from collections import OrderedDict
from threading import Lock
from uuid import UUID

from app.domain.audit import Head
from app.domain.derive import Derived
from app.domain.folding import Folding

MOST = 256
"""Sessions that are remembered: those under way in a large clinic, and some more. As many patients and courses."""

Held = OrderedDict[tuple[UUID, str], tuple[str, Folding, Derived | None]]
_HELD: Held = OrderedDict()
_AROUND: Held = OrderedDict()
_TURN = Lock()


def _of(stream: str) -> Held:
    return _HELD if stream.startswith("session:") else _AROUND


def recall(clinic_id: UUID, head: Head) -> tuple[Folding, Derived | None] | None:
    """What a stream holds up to this head (not to be added to), and what that came to; None where it is forgotten."""
    key, held = (clinic_id, head.stream), _of(head.stream)
    with _TURN:
        found = held.get(key)
        if found is None or found[0] != head.hash:
            return None
        held.move_to_end(key)
    return found[1], found[2]


def remember(clinic_id: UUID, head: Head, folding: Folding, derived: Derived | None = None) -> None:
    """What a stream holds up to this head, and what that came to, for whoever asks next. Nobody may add to it."""
    key, held = (clinic_id, head.stream), _of(head.stream)
    with _TURN:
        held[key] = (head.hash, folding, derived)
        held.move_to_end(key)
        while len(held) > MOST:
            held.popitem(last=False)


def came_to(clinic_id: UUID, head: Head, derived: Derived) -> None:
    """What a stream that is remembered up to this head comes to."""
    key = (clinic_id, head.stream)
    with _TURN:
        found = _HELD.get(key)
        if found is not None and found[0] == head.hash:
            _HELD[key] = (head.hash, found[1], derived)
