"""The journal: everything the record holds, as entries in streams, and the chain of hashes that covers all of it.

An entry is a fact, its audit event, its link and its place in the feed; there is no second copy. Each session, patient,
course and protocol version has a stream of its own, and so has the clinic's own sheet; everything else (staff, tablets,
machines, webhooks) is in the clinic's. Positions count from 1, under the lock of the stream's row. What is no fact
(reads, refusals, sign-ins) is in a log.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from app.domain.audit import AuditEvent, Head
from app.domain.canonical import Document, Json, canonical_json, read_canonical
from app.domain.instants import to_text, to_text_or_none
from app.domain.records import Signer

CLINIC = "clinic"
"""The stream of what has none of its own."""


def session_stream(session_id: UUID) -> str:
    """The stream of a session."""
    return f"session:{session_id}"


def patient_stream(patient_id: UUID) -> str:
    """The stream of a patient."""
    return f"patient:{patient_id}"


def course_stream(course_id: UUID) -> str:
    """The stream of a course."""
    return f"course:{course_id}"


def protocol_stream(protocol_id: str, version: int) -> str:
    """The stream of a protocol version: its drafts, then its approvals."""
    return f"protocol:{protocol_id}/{version}"


def clinic_sheet_stream(clinic_id: UUID) -> str:
    """The stream of the clinic's own sheet: a pack carries it, and nothing of staff or tablets with it."""
    return f"clinic-sheet:{clinic_id}"


@lru_cache(maxsize=1024)
def session_of(stream: str) -> UUID | None:
    """The session whose stream this is; None for another's, and for a name that somebody made up."""
    kind, _, name = stream.partition(":")
    try:
        return UUID(name) if kind == "session" else None
    except ValueError:
        return None


class Kind(StrEnum):
    """What an entry keeps. Permanent names, never reused."""

    CLINIC = "clinic"
    SIGNING = "signing-policy"
    CLINIC_SETTINGS = "clinic-settings"
    CLINIC_PAPERS = "clinic-papers"
    """What the clinic's papers say: the site of the monitoring form, the instructions of the after-visit sheet."""
    STAFF = "staff"
    CREDENTIALS = "credentials"
    """That a password was set or an invitation made, and never which."""
    PROVIDER = "provider"
    IDENTITY = "identity"
    """Who somebody of the clinic is at its provider."""
    TABLET = "tablet"
    TABLET_KEY = "tablet-key"
    TABLET_RELEASE = "tablet-release"
    WALL = "wall"
    ORGANISATION = "organisation"
    BREAK_GLASS = "break-glass"
    BREAK_GLASS_END = "break-glass-end"
    """Whoever opened it says that they are done with it."""
    CLIENT = "client"
    WEBHOOK = "webhook"
    PROTOCOL = "protocol"
    PROTOCOL_APPROVAL = "protocol-approval"
    PATIENT = "patient"
    PROGRAMME = "programme"
    """Whether a patient is enrolled in the monitoring programme."""
    COURSE = "course"
    COURSE_CLEARANCE = "course-clearance"
    SESSION = "session"
    SCREENING = "screening"
    OVERRIDE = "override"
    CLEARANCE = "clearance"
    ESCORT = "escort"
    FORM_ANSWERS = "form-answers"
    """What was asked for the monitoring form of a session, and when it was sent."""
    EVENT = "event"
    EVENT_VOID = "event-void"
    READING = "reading"
    READING_VOID = "reading-void"
    BASELINE = "baseline"
    ASSESSMENT = "assessment"
    CONFIRMATION = "confirmation"
    NOTICE = "notice"
    ACKNOWLEDGEMENT = "acknowledgement"
    DISCHARGE = "discharge"
    SENDER = "sender"


REVISED = frozenset(
    {
        Kind.PATIENT,
        Kind.PROGRAMME,
        Kind.COURSE,
        Kind.COURSE_CLEARANCE,
        Kind.SESSION,
        Kind.SCREENING,
        Kind.CLEARANCE,
        Kind.ESCORT,
        Kind.FORM_ANSWERS,
        Kind.READING,
    }
)
"""Kinds of which the feed tells the revision."""


@dataclass(frozen=True, slots=True)
class Said:
    """How the audit and the feed speak of a kind: the first revision's action, every later one's, and the subject."""

    first: str
    later: str
    subject: str


SAID: dict[Kind, Said] = {
    Kind.CLINIC: Said("clinic.created", "clinic.created", "clinic"),
    Kind.SIGNING: Said("signing.set", "signing.set", "clinic"),
    Kind.CLINIC_SETTINGS: Said("clinic.settled", "clinic.settled", "clinic"),
    Kind.CLINIC_PAPERS: Said("papers.settled", "papers.settled", "clinic"),
    Kind.STAFF: Said("staff.added", "staff.revised", "staff"),
    Kind.CREDENTIALS: Said("password.changed", "password.changed", "staff"),
    Kind.PROVIDER: Said("provider.settled", "provider.settled", "clinic"),
    Kind.IDENTITY: Said("identity.linked", "identity.linked", "staff"),
    Kind.TABLET: Said("tablet.enrolled", "tablet.revised", "tablet"),
    Kind.TABLET_KEY: Said("tablet.key-made", "tablet.key-made", "tablet"),
    Kind.TABLET_RELEASE: Said("tablet.released", "tablet.released", "tablet"),
    Kind.WALL: Said("wall.made", "wall.revised", "wall"),
    Kind.ORGANISATION: Said("organisation.named", "organisation.named", "clinic"),
    Kind.BREAK_GLASS: Said("break-glass.opened", "break-glass.reviewed", "break-glass"),
    Kind.BREAK_GLASS_END: Said("break-glass.ended", "break-glass.ended", "break-glass"),
    Kind.PROTOCOL: Said("protocol.drafted", "protocol.drafted", "protocol"),
    Kind.PROTOCOL_APPROVAL: Said("protocol.approved", "protocol.approved", "protocol"),
    Kind.PATIENT: Said("patient.added", "patient.revised", "patient"),
    Kind.PROGRAMME: Said("programme.kept", "programme.kept", "patient"),
    Kind.COURSE: Said("course.added", "course.revised", "course"),
    Kind.COURSE_CLEARANCE: Said("course.cleared", "course.cleared", "course"),
    Kind.SESSION: Said("session.planned", "session.revised", "session"),
    Kind.SCREENING: Said("screening.kept", "screening.kept", "screening"),
    Kind.OVERRIDE: Said("screening.overridden", "screening.overridden", "screening"),
    Kind.CLEARANCE: Said("session.cleared", "session.cleared", "clearance"),
    Kind.ESCORT: Said("escort.kept", "escort.kept", "escort"),
    Kind.FORM_ANSWERS: Said("form.answered", "form.answered", "session"),
    Kind.EVENT: Said("event.recorded", "event.recorded", "event"),
    Kind.EVENT_VOID: Said("event.voided", "event.voided", "event"),
    Kind.READING: Said("reading.recorded", "reading.corrected", "reading"),
    Kind.READING_VOID: Said("reading.voided", "reading.voided", "reading"),
    Kind.BASELINE: Said("baseline.set", "baseline.set", "session"),
    Kind.NOTICE: Said("notice.raised", "notice.raised", "notice"),
    Kind.ACKNOWLEDGEMENT: Said("notice.acknowledged", "notice.acknowledged", "notice"),
    Kind.DISCHARGE: Said("discharge.recorded", "discharge.recorded", "session"),
    Kind.SENDER: Said("sent-for", "sent-for", "staff"),
}
"""Of the other kinds the action depends on what happened, and the fact says it itself."""
SUBJECTS: dict[str, str] = {kind.value: said.subject for kind, said in SAID.items()}
"""What the audit calls the subject of a kind; of those not named, the kind itself."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is to be kept: of which kind, which one, which revision of it, and its document.

    `at`: the fact's own instant, where it has one. `action`: what the audit calls this, where `SAID` does not say.
    `sent_as`: the id under which a correction was sent.
    """

    kind: Kind
    id: str
    document: Document
    revision: int = 1
    at: datetime | None = None
    action: str | None = None
    reason: str | None = None
    patient_id: UUID | None = None
    sent_as: UUID | None = None

    @property
    def called(self) -> str:
        """The action, as the audit and the feed call it."""
        if self.action is not None:
            return self.action
        said = SAID[self.kind]
        return said.first if self.revision == 1 else said.later


_OWN: dict[Kind, str] = {
    Kind.CLINIC: "clinic-sheet",
    Kind.PATIENT: "patient",
    Kind.PROGRAMME: "patient",
    Kind.COURSE: "course",
    Kind.COURSE_CLEARANCE: "course",
    Kind.PROTOCOL: "protocol",
    Kind.PROTOCOL_APPROVAL: "protocol",
}


def stream_of(fact: Fact, session_id: UUID | None) -> str:
    """The stream that a fact is kept in; `session_id` where it is a session's."""
    if session_id is not None:
        return session_stream(session_id)
    own = _OWN.get(fact.kind)
    return CLINIC if own is None else f"{own}:{fact.id}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as kept: its place, who kept it, when by both clocks, and the hash that covers this and all before it.

    `text`: the document's canonical JSON, as it lies there.
    """

    clinic_id: UUID
    stream: str
    position: int
    id: UUID
    kind: str
    fact_id: str
    revision: int
    at: datetime | None
    action: str
    patient_id: UUID | None
    text: str
    by: Signer
    tablet_id: UUID | None
    reason: str | None
    sent_as: UUID | None
    recorded_at: datetime
    wall_at: datetime
    hash: str

    @property
    def session_id(self) -> UUID | None:
        """The session whose stream this is in."""
        return session_of(self.stream)

    @staticmethod
    def read(text: str) -> dict[str, Any]:
        """A document from its canonical JSON."""
        found: dict[str, Any] = read_canonical(text)
        return found

    @property
    def document(self) -> dict[str, Any]:
        """The document, read anew each time."""
        return self.read(self.text)

    @property
    def head(self) -> Head:
        """The head of its stream when it was the last."""
        return Head(self.stream, self.position, self.hash)


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _envelope(entry: Entry) -> dict[str, Json]:
    """Everything of an entry but its document, place and hash."""
    return {
        "clinic_id": str(entry.clinic_id),
        "id": str(entry.id),
        "kind": entry.kind,
        "fact_id": entry.fact_id,
        "revision": entry.revision,
        "at": to_text_or_none(entry.at),
        "action": entry.action,
        "patient_id": _text(entry.patient_id),
        "by": {"id": _text(entry.by.staff_id), "name": entry.by.name, "role": entry.by.role},
        "tablet_id": _text(entry.tablet_id),
        "reason": entry.reason,
        "sent_as": _text(entry.sent_as),
        "recorded_at": to_text(entry.recorded_at),
        "wall_at": to_text(entry.wall_at),
    }


def entry_document(entry: Entry) -> dict[str, Json]:
    """Everything that the hash covers but the hash before; for proofs."""
    return {"stream": entry.stream, "position": entry.position, **_envelope(entry), "document": entry.document}


def entry_hash(prev: str, entry: Entry) -> str:
    """SHA-256 (hexadecimal) over the hash before, the place, everything said of the fact, and the document's bytes."""
    said = canonical_json({"prev": prev, "stream": entry.stream, "position": entry.position, **_envelope(entry)})
    return hashlib.sha256(said + b"\n" + entry.text.encode()).hexdigest()


def as_event(entry: Entry, before: Document | None) -> AuditEvent:
    """The entry as the audit shows it; `before`: the document of the revision before."""
    after = told(entry)
    return AuditEvent(
        id=entry.id,
        clinic_id=entry.clinic_id,
        stream=entry.stream,
        at=entry.recorded_at,
        wall_at=entry.wall_at,
        action=entry.action,
        actor_id=entry.by.staff_id,
        actor_name=entry.by.name,
        actor_role=entry.by.role,
        tablet_id=entry.tablet_id,
        subject=subject_of(entry.kind),
        subject_id=subject_id_of(entry),
        session_id=entry.session_id,
        patient_id=entry.patient_id,
        before=before,
        after=after,
        reason=entry.reason,
    )


def subject_of(kind: str) -> str:
    """What the audit and the feed call the subject of this kind."""
    return SUBJECTS.get(kind, kind)


def subject_id_of(entry: Entry) -> str:
    """Which one: of an assessment its digest, of a release the tablet, of a sender the person, else the fact's id."""
    match entry.kind:
        case Kind.ASSESSMENT:
            return str(entry.document["digest"])
        case Kind.TABLET_RELEASE:
            return entry.fact_id.partition("/")[0]
        case Kind.SENDER:
            return str(entry.document["staff_id"])
        case _:
            return entry.fact_id


_SHORT: dict[str, tuple[str, ...]] = {
    Kind.ASSESSMENT: ("status", "as_of", "number"),
    Kind.CONFIRMATION: ("digest", "decision", "named"),
    Kind.NOTICE: ("kind",),
    Kind.SENDER: ("name", "role"),
}
"""What the audit and the feed tell of long documents."""


def told(entry: Entry) -> Document | None:
    """What the audit and the feed tell of an entry's document."""
    match entry.kind:
        case Kind.EVENT_VOID | Kind.READING_VOID | Kind.ACKNOWLEDGEMENT | Kind.TABLET_KEY | Kind.TABLET_RELEASE:
            return None
        case kind if kind in _SHORT:
            document = entry.document
            return {name: document[name] for name in _SHORT[kind]}
        case _:
            return entry.document
