"""The audit proof: a session's chain as kept, with the clinic's seals on it, as documents and back.

The chain speaks of every reading and event by itself, so a record that was made to look otherwise does not fit it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.audit import (
    CLINIC_STREAM,
    AuditEvent,
    Head,
    Link,
    event_document,
    link_hash,
    session_stream,
    verify,
)
from app.domain.canonical import Document, canonical_json
from app.domain.instants import from_text
from app.domain.numbers import whole

KEPT_AT_ARRIVAL = ("revision", "recorded_at", "recorded_by", "tablet_id", "reason", "void")
"""What a fact of the record has beside its own content."""


class NotAChain(ValueError):
    """The proof does not have the form it is written in."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of a chain: what is wrong, in sentences; how many links; up to which one a seal holds it."""

    wrong: tuple[str, ...]
    links: int
    head: str | None
    sealed: int


def _head(head: Head | None) -> Document | None:
    return {"stream": head.stream, "position": head.position, "hash": head.hash} if head else None


def proof_document(chain: Iterable[tuple[Link, AuditEvent | None]], seals: Iterable[Link]) -> Document:
    """`{chain: [{position, prev, hash, event}], seals: [{position, prev, hash, head}]}`."""
    return {
        "chain": [
            {
                "position": link.position,
                "prev": link.prev,
                "hash": link.hash,
                "event": event_document(event) if event else None,
            }
            for link, event in chain
        ],
        "seals": [
            {"position": link.position, "prev": link.prev, "hash": link.hash, "head": _head(link.head)}
            for link in seals
        ],
    }


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _event_from(document: Mapping[str, Any]) -> AuditEvent:
    """The inverse of `event_document`."""
    actor = document["actor"]
    event = AuditEvent(
        id=UUID(document["id"]),
        clinic_id=UUID(document["clinic_id"]),
        stream=document["stream"],
        at=from_text(document["at"]),
        wall_at=from_text(document["wall_at"]),
        action=document["action"],
        actor_id=_id(actor["id"]),
        actor_name=actor["name"],
        actor_role=actor["role"],
        tablet_id=_id(document["tablet_id"]),
        subject=document["subject"],
        subject_id=document["subject_id"],
        session_id=_id(document["session_id"]),
        patient_id=_id(document["patient_id"]),
        before=document["before"],
        after=document["after"],
        reason=document["reason"],
    )
    if canonical_json(event_document(event)) != canonical_json(dict(document)):
        raise NotAChain(f"event {event.id} is not spelt as it is kept")
    return event


def _links(entries: Iterable[Mapping[str, Any]], stream: str) -> list[tuple[Link, AuditEvent | None]]:
    found = []
    for one in entries:
        event = _event_from(one["event"]) if one["event"] is not None else None
        link = Link(stream, one["position"], event.id if event else None, None, one["prev"], one["hash"])
        found.append((link, event))
    return found


def check_proof(
    proof: Mapping[str, Any], content: Mapping[str, Any], anchors: Mapping[str, Mapping[int, str]]
) -> Proof:
    """Recomputes every link and seal, and holds the record against what the chain says. Raises `NotAChain`.

    `anchors`: stream, position, hash, kept elsewhere; they outrank everything in the pack.
    """
    try:
        stream = session_stream(UUID(content["session"]["id"]))
        chain = _links(proof["chain"], stream)
        wrong, seals = [], {}
        for one in proof["seals"]:
            head = Head(**one["head"])
            link = Link(CLINIC_STREAM, one["position"], None, head, one["prev"], one["hash"])
            if head.stream != stream or link.hash != link_hash(link.prev, link.position, CLINIC_STREAM, head):
                wrong.append(f"the clinic's seal at link {link.position} does not hold")
            if anchors.get(CLINIC_STREAM, {}).get(link.position, link.hash) != link.hash:
                wrong.append(f"an anchor kept elsewhere holds another hash for the clinic's link {link.position}")
            seals[head.position] = head.hash
        verdict = verify(stream, chain, seals | dict(anchors.get(stream, {})))
        if verdict.bad is not None:
            wrong.append(f"link {verdict.bad.position} of the session's chain: {verdict.bad.because}")
        if not chain:
            wrong.append("it is empty, and every session has a chain from its planning on")
        wrong += _told_otherwise([event for _, event in chain if event is not None], content)
    except NotAChain:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotAChain(f"it cannot be read ({type(error).__name__})") from None
    return Proof(
        wrong=tuple(wrong),
        links=verdict.links,
        head=verdict.head.hash if verdict.head else None,
        sealed=max(seals, default=0),
    )


def _told_otherwise(chain: Iterable[AuditEvent], content: Mapping[str, Any]) -> list[str]:
    """Readings and events on which the chain and the record differ, or which only one of them knows."""
    told: dict[tuple[str, str, int], bytes] = {}
    voided: set[tuple[str, str]] = set()
    for event in chain:
        if event.subject not in {"reading", "event"}:
            continue
        if event.action.endswith(".voided"):
            voided.add((event.subject, event.subject_id))
        elif event.after is not None:
            revision = event.after.get("revision", 1)
            told[event.subject, event.subject_id, whole(str(revision))] = canonical_json(event.after)
    kept: dict[tuple[str, str, int], bytes] = {}
    kept_void: set[tuple[str, str]] = set()
    for kind, facts in (("reading", content["readings"]), ("event", content["events"])):
        for fact in facts:
            if fact["void"] is not None:
                kept_void.add((kind, fact["id"]))
            for each in fact["revisions"] if kind == "reading" else [fact]:
                own = {name: value for name, value in each.items() if name not in KEPT_AT_ARRIVAL}
                if kind == "reading":
                    own["revision"] = each["revision"]
                kept[kind, fact["id"], each["revision"]] = canonical_json(own)
    wrong = [
        f"{kind} {name} revision {revision}: {_difference((kind, name, revision), told, kept)}"
        for kind, name, revision in sorted(told.keys() | kept.keys())
        if told.get((kind, name, revision)) != kept.get((kind, name, revision))
    ]
    wrong += [f"{kind} {name}: the record and the chain differ on its being void" for kind, name in voided ^ kept_void]
    return wrong


def _difference(
    key: tuple[str, str, int], told: Mapping[tuple[str, str, int], bytes], kept: Mapping[tuple[str, str, int], bytes]
) -> str:
    if key not in kept:
        return "the chain knows it, the record does not"
    if key not in told:
        return "the record has it, the chain does not know it"
    return "the chain says otherwise than the record"
