"""What an override lets pass: each row of the tables beside this file."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.deciding import late_information, signing
from app.domain.derive import derive
from app.domain.documents import confirmation_from
from app.domain.errors import Refusal
from app.domain.instants import to_text
from app.domain.records import Decision, Kept
from tests.spec.language import AS_OF, Session, ago
from tests.spec.leaving.signed import DR, PROOF, apply, kept_assessment, record_of, standing
from tests.spec.protocols import PROTOCOLS
from tests.spec.tables import Row, page

TABLES = page(Path(__file__).parent / "overrides.txt", {"given", "named", "then", "notice", "after", "leaves"})


@pytest.mark.parametrize("row", [row for block in TABLES.blocks for row in block.rows], ids=lambda row: row.place)
def test_row(row: Row):
    protocol = PROTOCOLS[row.protocol]
    made = Session(protocol.route)
    apply(made, row.cells["given"])
    record = record_of(made, protocol, AS_OF)
    latest = kept_assessment(derive(record, protocol, AS_OF), AS_OF)
    record = replace(record, assessments=(latest,))
    done = signing.sign(
        standing(record, protocol, AS_OF),
        UUID(int=9),
        Decision.OVERRIDE,
        latest.digest,
        "awake",
        "as usual",
        proof=PROOF,
    )
    value = confirmation_from(done.facts[0].document)
    assert list(value.named) == row.listed("named")
    words = value.signed_text
    assert all(f"Seen: {name}: " in words for name in value.named)
    assert f"Good until {to_text(AS_OF + timedelta(minutes=30))}, unless one of these is worse than seen." in words

    apply(made, row.cells["then"])
    leaving = ago(f"-{row.cells['after']}")
    before = replace(record, confirmations=(Kept(value, 1, DR, AS_OF),))
    after = record_of(made, protocol, AS_OF, assessments=record.assessments, confirmations=before.confirmations)
    now = kept_assessment(derive(after, protocol, leaving), leaving)
    if "-" not in (row.cells["then"], row.cells["notice"]):
        heard = replace(after, assessments=(*after.assessments, now))
        notice = late_information.notice_where_due(before, heard, "a reading", leaving, was_closed=False)
        assert ("no" if notice is None else "yes") == row.cells["notice"]
    said = "discharged"
    try:
        signing.leave(standing(after, protocol, leaving), leaving, instructions_given=True, note=None)
    except Refusal as refused:
        said = refused.code
    assert said == row.cells["leaves"]
