"""What is kept of an assessment is what changed; put together again it is the whole, under whichever rules."""

from app.domain.canonical import canonical_json
from app.domain.changes import change
from app.domain.folding import fold
from tests.domain.test_journal import SESSION, entry


def said(rules, *outcomes):
    return {
        "rules": rules,
        "protocol": {},
        "criteria": [criterion for criterion, _ in outcomes],
        "findings": {criterion: {"criterion": criterion, "outcome": outcome} for criterion, outcome in outcomes},
        "baseline": {},
    }


def kept(number, before, now):
    document = {
        "as_of": "2026-03-07T12:00:00Z",
        "status": "not-met",
        "digest": "d",
        "judged": 0,
        "inputs": "i",
        "tablets": [],
        "changed": change(before, now),
        **dict.fromkeys(("lapses_at", "earliest_met_at", "next_change_at", "change", "raised_at")),
    }
    return entry(
        number, kind="assessment", fact_id=str(SESSION), revision=number, text=canonical_json(document).decode()
    )


def outcomes(*entries):
    return [list(one.outcomes.items()) for one in fold(SESSION, entries).assessments]


FIRST = said("1", ("fresh", "met"), ("escort", "unknown"))


def test_what_did_not_change_is_as_it_was():
    second = said("1", ("fresh", "met"), ("escort", "met"))
    assert outcomes(kept(1, {}, FIRST), kept(2, FIRST, second)) == [
        [("fresh", "met"), ("escort", "unknown")],
        [("fresh", "met"), ("escort", "met")],
    ]


def test_other_rules_have_their_own_criteria_in_their_own_order():
    second = (("seen", "met"), ("escort", "met"))
    assert outcomes(kept(1, {}, FIRST), kept(2, FIRST, said("2", *second)))[1] == list(second)
