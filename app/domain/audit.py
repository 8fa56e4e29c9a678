"""The audit as it is shown, and the log: what is no fact of the record (reads, refusals, sign-ins), as a hash chain.

The record is its own audit (`journal`). The log of a clinic is sealed in batches, a moment after it was written; each
batch also links the head of every stream of the journal that moved, so that a stream cut short shows. A log cut short
shows only against an anchor kept elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from app.domain.canonical import Document, digest
from app.domain.facts import START
from app.domain.instants import to_text

LOG = "log"
"""The stream of what is no fact."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Who did what to what, when by both clocks (`at` the clinic's), on which tablet, before and after, and why."""

    id: UUID
    clinic_id: UUID
    stream: str
    at: datetime
    wall_at: datetime
    action: str
    actor_id: UUID | None
    actor_name: str
    actor_role: str
    tablet_id: UUID | None
    subject: str
    subject_id: str
    session_id: UUID | None
    patient_id: UUID | None
    before: Document | None
    after: Document | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link of a chain: what a seal or an outside anchor holds on to."""

    stream: str
    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class Link:
    """One link: it holds an event, or the head of another chain. Positions count from 1."""

    stream: str
    position: int
    event_id: UUID | None
    head: Head | None
    prev: str
    hash: str


class Tampering(StrEnum):
    """What was done to a row, as far as the hashes tell."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    SWAPPED = "swapped"
    MOVED = "moved"
    CUT_OFF = "cut off"
    REWRITTEN = "rewritten"
    """Its own hashes hold, and a seal or an anchor knows others: written anew, or an older copy put back."""
    UNSEALED = "unsealed"
    """Longer than a seal takes: sealing has stopped, or it was slipped in behind the last seal."""
    DIFFERS = "differs"
    """A look-up row is not what the journal comes to."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that does not hold, what was done to it, and why."""

    position: int
    event_id: UUID | None
    because: str
    kind: Tampering = Tampering.CHANGED


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What was found of one chain: its links up to the first bad row, its head, every bad row, events not sealed."""

    stream: str
    links: int
    head: Head | None
    wrong: tuple[BadRow, ...]
    unsealed: int

    @property
    def bad(self) -> BadRow | None:
        """The first bad row."""
        return self.wrong[0] if self.wrong else None

    @property
    def holds(self) -> bool:
        """Whether every link holds."""
        return not self.wrong


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def event_document(event: AuditEvent) -> Document:
    """Everything of an event that its link covers: all of it."""
    return {
        "id": str(event.id),
        "clinic_id": str(event.clinic_id),
        "stream": event.stream,
        "at": to_text(event.at),
        "wall_at": to_text(event.wall_at),
        "action": event.action,
        "actor": {"id": _text(event.actor_id), "name": event.actor_name, "role": event.actor_role},
        "tablet_id": _text(event.tablet_id),
        "subject": event.subject,
        "subject_id": event.subject_id,
        "session_id": _text(event.session_id),
        "patient_id": _text(event.patient_id),
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
    }


def link_hash(prev: str, position: int, stream: str, entry: AuditEvent | Head) -> str:
    """SHA-256 (hexadecimal) over the hash before, the place, and the entry."""
    document: dict[str, Document | str | int] = {"prev": prev, "position": position, "stream": stream}
    match entry:
        case AuditEvent():
            document["event"] = event_document(entry)
        case Head():
            document["head"] = {"stream": entry.stream, "position": entry.position, "hash": entry.hash}
        case _:
            assert_never(entry)
    return digest(document)


def next_link(before: Head | None, stream: str, entry: AuditEvent | Head) -> Link:
    """The link that follows `before` (None at the start of a chain)."""
    position = before.position + 1 if before else 1
    prev = before.hash if before else START
    return Link(
        stream=stream,
        position=position,
        event_id=entry.id if isinstance(entry, AuditEvent) else None,
        head=entry if isinstance(entry, Head) else None,
        prev=prev,
        hash=link_hash(prev, position, stream, entry),
    )


LATE = timedelta(minutes=1)
"""Longer than this nothing lies unsealed: the sealer comes by about once a second."""


@dataclass(frozen=True, slots=True)
class Tail:
    """What no link holds yet. `waiting`: events in line for a seal; `loose`: others; `lost`: in line, but gone."""

    waiting: tuple[AuditEvent, ...] = ()
    loose: tuple[AuditEvent, ...] = ()
    lost: tuple[UUID, ...] = ()


def _own_fault(link: Link, event: AuditEvent | None) -> BadRow | None:
    """What is wrong with a link by itself: it carries the hash before it, so nothing else is looked at."""
    entry = link.head if link.head is not None else event
    if entry is None:
        return BadRow(link.position, link.event_id, f"its event {link.event_id} is gone", Tampering.MISSING)
    if isinstance(entry, AuditEvent) and entry.id != link.event_id:
        return BadRow(link.position, link.event_id, f"it names event {link.event_id} and holds another")
    if link.hash != link_hash(link.prev, link.position, link.stream, entry):
        return BadRow(link.position, link.event_id, "its content was changed after it was linked")
    return None


def verify(
    stream: str,
    entries: Iterable[tuple[Link, AuditEvent | None]],
    anchors: Mapping[int, str] | None = None,
    tail: Tail | None = None,
    wall: datetime | None = None,
    before: Head | None = None,
) -> ChainCheck:
    """Checks the log link by link, in order of position, holding those that do not hold and one more.

    `anchors`: position -> hash, from an outside file. `wall`: the wall clock now, where it counts how old the tail is.
    `before`: the link that the first of these follows, where a part of the log is checked by itself.
    """
    held, tail = anchors or {}, tail or Tail()
    head = before
    wrong: list[BadRow] = []
    broken: list[tuple[Link, AuditEvent | None]] = []
    count, sound = 0, True
    for link, event in entries:
        end = head.position if head else 0
        bad = _own_fault(link, event)
        if link.position != end + 1:
            because = f"link {end + 1} is missing"
            wrong.append(BadRow(end + 1, None, because, Tampering.MISSING))
        elif bad is None and sound and link.prev != (head.hash if head else START):
            because = "it does not follow from the link before it, which was written anew"
            bad = BadRow(link.position, link.event_id, because, Tampering.REWRITTEN)
        if bad is None and held.get(link.position, link.hash) != link.hash:
            because = "an anchor kept elsewhere holds another hash for it"
            bad = BadRow(link.position, link.event_id, because, Tampering.REWRITTEN)
        if bad is not None:
            wrong.append(bad)
            broken.append((link, event))
        count, sound = count + (not wrong), bad is None
        head = Head(stream=stream, position=link.position, hash=link.hash)
    end = head.position if head else 0
    if (furthest := max(held, default=0)) > end:
        because = f"the chain ends at {end}, but an anchor knows link {furthest}: its tail was cut off"
        wrong.append(BadRow(end + 1, None, because, Tampering.CUT_OFF))
    wrong = [*_swapped(wrong, broken), *_behind(tail, end, wall)]
    return ChainCheck(stream, count, head, tuple(wrong), len(tail.waiting))


MOST_COMPARED = 100
"""Broken links that are held against each other; of more it is only said where they are."""


def _swapped(wrong: list[BadRow], broken: list[tuple[Link, AuditEvent | None]]) -> list[BadRow]:
    """Where two broken links hold each other's place, that is said of both instead."""
    if len(broken) > MOST_COMPARED:
        return wrong
    found: dict[int, int] = {}
    for link, event in broken:
        entry = link.head if link.head is not None else event
        for other, _ in broken:
            if entry is not None and link.hash == link_hash(link.prev, other.position, link.stream, entry):
                found[link.position] = other.position
    return [
        replace(one, because=f"it was linked as {found[one.position]}", kind=Tampering.SWAPPED)
        if found.get(one.position, one.position) != one.position
        else one
        for one in wrong
    ]


def _behind(tail: Tail, end: int, wall: datetime | None) -> Iterable[BadRow]:
    """What is wrong with what lies behind the last link."""
    for event in tail.loose:
        because = f"event {event.id} was slipped in behind the last seal: it is not in line for one"
        yield BadRow(end + 1, event.id, because, Tampering.ADDED)
    for name in tail.lost:
        because = f"event {name} is gone, which was in line for a seal"
        yield BadRow(end + 1, name, because, Tampering.MISSING)
    for event in tail.waiting:
        if wall is not None and wall - event.wall_at > LATE:
            because = (
                f"event {event.id} of {to_text(event.wall_at)} is not sealed: sealing stopped, or it was slipped in"
            )
            yield BadRow(end + 1, event.id, because, Tampering.UNSEALED)
