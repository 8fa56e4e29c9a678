"""The audit proof: the journal of a session as kept, with the log's seals on it, as documents and back.

The record of a pack is what its journal comes to: folded anew, it must say the same in every word. So a record that
was made to look otherwise does not fit it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.audit import LOG, Head, Link, link_hash
from app.domain.canonical import Document, canonical_json, digest
from app.domain.folding import fold
from app.domain.instants import from_text, from_text_or_none
from app.domain.journal import Entry, entry_document, session_stream, verify
from app.domain.records import SessionRecord, Signer
from app.exchange.pack.content import recorded

DERIVED = {"session": ("state",), "readings": ("phase", "concerns")}
"""What the record of a pack says beside its journal, worked out from it."""


class NotAChain(ValueError):
    """The proof does not have the form it is written in."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of a journal: what is wrong, in sentences; how many entries; up to which one a seal holds it.

    `record`: what the journal comes to; None where it does not hold, or the record of the pack says otherwise.
    """

    wrong: tuple[str, ...]
    links: int
    head: str | None
    sealed: int
    record: SessionRecord | None


def proof_document(entries: Iterable[Entry], seals: Iterable[Link]) -> Document:
    """`{journal: [entry with its hash], seals: [{position, prev, hash, head}]}`."""
    return {
        "journal": [{**entry_document(entry), "hash": entry.hash} for entry in entries],
        "seals": [
            {
                "position": link.position,
                "prev": link.prev,
                "hash": link.hash,
                "head": {"stream": link.head.stream, "position": link.head.position, "hash": link.head.hash},
            }
            for link in seals
            if link.head is not None
        ],
    }


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _entry_from(document: Mapping[str, Any]) -> Entry:
    """The inverse of `entry_document`."""
    by = document["by"]
    entry = Entry(
        clinic_id=UUID(document["clinic_id"]),
        stream=document["stream"],
        position=document["position"],
        id=UUID(document["id"]),
        kind=document["kind"],
        fact_id=document["fact_id"],
        revision=document["revision"],
        at=from_text_or_none(document["at"]),
        action=document["action"],
        patient_id=_id(document["patient_id"]),
        text=canonical_json(document["document"]).decode(),
        by=Signer(_id(by["id"]), by["name"], by["role"]),
        tablet_id=_id(document["tablet_id"]),
        reason=document["reason"],
        sent_as=_id(document["sent_as"]),
        recorded_at=from_text(document["recorded_at"]),
        wall_at=from_text(document["wall_at"]),
        hash=document["hash"],
    )
    if canonical_json({**entry_document(entry), "hash": entry.hash}) != canonical_json(dict(document)):
        raise NotAChain(f"entry {entry.id} is not spelt as it is kept")
    return entry


def _seals(proof: Mapping[str, Any], anchors: Mapping[int, str]) -> tuple[dict[str, dict[int, str]], list[str]]:
    """Stream, position, hash as the log's links hold them; and what is wrong with these."""
    found: dict[str, dict[int, str]] = {}
    wrong = []
    for one in proof["seals"]:
        head = Head(**one["head"])
        link = Link(LOG, one["position"], None, head, one["prev"], one["hash"])
        if link.hash != link_hash(link.prev, link.position, LOG, head):
            wrong.append(f"the log's seal at link {link.position} does not hold")
        if anchors.get(link.position, link.hash) != link.hash:
            wrong.append(f"an anchor kept elsewhere holds another hash for the log's link {link.position}")
        found.setdefault(head.stream, {})[head.position] = head.hash
    return found, wrong


def check_proof(
    proof: Mapping[str, Any], content: Mapping[str, Any], anchors: Mapping[str, Mapping[int, str]]
) -> Proof:
    """Recomputes every entry and seal, and holds the record against what the journal says. Raises `NotAChain`.

    `anchors`: stream, position, hash, kept elsewhere; they outrank everything in the pack.
    """
    try:
        record: SessionRecord | None = None
        session_id = UUID(content["session"]["id"])
        own = session_stream(session_id)
        entries = [_entry_from(one) for one in proof["journal"]]
        seals, wrong = _seals(proof, anchors.get(LOG, {}))
        streams: dict[str, list[Entry]] = {own: []}
        for entry in entries:
            streams.setdefault(entry.stream, []).append(entry)
        wrong += [f"a seal is of {stream}, of which the pack has nothing" for stream in seals.keys() - streams.keys()]
        if any(str(entry.clinic_id) != content["clinic"]["id"] for entry in entries):
            wrong.append("an entry of it is of another clinic than the record")
        checks = {}
        for stream, held in streams.items():
            check = checks[stream] = verify(stream, held, seals.get(stream, {}) | dict(anchors.get(stream, {})))
            if check.bad is not None:
                wrong.append(f"entry {check.bad.position} of {stream}: {check.bad.because}")
        if not streams[own]:
            wrong.append("it is empty, and every session has a journal from its planning on")
        elif not wrong:
            if missing := _whose(content) ^ streams.keys():
                wrong.append(f"{', '.join(sorted(missing))}: the record and the journal are not of the same streams")
            else:
                record = fold(session_id, [entry for stream in sorted(streams) for entry in streams[stream]])
                wrong += [*_not_as_signed(record), *_told_otherwise(record, content)]
    except NotAChain:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise NotAChain(f"it cannot be read ({type(error).__name__})") from None
    head = checks[own].head
    return Proof(
        wrong=tuple(wrong),
        links=sum(check.links for check in checks.values()),
        head=head.hash if head else None,
        sealed=max(seals.get(own, {}), default=0),
        record=None if wrong else record,
    )


def _whose(content: Mapping[str, Any]) -> set[str]:
    """The streams that a record comes from."""
    found = {f"session:{content['session']['id']}", f"patient:{content['patient']['id']}"}
    if content["session"]["course_id"] is not None:
        found.add(f"course:{content['session']['course_id']}")
    return found


def _not_as_signed(record: SessionRecord) -> list[str]:
    """The assessments that are not what their digest, which is what people sign, was taken of."""
    wrong = (kept.number for kept in record.assessments if digest(kept.document) != kept.digest)
    return [f"assessment {number} is not what its digest was taken of" for number in wrong]


def _told_otherwise(record: SessionRecord, content: Mapping[str, Any]) -> list[str]:
    """The parts of the record on which it and its journal differ."""
    return [
        f"{part}: the record and the journal differ"
        for part, journalled in recorded(record).items()
        if canonical_json(_typed(part, content[part])) != canonical_json(journalled)
    ]


def _typed(part: str, told: Any) -> Any:
    """A part of the record without what is worked out."""
    derived = DERIVED.get(part, ())
    if not derived:
        return told
    if isinstance(told, list):
        return [{name: value for name, value in one.items() if name not in derived} for one in told]
    return {name: value for name, value in told.items() if name not in derived}
