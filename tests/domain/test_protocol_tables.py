"""A table of a protocol that is none, and how long a source may be."""

import pytest

from app.domain.errors import FieldError
from app.domain.protocol.parse import ProtocolInvalid, parse
from app.domain.protocol.tables import Table
from app.domain.symptoms import SymptomCode
from app.domain.vitals import Band
from tests.domain.shipped import document, put


@pytest.mark.parametrize("content", [None, 5, "x", [], True])
def test_what_is_no_table_is_not_accused_of_what_it_lacks(content):
    faults = []
    table = Table(content, "concern", faults)
    assert table.integer("floor", Band(3, 15)) == 3
    assert table.boolean("acknowledge") is False
    assert table.text("source", "a sentence") == ""
    assert table.codes("always", SymptomCode) == frozenset()
    table.table("diastolic", required=True)
    assert faults == []


def test_a_number_that_is_missing_is_said_with_its_band():
    faults = []
    assert Table({}, "schedule", faults).integer("grace", Band(3, 15)) == 3
    assert faults == [FieldError("schedule.grace", "is missing: give a whole number from 3 to 15")]


def test_a_source_has_at_most_five_hundred_characters():
    made = document()
    put(made, "baseline.source", "x" * 500)
    parse(made)
    put(made, "baseline.source", "x" * 501)
    with pytest.raises(ProtocolInvalid) as refused:
        parse(made)
    assert refused.value.errors == (FieldError("baseline.source", "has 501 characters: shorten it to 500"),)


def test_a_source_may_have_lines():
    made = document()
    put(made, "baseline.source", "one sheet,\nanother sheet")
    parse(made)


@pytest.mark.parametrize(
    ("path", "value", "at"),
    [
        ("criteria.medication-settled.minutes", {"Midazolam": 60}, "Midazolam"),
        ("criteria.symptoms-settled.always", [["fall"]], "0"),
        ("criteria.symptoms-settled.always", [{}], "0"),
    ],
)
def test_one_thing_wrong_is_one_fault(path, value, at):
    made = document()
    put(made, path, value)
    with pytest.raises(ProtocolInvalid) as refused:
        parse(made)
    assert [fault.field for fault in refused.value.errors] == [f"{path}.{at}"]
