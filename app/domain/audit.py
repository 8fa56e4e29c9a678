"""The audit as it is shown, and the log: what is no fact of the record (reads, refusals, sign-ins), as a hash chain.

The record is its own audit (`journal`). The log of a clinic is sealed in batches, a moment after it was written; each
batch also links the head of every stream of the journal that moved, so that a stream cut short shows. A log cut short
shows only against an anchor kept elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class BadRow:
    """The first row that does not hold, and why."""

    position: int
    event_id: UUID | None
    because: str


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What was found of one chain: how many links hold, its head, the first bad row, how many events await a seal."""

    stream: str
    links: int
    head: Head | None
    bad: BadRow | None
    unsealed: int

    @property
    def holds(self) -> bool:
        """Whether every link holds."""
        return self.bad is None


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


def _fault(link: Link, event: AuditEvent | None, before: Head | None, anchors: Mapping[int, str]) -> str | None:
    expected = before.position + 1 if before else 1
    if link.position != expected:
        return f"link {expected} is missing"
    if link.prev != (before.hash if before else START):
        return "it does not follow from the link before it"
    entry = link.head if link.head is not None else event
    if entry is None:
        return f"its event {link.event_id} is gone"
    if isinstance(entry, AuditEvent) and entry.id != link.event_id:
        return f"it names event {link.event_id} and holds another"
    if link.hash != link_hash(link.prev, link.position, link.stream, entry):
        return "its content was changed after it was linked"
    if link.position in anchors and anchors[link.position] != link.hash:
        return "an anchor kept elsewhere holds another hash for it"
    return None


def verify(
    stream: str,
    entries: Iterable[tuple[Link, AuditEvent | None]],
    anchors: Mapping[int, str] | None = None,
    unsealed: int = 0,
) -> ChainCheck:
    """Checks the log link by link, in order of position, holding one link at a time.

    `anchors`: position -> hash, from an outside file. `unsealed`: events that no link holds yet.
    """
    held = anchors or {}
    head: Head | None = None
    count = 0
    for link, event in entries:
        because = _fault(link, event, head, held)
        if because is not None:
            bad = BadRow(position=link.position, event_id=link.event_id, because=because)
            return ChainCheck(stream=stream, links=count, head=head, bad=bad, unsealed=unsealed)
        head = Head(stream=stream, position=link.position, hash=link.hash)
        count += 1
    end = head.position if head else 0
    furthest = max(held, default=0)
    if furthest > end:
        bad = BadRow(
            end + 1, None, f"the chain ends at {end}, but an anchor knows link {furthest}: its tail was cut off"
        )
        return ChainCheck(stream=stream, links=count, head=head, bad=bad, unsealed=unsealed)
    return ChainCheck(stream=stream, links=count, head=head, bad=None, unsealed=unsealed)
