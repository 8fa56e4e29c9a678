"""The rules against the oracle. ORACLE_CASES says how many cases (3,000 unless told)."""

import os
from collections import Counter
from datetime import timedelta

import pytest

from app.domain.assessment import Criterion, Outcome
from app.domain.readiness import assess
from tests.oracle import oracle
from tests.oracle.broken_rules import PIECES, rules_with
from tests.oracle.cases import case
from tests.oracle.differential import between, disagreements
from tests.oracle.false_ready import BAD

CASES = int(os.environ.get("ORACLE_CASES", "3000"))
CHUNKS = 6
MISTAKES = BAD | {name: rules_with(name) for name in PIECES}
NEVER = {
    # a doubtful clock or an unsound baseline leaves a question open; the others are plain facts of the record
    (Criterion.CLOCKS_CERTAIN, Outcome.NOT_MET),
    (Criterion.BASELINE_SOUND, Outcome.NOT_MET),
    (Criterion.MEDICATION_SETTLED, Outcome.UNKNOWN),
    (Criterion.CONCERNS_ACKNOWLEDGED, Outcome.UNKNOWN),
    (Criterion.TABLETS_IN_STEP, Outcome.UNKNOWN),
}


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_rules_and_oracle_agree(chunk):
    each = -(-CASES // CHUNKS)
    found = disagreements(range(chunk * each, (chunk + 1) * each), most=3)
    if found:
        pytest.fail("\n\n".join(map(str, found)), pytrace=False)


@pytest.fixture(scope="module")
def judged():
    cases = [case(seed) for seed in range(2500)]
    return [(each, oracle.judge(*each)) for each in cases]


def test_time_alone_changes_nothing_before_next_change_at_and_something_then(judged):
    for (facts, protocol, as_of), now in judged[:400]:
        change = assess(facts, protocol, as_of).next_change_at
        upto = change or as_of + timedelta(days=2)
        probes = [*(as_of + (upto - as_of) * part / 7 for part in range(7)), upto - timedelta(microseconds=1)]
        for instant in (probe for probe in probes if probe < upto):
            assert oracle.judge(facts, protocol, instant)["outcomes"] == now["outcomes"]
        if change is not None:
            assert change > as_of
            assert oracle.judge(facts, protocol, change)["outcomes"] != now["outcomes"]


def test_the_cases_reach_every_outcome_often_enough(judged):
    statuses = Counter(verdict["status"] for _, verdict in judged)
    assert statuses["met"] >= 0.10 * len(judged)
    assert statuses["cannot-tell"] >= 0.05 * len(judged)
    outcomes = Counter(pair for _, verdict in judged for pair in verdict["outcomes"].items())
    rare = {
        (criterion.value, outcome.value): outcomes[criterion.value, outcome.value]
        for criterion in Criterion
        for outcome in Outcome
        if (criterion, outcome) not in NEVER and outcomes[criterion.value, outcome.value] < 0.01 * len(judged)
    }
    assert not rare
    assert not {pair for pair in NEVER if outcomes[pair[0].value, pair[1].value]}


def test_the_oracle_has_one_verdict_for_each_criterion(judged):
    assert all(set(verdict["outcomes"]) == {c.value for c in Criterion} for _, verdict in judged)


def test_the_same_seed_makes_the_same_case():
    assert [case(seed) for seed in range(40)] == [case(seed) for seed in range(40)]


def test_there_are_mistakes_enough():
    assert len(MISTAKES) == len(BAD) + len(PIECES) >= 40


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_rules_is_seen(name, judged):
    assert any(between(MISTAKES[name](*each), verdict) for each, verdict in judged), f"{name} went unseen"
