"""Sessions that were read lately, by the head of their stream: each is decoded once, and not at every look.

What is remembered is used only where its head is the one that the session's row says. A hash names all that went before
it, so nothing that was rolled back, changed elsewhere or kept by another process can be taken for it.
"""

from collections import OrderedDict
from threading import Lock
from uuid import UUID

from app.domain.audit import Head
from app.domain.folding import Folding

MOST = 256
"""Sessions that are remembered: those under way in a large clinic, and some more."""

_HELD: OrderedDict[tuple[UUID, str], tuple[str, Folding]] = OrderedDict()
_TURN = Lock()


def recall(clinic_id: UUID, head: Head) -> Folding | None:
    """A copy of what a stream holds up to this head; None where it is not remembered."""
    key = (clinic_id, head.stream)
    with _TURN:
        found = _HELD.get(key)
        if found is None or found[0] != head.hash:
            return None
        _HELD.move_to_end(key)
    return found[1].copy()


def remember(clinic_id: UUID, head: Head, folding: Folding) -> None:
    """What a stream holds up to this head, for whoever asks next."""
    with _TURN:
        _HELD[clinic_id, head.stream] = (head.hash, folding.own())
        _HELD.move_to_end((clinic_id, head.stream))
        while len(_HELD) > MOST:
            _HELD.popitem(last=False)
