"""Signing and leaving where a session is charted afterwards: each row of the tables beside this file."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.confirmations import MEANINGS
from app.domain.deciding import signing
from app.domain.derive import derive, derive_at
from app.domain.documents import confirmation_from, discharge_from
from app.domain.errors import Refusal
from app.domain.instants import to_text
from app.domain.records import Decision, Kept, SessionRecord
from tests.spec.language import AS_OF, Session, ago
from tests.spec.leaving.signed import DR, PROOF, apply, kept_assessment, record_of, standing
from tests.spec.protocols import PROTOCOLS
from tests.spec.tables import Row, page

COLUMNS = {"given", "had left", "asked", "decision", "examined", "signs", "named", "then", "left", "leaves"}
TABLES = page(Path(__file__).parent / "leaving.txt", COLUMNS)
ROWS = [row for block in TABLES.blocks for row in block.rows]
NOW = AS_OF + timedelta(days=3)


def instant(cell: str) -> datetime | None:
    return None if cell == "-" else ago(cell)


def signed(row: Row) -> tuple[Session, SessionRecord, object]:
    """The session, its record with the signature where it was taken, and what signing came to."""
    protocol = PROTOCOLS[row.protocol]
    made = Session(protocol.route)
    apply(made, row.cells["given"])
    record = record_of(made, protocol, NOW, instant(row.cells["had left"]))
    latest = kept_assessment(derive_at(record, protocol, NOW), NOW)
    record = replace(record, assessments=(latest,))
    examined = row.cells["examined"]
    decision = Decision(row.cells["decision"])
    try:
        done = signing.sign(
            standing(record, protocol, NOW),
            UUID(int=9),
            decision,
            latest.digest,
            "alert and steady when they left",
            None if decision is Decision.CONFIRM else "charted after a power cut",
            had_left_at=instant(row.cells["asked"]),
            examined_by=None if examined == "-" else examined,
            proof=PROOF,
        )
    except Refusal as refused:
        return made, record, refused.code
    return made, record, confirmation_from(done.facts[0].document)


def leaving(row: Row, made: Session, record: SessionRecord, confirmation) -> str:
    protocol = PROTOCOLS[row.protocol]
    apply(made, row.cells["then"])
    after = record_of(
        made,
        protocol,
        NOW,
        instant(row.cells["had left"]),
        assessments=record.assessments,
        confirmations=(Kept(confirmation, 1, DR, NOW),),
    )
    left = instant(row.cells["left"])
    try:
        done = signing.leave(standing(after, protocol, NOW), left, instructions_given=True, note=None)
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
    record = record_of(made, protocol, AS_OF)
    latest = kept_assessment(derive(record, protocol, AS_OF), AS_OF)
    session = standing(replace(record, assessments=(latest,)), protocol, AS_OF)
    done = signing.sign(session, UUID(int=9), Decision.CONFIRM, latest.digest, "alert", None, proof=PROOF)
    value = confirmation_from(done.facts[0].document)
    assert value.signed_text.startswith(MEANINGS[Decision.CONFIRM])
    assert (value.had_left_at, value.examined_by) == (None, None)
