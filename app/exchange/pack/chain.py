"""The audit proof: the journal of a session as kept, with the log's seals on it, as documents and back.

The record of a pack is what its journal comes to: folded anew, it must say the same in every word. So a record that
was made to look otherwise does not fit it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.audit import LOG, Head, Link, link_hash
from app.domain.canonical import Document, canonical_json, digest
from app.domain.documents import header_from
from app.domain.instants import from_text, from_text_or_none
from app.domain.journal import Entry, Kind, entry_document, session_stream
from app.domain.records import SessionRecord, Signer
from app.domain.tampering import Faulty, Known, explain, verify
from app.exchange.pack.content import DERIVED, PackContent, content_document
from app.exchange.pack.sources import pack_content, streams_of


class NotAChain(ValueError):
    """The proof does not have the form it is written in."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of a journal: what is wrong, in sentences; how many entries; up to which one a seal holds it.

    `taken`: what the journal comes to; None where it does not hold, or the record of the pack says otherwise.
    """

    wrong: tuple[str, ...]
    links: int
    head: str | None
    sealed: int
    taken: PackContent | None


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


def _link_from(one: Mapping[str, Any]) -> Link:
    return Link(LOG, one["position"], None, Head(**one["head"]), one["prev"], one["hash"])


def _read(proof: Mapping[str, Any]) -> tuple[list[Entry], list[Link]]:
    entries = [_entry_from(one) for one in proof["journal"]]
    links = [_link_from(one) for one in proof["seals"]]
    if canonical_json(proof_document(entries, links)) != canonical_json(proof):
        raise NotAChain("it holds more than entries and seals, or spells them otherwise")
    return entries, links


def _seals(links: Iterable[Link], anchors: Mapping[int, str]) -> tuple[dict[str, dict[int, str]], list[str]]:
    """Stream, position, hash as the log's links hold them; and what is wrong with these."""
    found: dict[str, dict[int, str]] = {}
    wrong = []
    for link in links:
        head = link.head
        assert head is not None, "a seal holds a head"
        if link.hash != link_hash(link.prev, link.position, LOG, head):
            wrong.append(f"the log's seal at link {link.position} does not hold")
        if anchors.get(link.position, link.hash) != link.hash:
            wrong.append(f"an anchor kept elsewhere holds another hash for the log's link {link.position}")
        found.setdefault(head.stream, {})[head.position] = head.hash
    return found, wrong


def check_proof(
    proof: Mapping[str, Any],
    content: Mapping[str, Any],
    made: tuple[datetime, Signer],
    anchors: Mapping[str, Mapping[int, str]],
    *,
    same: bool,
) -> Proof:
    """Recomputes every entry and seal, and holds the record against what the journal says. Raises `NotAChain`.

    `made`: when the pack was made, and by whom. `anchors`: stream, position, hash, kept elsewhere; they outrank
    everything in the pack. `same`: it was made by this program, which works out the same from the same journal.
    """
    try:
        session_id = UUID(content["session"]["id"])
        entries, links = _read(proof)
        seals, wrong = _seals(links, anchors.get(LOG, {}))
        streams = _streams(entries, [session_stream(session_id), *_whose(content), *sorted(seals)])
        wrong += _of_other_clinics(entries, content["clinic"]["id"])
        checks, faulty = {}, []
        for stream, held in streams.items():
            known = Known(seals=seals.get(stream, {}), outside=anchors.get(stream, {}))
            check = checks[stream] = verify(stream, held, known)
            if not check.holds:
                faulty.append(Faulty(entries[0].clinic_id if entries else session_id, stream, held, known, check))
        for (_, stream), bads in explain(faulty).items():
            wrong += [f"entry {bad.position} of {stream}: {bad.kind.value}: {bad.because}" for bad in bads]
        taken = None if wrong else _taken(session_id, entries, links, made, wrong)
        if taken is not None:
            wrong += [*_not_as_signed(taken.record), *_told_otherwise(taken, content, same=same)]
    except NotAChain:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise NotAChain(f"it cannot be read ({type(error).__name__})") from None
    own = session_stream(session_id)
    head = checks[own].head
    return Proof(
        wrong=tuple(wrong),
        links=sum(check.links for check in checks.values()),
        head=head.hash if head else None,
        sealed=max(seals.get(own, {}), default=0),
        taken=None if wrong else taken,
    )


def _whose(content: Mapping[str, Any]) -> list[str]:
    """The streams that the record says it is of, whether the pack has them or not."""
    patient, protocol, course = content["session"]["patient_id"], content["protocol"], content["session"]["course_id"]
    named = [
        f"clinic-sheet:{content['clinic']['id']}",
        f"patient:{patient}",
        f"protocol:{protocol['id']}/{protocol['version']}",
    ]
    return named if course is None else [*named, f"course:{course}"]


def _streams(entries: Iterable[Entry], named: Iterable[str]) -> dict[str, list[Entry]]:
    """The entries by their streams; those that are named are there, if only empty."""
    streams: dict[str, list[Entry]] = {stream: [] for stream in named}
    for entry in entries:
        streams.setdefault(entry.stream, []).append(entry)
    return streams


def _of_other_clinics(entries: Iterable[Entry], clinic: str) -> list[str]:
    return [
        f"entry {entry.position} of {entry.stream}: it is of another clinic than the record"
        for entry in entries
        if str(entry.clinic_id) != clinic
    ]


def _taken(
    session_id: UUID, entries: list[Entry], links: list[Link], made: tuple[datetime, Signer], wrong: list[str]
) -> PackContent | None:
    """What the entries come to; None, and `wrong` says why, where they are not those of one session's pack."""
    at, by = made
    found = list(dict.fromkeys(entry.stream for entry in entries))
    headers = [entry for entry in entries if entry.kind == Kind.SESSION]
    if not headers:
        wrong.append(f"{session_stream(session_id)}: it is empty, and every session has a journal from its planning on")
        return None
    wanted = streams_of(headers[0].clinic_id, session_id, header_from(headers[-1].document))
    if found != wanted:
        differing = sorted(set(found) ^ set(wanted)) or ["their order"]
        wrong.append(f"{', '.join(differing)}: the record and the journal are not of the same streams")
        return None
    late = max(entries, key=lambda entry: entry.recorded_at)
    if late.recorded_at > at:
        wrong.append(f"entry {late.position} of {late.stream}: it was kept after the pack was made")
    taken = pack_content(session_id, entries, links, at, by)
    approved = [entry.document for entry in entries if entry.kind == Kind.PROTOCOL_APPROVAL]
    if not any(one["hash"] == taken.protocol.content_hash for one in approved):
        wrong.append("protocol: nobody approved what it says")
    return taken


def _not_as_signed(record: SessionRecord) -> list[str]:
    """The assessments that are not what their digest, which is what people sign, was taken of."""
    wrong = (kept.number for kept in record.assessments if digest(kept.document) != kept.digest)
    return [f"assessment {number} is not what its digest was taken of" for number in wrong]


def _told_otherwise(taken: PackContent, content: Mapping[str, Any], *, same: bool) -> list[str]:
    """The parts of the record on which it and its journal differ; only the `same` program works out the rest of it."""
    made = content_document(taken)
    return [
        f"{part}: the record and the journal differ"
        for part in dict.fromkeys([*made, *content])
        if _spelt(part, made, worked_out=same) != _spelt(part, content, worked_out=same)
    ]


def _spelt(part: str, content: Mapping[str, Any], *, worked_out: bool) -> bytes | None:
    """A part of the record in canonical JSON, with or without what is worked out; None where it is not there."""
    if part not in content:
        return None
    told, derived = content[part], DERIVED.get(part)
    if worked_out or derived is None:
        return canonical_json(told)
    if not derived:
        return b""
    many = told if isinstance(told, list) else [told]
    return canonical_json([{name: value for name, value in one.items() if name not in derived} for one in many])
