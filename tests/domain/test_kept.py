"""Same inputs, same versions: the same digest, for ever. Compared with what is written down, line by line."""

import json

import pytest

from app.domain.assessment import Criterion, Outcome
from tests.domain import kept

WRITTEN = [json.loads(line) for line in kept.FILE.read_text(encoding="utf-8").splitlines()]
SIZE = 1 + len(Criterion)


@pytest.mark.parametrize("number", range(len(kept.SESSIONS)), ids=list(kept.SESSIONS))
def test_an_assessment_is_what_it_was(number):
    block = list(kept.blocks())[number]
    for now, then in zip(block, WRITTEN[number * SIZE : (number + 1) * SIZE], strict=True):
        assert now == then


def test_nothing_more_is_written():
    assert len(WRITTEN) == SIZE * len(kept.SESSIONS)


def test_every_outcome_a_criterion_can_have_is_among_them():
    seen = {(line["criterion"], line["outcome"]) for line in WRITTEN if "criterion" in line}
    never = {"medication-settled unknown", "concerns-acknowledged unknown", "tablets-in-step unknown"}
    never |= {"clocks-certain not-met", "baseline-sound not-met"}
    missing = {f"{criterion} {outcome}" for criterion in Criterion for outcome in Outcome} - {" ".join(s) for s in seen}
    assert missing == never
