"""Signing and leaving where a session is charted afterwards: each row of the tables beside this file."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.confirmations import MEANINGS
from app.domain.deciding import Standing, signing
from app.domain.derive import Derived, derive, life_in
from app.domain.documents import confirmation_from, discharge_from
from app.domain.errors import Refusal
from app.domain.instants import to_text
from app.domain.leaving import looked_at
from app.domain.records import (
    Decision,
    EventHistory,
    Kept,
    KeptAssessment,
    ReadingHistory,
    SessionHeader,
    SessionRecord,
    Signer,
)
from tests import factories
from tests.spec.language import AS_OF, SESSION, Session, ago
from tests.spec.protocols import PROTOCOLS
from tests.spec.tables import Row, page

COLUMNS = {"given", "had left", "asked", "decision", "examined", "signs", "named", "then", "left", "leaves"}
TABLES = page(Path(__file__).parent / "leaving.txt", COLUMNS)
ROWS = [row for block in TABLES.blocks for row in block.rows]
NOW = AS_OF + timedelta(days=3)
DR = Signer(UUID(int=7), "Dr. Bo Later", "clinician")


def instant(cell: str) -> datetime | None:
    return None if cell == "-" else ago(cell)


def record_of(made: Session, protocol, left: datetime | None, **other) -> SessionRecord:
    facts = made.facts()

    def kept(value):
        return Kept(value, 1, DR, NOW)

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


def kept_assessment(found: Derived) -> KeptAssessment:
    one = found.assessment
    document = one.document
    return KeptAssessment(
        number=1,
        as_of=one.as_of,
        recorded_at=NOW,
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


def standing(record: SessionRecord, protocol) -> Standing:
    return Standing(record, protocol, life_in(record).state, DR, NOW, NOW)


def signed(row: Row) -> tuple[Session, SessionRecord, object]:
    """The session, its record with the signature where it was taken, and what signing came to."""
    protocol = PROTOCOLS[row.protocol]
    made = Session(protocol.route)
    for statement in filter(None, (one.strip() for one in row.cells["given"].removeprefix("-").split(";"))):
        made.apply(statement)
    record = record_of(made, protocol, instant(row.cells["had left"]))
    latest = kept_assessment(derive(record, protocol, looked_at(record, NOW)))
    record = replace(record, assessments=(latest,))
    examined = row.cells["examined"]
    decision = Decision(row.cells["decision"])
    try:
        done = signing.sign(
            standing(record, protocol),
            UUID(int=9),
            decision,
            latest.digest,
            "alert and steady when they left",
            None if decision is Decision.CONFIRM else "charted after a power cut",
            had_left_at=instant(row.cells["asked"]),
            examined_by=None if examined == "-" else examined,
        )
    except Refusal as refused:
        return made, record, refused.code
    return made, record, confirmation_from(done.facts[0].document)


def leaving(row: Row, made: Session, record: SessionRecord, confirmation) -> str:
    protocol = PROTOCOLS[row.protocol]
    for statement in filter(None, (one.strip() for one in row.cells["then"].removeprefix("-").split(";"))):
        made.apply(statement)
    after = record_of(
        made,
        protocol,
        instant(row.cells["had left"]),
        assessments=record.assessments,
        confirmations=(Kept(confirmation, 1, DR, NOW),),
    )
    left = instant(row.cells["left"])
    try:
        done = signing.leave(standing(after, protocol), left, instructions_given=True, note=None)
    except Refusal as refused:
        return refused.code
    value = discharge_from(done.facts[0].document)
    assert (value.left_at, value.signed_afterwards) == (left, True)
    return "discharged"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.place)
def test_row(row: Row):
    made, record, said = signed(row)
    if row.cells["signs"] != "signed":
        assert said == row.cells["signs"]
        return
    assert not isinstance(said, str), said
    if "named" in row.cells:
        assert list(said.named) == row.listed("named")
    left = instant(row.cells["had left"])
    assert (said.had_left_at, said.signed_at) == (left, NOW)
    words = said.signed_text
    assert words.startswith(f"Signed afterwards: the patient had left at {to_text(left)}.")
    assert MEANINGS[said.decision].partition("{")[0] not in words, "nobody signs that they have examined who is gone"
    if (examined := row.cells["examined"]) != "-":
        assert f"Examined before they left by: {examined}." in words
    if "leaves" in row.cells:
        assert leaving(row, made, record, said) == row.cells["leaves"]


def test_an_ordinary_signature_reads_as_ever():
    protocol = PROTOCOLS["example"]
    made = Session(protocol.route)
    record = record_of(made, protocol, None)
    latest = kept_assessment(derive(record, protocol, AS_OF))
    session = replace(standing(replace(record, assessments=(latest,)), protocol), now=AS_OF)
    done = signing.sign(session, UUID(int=9), Decision.CONFIRM, latest.digest, "alert", None)
    value = confirmation_from(done.facts[0].document)
    assert value.signed_text.startswith(MEANINGS[Decision.CONFIRM])
    assert (value.had_left_at, value.examined_by) == (None, None)
