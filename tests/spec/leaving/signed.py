"""A session of the spec tables as a record that can be signed and left."""

from datetime import datetime
from uuid import UUID

from app.domain.deciding import Standing
from app.domain.derive import Derived, life_in
from app.domain.protocol.values import Protocol
from app.domain.records import EventHistory, Kept, KeptAssessment, ReadingHistory, SessionHeader, SessionRecord, Signer
from app.domain.signatures import ProofKind, SignatureProof
from tests import factories
from tests.spec.language import SESSION, Session

PROOF = SignatureProof(ProofKind.PASSWORD)
DR = Signer(UUID(int=7), "Dr. Bo Later", "clinician")


def apply(made: Session, statements: str) -> None:
    """Change a session by a cell of statements, `-` for none."""
    for statement in filter(None, (one.strip() for one in statements.removeprefix("-").split(";"))):
        made.apply(statement)


def record_of(made: Session, protocol: Protocol, now: datetime, left: datetime | None = None, **other) -> SessionRecord:
    """The record of a session, all of it kept at `now`; `left`: when the session says that the patient had left."""
    facts = made.facts()

    def kept(value):
        return Kept(value, 1, DR, now)

    header = SessionHeader(UUID(int=4), protocol.route, protocol.id, protocol.version, had_left_at=left)
    return SessionRecord(
        id=SESSION,
        headers=(kept(header),),
        patients=(kept(factories.patient()),),
        events=tuple(EventHistory(kept(one)) for one in facts.events),
        readings=tuple(ReadingHistory((kept(one),)) for one in facts.readings),
        escorts=(kept(facts.escort),) if facts.escort else (),
        tablets=facts.tablets,
        **other,
    )


def kept_assessment(found: Derived, now: datetime) -> KeptAssessment:
    """The first assessment, as it is kept."""
    one = found.assessment
    document = one.document
    return KeptAssessment(
        number=1,
        as_of=one.as_of,
        recorded_at=now,
        status=one.status.value,
        digest=one.digest,
        rules=one.rules,
        protocol=document["protocol"],
        judged=0,
        inputs=document["inputs"],
        tablets=document["tablets"],
        findings={finding["criterion"]: finding for finding in document["findings"]},
        baseline={},
        lapses_at=None,
        earliest_met_at=None,
        next_change_at=None,
        change=None,
    )


def standing(record: SessionRecord, protocol: Protocol, now: datetime) -> Standing:
    """The session as a decision is given it."""
    return Standing(record, protocol, life_in(record).state, DR, now, now)
