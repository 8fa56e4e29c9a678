"""Which reading counts as which in the monitoring summary: each row of the tables beside this file."""

from pathlib import Path

import pytest

from app.domain.monitoring import Missing, course, happenings, pressures
from app.domain.monitoring.fields import Monitored, Value
from tests.spec.language import ago, named, session
from tests.spec.protocols import PROTOCOLS
from tests.spec.tables import page

READING = {"before": pressures.before, "at 40": pressures.at_forty_minutes, "leaving": pressures.leaving}
VALUE = {
    "floor": course.two_hours,
    "minutes": course.observed_minutes,
    "ready": course.ready_minutes,
    "sedation": happenings.sedation,
    "dissociation": happenings.dissociation,
}
COLUMNS = {"given", "left", *READING, *VALUE}
TABLES = page(Path(__file__).parent / "summary.txt", COLUMNS)
ROWS = [row for block in TABLES.blocks for row in block.rows]


def monitored(row):
    own = row.cells["given"] if row.cells["given"] != "-" else ""
    left = row.cells.get("left", "0")
    protocol = PROTOCOLS[row.protocol]
    facts = session(protocol.route, row.given, own)
    return Monitored(facts, protocol, None if left == "-" else ago(left))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.place)
def test_row(row):
    asked = monitored(row)
    for column, rule in (READING | VALUE).items():
        if (cell := row.cells.get(column)) is None:
            continue
        answer = rule(asked)
        if cell.startswith("none:"):
            assert isinstance(answer, Missing), answer
            assert cell.removeprefix("none:").strip() in answer.because
        elif cell in {"unknown", "-"}:
            assert isinstance(answer, Missing), answer
        elif column in READING:
            assert isinstance(answer, Value), answer
            assert [one.id for one in answer.rests_on] == [str(named(cell))]
        else:
            assert isinstance(answer, Value), answer
            assert str(answer.value) == cell, answer


def test_every_question_has_rows_of_both_kinds():
    for column in READING | VALUE:
        cells = [row.cells[column] for row in ROWS if column in row.cells]
        missing = [cell for cell in cells if cell.startswith("none:") or cell in {"unknown", "-"}]
        assert missing, column
        assert len(missing) < len(cells), column
