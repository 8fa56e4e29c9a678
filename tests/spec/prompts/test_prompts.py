"""When a prompt is shown: each row of the table beside this file."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from app.domain.codes import Code
from app.domain.dose import timeline
from app.domain.prompts import Prompt, PromptAct, prompt_now
from app.domain.protocol.values import PressurePrompt, PromptTime
from app.domain.readiness.evidence import in_one_order
from tests.spec.language import Session, ago
from tests.spec.protocols import PROTOCOLS
from tests.spec.tables import Row, page

TABLES = page(Path(__file__).parent / "prompts.txt", {"given", "prompt", "rests on", "due"})
ROWS = [row for block in TABLES.blocks for row in block.rows]


def made(given: str) -> Session:
    session = Session(PROTOCOLS["example"].route)
    session.apply("empty")
    for number, statement in enumerate(each.strip() for each in given.split(";")):
        what, _, when = statement.partition(" at ")
        if what in {"start", "stop"}:
            kind = {"start": "infusion-started", "stop": "infusion-stopped"}[what]
            session.apply(f"event {what} {kind} at {when}")
            continue
        systolic, diastolic = what.split("/")
        session.apply(f"reading r{number} at {when}")
        session.apply(f"r{number} systolic {systolic}")
        session.apply(f"r{number} diastolic {diastolic}")
    return session


def prompt_of(
    session: Session, rules: Mapping[PromptTime, PressurePrompt] = PROTOCOLS["example"].prompts
) -> Prompt | None:
    facts = in_one_order(session.facts())
    return prompt_now(facts.readings, timeline(facts.events), rules)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.place)
def test_row(row: Row):
    found = prompt_of(made(row.cells["given"]))
    if row.cells["prompt"] == "-":
        assert found is None
        return
    assert found is not None
    assert found.act is PromptAct(row.cells["prompt"])
    assert found.rests_on.measured_at == ago(row.cells["rests on"])
    assert found.due_at == ago(row.cells["due"])
    assert found.reason.words


def test_every_word_of_a_prompt_has_a_row():
    said = set()
    for row in ROWS:
        if found := prompt_of(made(row.cells["given"])):
            said.add(found.reason.code)
    assert said == {Code.PRESSURE_RAISED, Code.PRESSURE_STAYS_RAISED, Code.PRESSURE_FAR_RAISED}


def test_where_the_protocol_asks_for_nothing_nothing_is_shown():
    assert prompt_of(made("start at 60; 250/140 at 20"), {}) is None


def test_a_prompt_says_what_it_saw_and_what_is_due():
    found = prompt_of(made("start at 60; 203/- at 20"))
    assert found is not None
    assert found.reason.words == (
        "blood pressure 203/- at 2026-03-08T11:40:00Z, from 200/120 on: call a clinician, "
        "and measure again from 2026-03-08T11:45:00Z"
    )
