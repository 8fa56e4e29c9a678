"""Do the clinical rules say what clinicians agreed? Each row of each table settles all twenty criteria."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from app.domain.assessment import Assessment, Criterion, Outcome
from app.domain.codes import Code
from app.domain.vitals import Vital
from tests.spec.codes import assessed, reached
from tests.spec.language import AS_OF, ago
from tests.spec.tables import Row, rows

ROWS = rows()


def expected(row: Row) -> dict[Criterion, Outcome]:
    outcomes = dict.fromkeys(Criterion, Outcome.MET)
    outcomes |= {Criterion(name): Outcome.NOT_MET for name in row.listed("not met")}
    return outcomes | {Criterion(name): Outcome.UNKNOWN for name in row.listed("unknown")}


def later(text: str) -> datetime | None:
    return None if text == "-" else AS_OF + (AS_OF - ago(text))


def _baseline_is(assessment: Assessment, cell: str) -> None:
    for part in filter(None, (one.strip() for one in cell.split(";"))):
        word, _, rest = part.partition(" ")
        if word == "oxygen":
            oxygen = assessment.baseline.oxygen
            seen = "unknown" if oxygen is None else f"{oxygen.kind.value} {oxygen.flow_l_min or ''}".strip()
            assert seen == rest
        else:
            reference = assessment.baseline.vitals[Vital(word)]
            assert (f"{reference.sum}/{reference.count}" if reference.known else "unknown") == rest


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.place)
def test_row(row: Row) -> None:
    assessment = assessed(row)
    assert assessment.outcomes() == expected(row), row.cells["given"]
    assert assessment.status.value == row.cells["status"]
    if (says := row.cells.get("says", "-").lower()) != "-":
        first = next(iter(row.listed("not met") + row.listed("unknown")), None)
        sentences = [one.because for one in assessment.findings if first is None or one.criterion.value == first]
        assert any(says in sentence.lower() for sentence in sentences), sentences
    for column, seen in (
        ("lapses", assessment.lapses_at),
        ("earliest", assessment.earliest_met_at),
        ("next", assessment.next_change_at),
    ):
        if cell := row.cells.get(column):
            assert seen == later(cell), f"{column}: {seen and seen - AS_OF}"
    if (cell := row.cells.get("baseline", "-")) != "-":
        _baseline_is(assessment, cell)


def test_every_outcome_of_every_criterion_has_a_row() -> None:
    seen = Counter((criterion, outcome) for row in ROWS for criterion, outcome in expected(row).items())
    # "Never" in readiness.md: these have no unknown outcome but a failure; and the next two no disproof.
    never = {
        (Criterion.MEDICATION_SETTLED, Outcome.UNKNOWN),
        (Criterion.CONCERNS_ACKNOWLEDGED, Outcome.UNKNOWN),
        (Criterion.TABLETS_IN_STEP, Outcome.UNKNOWN),
        (Criterion.CLOCKS_CERTAIN, Outcome.NOT_MET),
        (Criterion.BASELINE_SOUND, Outcome.NOT_MET),
    }
    every = {(criterion, outcome) for criterion in Criterion for outcome in Outcome}
    assert every - set(seen) == never


def test_every_code_has_a_row_and_one_outcome() -> None:
    own, parts = reached(ROWS)
    outcomes: dict[Code, set[Outcome]] = {}
    for codes in own.values():
        for code, outcome in codes.items():
            outcomes.setdefault(code, set()).add(outcome)
    # what a dose waits for is no criterion: `domain/test_starting`, `spec/same_day`
    before_a_dose = {
        Code.NOT_SCREENED,
        Code.EXCLUSION_NOT_ANSWERED,
        Code.EXCLUSION_PRESENT,
        Code.SAME_DAY_NOT_ANSWERED,
        Code.SAME_DAY_ASKS,
        Code.SAME_DAY_STOPS,
        Code.SAME_DAY_TOO_OLD,
        Code.NOT_CLEARED,
        Code.CLEARANCE_ENDED,
        Code.BASELINE_SETS_MISSING,
        Code.BASELINE_TOO_OLD,
        Code.WEIGHT_NOT_GIVEN,
    }
    # nor what a raised pressure asks for: `spec/prompts`
    prompts = {Code.PRESSURE_RAISED, Code.PRESSURE_STAYS_RAISED, Code.PRESSURE_FAR_RAISED}
    assert set(Code) - set(outcomes) - parts == {Code.COULD_NOT_BE_EVALUATED} | before_a_dose | prompts
    assert {code: found for code, found in outcomes.items() if len(found) > 1} == {}


def test_there_are_enough_rows_and_no_two_alike_in_a_file() -> None:
    assert len(ROWS) >= 300
    said = Counter((row.place.partition(":")[0], row.protocol, row.given, row.cells["given"]) for row in ROWS)
    assert [row for row, count in said.items() if count > 1] == []


def test_minutes_are_counted_back_from_as_of() -> None:
    assert ago("19:59") == AS_OF - timedelta(minutes=19, seconds=59)
    assert ago("-1") == AS_OF + timedelta(minutes=1)
