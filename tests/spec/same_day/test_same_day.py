"""What the same-day check does to the dose: each row of the table beside this file."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app.domain.codes import Code
from app.domain.derive import derive
from app.domain.protocol.values import IfWrong, SameDayCheck, SameDayItem
from app.domain.records import Clearance, Screening, ScreeningOverride, SessionRecord
from app.domain.screening import SameDayAnswer
from app.domain.starting import StartGate, check_start_gate, missing_to_start
from tests.factories import clear_screening, header, kept, patient
from tests.spec.language import AS_OF, ago
from tests.spec.protocols import EXAMPLE
from tests.spec.tables import Row, page

TABLES = page(Path(__file__).parent / "same_day.txt", {"given", "dose", "because"})
ROWS = [row for block in TABLES.blocks for row in block.rows]
ITEMS = {
    name: SameDayItem(f"{name}?", "so", "not so", if_wrong)
    for name, if_wrong in (("bag", IfWrong.NOTE), ("consent", IfWrong.STOP), ("fluids", IfWrong.ASK_CLINICIAN))
}
ASKS = replace(EXAMPLE, same_day=SameDayCheck(12, ITEMS))
NEVER_ASKS = replace(EXAMPLE, same_day=None)


def made(given: str) -> SessionRecord:
    answers: dict[str, SameDayAnswer] = dict.fromkeys(ITEMS, SameDayAnswer.RIGHT)
    asked_at, cleared, signed, screened = AS_OF, [], [], True
    for statement in (each.strip() for each in given.split(";")):
        match statement.split():
            case ["cleared", item]:
                cleared.append(item)
            case ["signed", item]:
                signed.append(item)
            case ["nobody", "screened"]:
                screened = False
            case ["nothing", "asked"]:
                answers = {}
            case [item, "open", "at", when]:
                del answers[item]
                asked_at = ago(when)
            case [item, answer, "at", when]:
                answers[item], asked_at = SameDayAnswer(answer), ago(when)
            case _:
                raise ValueError(statement)
    screening = Screening(clear_screening().answers, answers, asked_at if answers else None)
    return SessionRecord(
        id=uuid4(),
        headers=(kept(header(uuid4())),),
        patients=(kept(patient()),),
        screenings=(kept(screening),) if screened else (),
        overrides=tuple(kept(ScreeningOverride((), "seen", same_day=(item,))) for item in signed),
        clearances=(kept(Clearance(same_day=tuple(cleared))),),
    )


def refused_for(record: SessionRecord, protocol=ASKS, at=AS_OF) -> list[str]:
    missing = missing_to_start(record, derive(record, protocol, at))
    assert missing is not None
    found = [one.reason for one in missing if one.refuses and one.at(at)]
    return [f"{one.code} {one.params.get('item', '')}".strip() for one in found]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.place)
def test_row(row: Row):
    record = made(row.cells["given"])
    assert refused_for(record) == row.listed("because")
    if row.cells["dose"] == "given":
        check_start_gate(record, ASKS, AS_OF)
        return
    with pytest.raises(StartGate) as refusal:
        check_start_gate(record, ASKS, AS_OF)
    assert all(fault.field.startswith("screening") for fault in refusal.value.errors)


def test_every_word_of_the_check_has_a_row():
    said = {one.split()[0] for row in ROWS for one in row.listed("because")} - {Code.NOT_SCREENED.value}
    assert said == {code.value for code in Code if code.value.startswith("same-day-")}


def test_a_protocol_that_asks_nothing_refuses_for_nothing():
    for given in ("nothing asked", "consent wrong at 30", "bag right at 2000"):
        assert refused_for(made(given), NEVER_ASKS) == []


def test_answers_without_a_time_are_none():
    record = made("bag right at 30")
    undated = replace(record, screenings=(kept(replace(record.screenings[0].value, asked_at=None)),))
    assert refused_for(undated) == [f"same-day-not-answered {item}" for item in ITEMS]


def test_the_words_are_the_protocols_own():
    with pytest.raises(StartGate, match=r"consent\? not so: a clinician must override it"):
        check_start_gate(made("consent wrong at 30"), ASKS, AS_OF)
    with pytest.raises(StartGate, match="asked at 2026-03-08T11:30:00Z, more than 12 hours before"):
        check_start_gate(made("bag right at 30"), ASKS, AS_OF + timedelta(hours=12))
