"""What is kept of an assessment is what changed; put together again it is the whole, under whichever rules."""

from app.domain.canonical import canonical_json
from app.domain.folding import fold
from tests.domain.test_journal import SESSION, entry


def kept(number, rules, *outcomes):
    document = {
        "as_of": "2026-03-07T12:00:00Z",
        "status": "not-met",
        "digest": "d",
        "rules": rules,
        "protocol": {},
        "judged": 0,
        "inputs": "i",
        "tablets": [],
        "findings": [{"criterion": criterion, "outcome": outcome} for criterion, outcome in outcomes],
        "baseline": {},
        **dict.fromkeys(("lapses_at", "earliest_met_at", "next_change_at", "change", "raised_at")),
    }
    return entry(
        number, kind="assessment", fact_id=str(SESSION), revision=number, text=canonical_json(document).decode()
    )


def outcomes(*entries):
    return [list(one.outcomes.items()) for one in fold(SESSION, entries).assessments]


def test_what_did_not_change_is_as_it_was():
    first = kept(1, "1", ("fresh", "met"), ("escort", "unknown"))
    assert outcomes(first, kept(2, "1", ("escort", "met"))) == [
        [("fresh", "met"), ("escort", "unknown")],
        [("fresh", "met"), ("escort", "met")],
    ]


def test_other_rules_say_all_of_it_anew_in_their_own_order():
    first = kept(1, "1", ("fresh", "met"), ("escort", "unknown"))
    second = (("escort", "met"), ("seen", "met"))
    assert outcomes(first, kept(2, "2", *second))[1] == list(second)
