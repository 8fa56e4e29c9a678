"""JSON from outside: what is wrong with it names where it stands. The tricks: tests/api/test_strict_input."""

import json
import tracemalloc
from decimal import Decimal

import pytest

from app.domain.places import LONGEST_NAME, depth, dotted, leaves, shown
from app.domain.strict_json import DEEPEST, MOST_NAMED, Unreadable, read_json
from tests.domain.test_numbers import BEYOND


def places_of(text):
    """The fields that the refusal of a text names."""
    with pytest.raises(Unreadable) as refused:
        read_json(text)
    return [fault.field for fault in refused.value.errors]


@pytest.mark.parametrize("number", [*BEYOND, "9" * 5000, "9007199254740992", "0." + "1" * 60, "NaN", "-Infinity"])
@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ('{"dose_mg": ', "}", "dose_mg"),
        ('{"a": 1, "b": {"c": [1, {"d": ', "}]}}", "b.c.1.d"),
        ("[1, 2, ", "]", "2"),
        ("", "", "file"),
    ],
)
def test_a_number_beyond_names_its_place(before, number, after, field):
    assert places_of(before + number + after) == [field]
    with pytest.raises(Unreadable) as refused:
        read_json(before + number + after)
    assert field in refused.value.detail
    assert number not in refused.value.detail or number in {"NaN", "-Infinity"}


def test_every_place_is_named_up_to_a_few():
    text = json.dumps({f"k{number}": "@" for number in range(MOST_NAMED * 3)}).replace('"@"', "1e999")
    assert places_of(text) == [f"k{number}" for number in range(MOST_NAMED)]


def test_a_number_beyond_in_what_is_no_json_either_way_is_refused():
    with pytest.raises(Unreadable, match="not JSON"):
        read_json('{"a": 1e999, "b": }')


def test_numbers_inside_are_exact():
    assert read_json('{"a": [2.50, -7, 1e2]}') == {"a": [Decimal("2.50"), -7, Decimal(100)]}
    assert type(read_json("7")) is int


def test_whoever_reads_says_what_it_is():
    with pytest.raises(Unreadable, match=r"^The body is not JSON: line 1, column 2\.$"):
        read_json("{", of="The body")
    with pytest.raises(Unreadable, match=r"^The file holds a number that cannot be kept: file has"):
        read_json("1e999")


@pytest.mark.parametrize("text", ["[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "[" * 100_000, '{"a":' * 100_000])
def test_too_deep_is_said_so(text):
    with pytest.raises(Unreadable, match="nested deeper"):
        read_json(text)


@pytest.mark.parametrize(
    "text",
    [
        *(f'{{"dose_mg": {number}}}' for number in BEYOND),
        '{"dose_mg": ' + "9" * 60_000 + "}",
        # long names, deep, above many numbers: paths are spelt for the few that are named
        ('{"' + "k" * 60 + '":') * 400 + "[" + "1e999," * 4000 + "1]" + "}" * 400,
    ],
    ids=lambda text: text[:30],
)
def test_a_refusal_takes_little_memory(text):
    tracemalloc.start()
    places_of(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_a_name_is_shown_short_and_harmless():
    name = shown("\x1b[31m" + "ä" * 500)
    assert name.isascii()
    assert name.isprintable()
    assert len(name) <= LONGEST_NAME
    assert places_of('{"\\u001b[2J' + "k" * 500 + '": 1e999}')[0].isprintable()


def test_walks():
    document = {"a": [1, {"b": 2}], "c": {}, "d": 3}
    assert [(dotted(step), value) for step, value in leaves(document)] == [("a.0", 1), ("a.1.b", 2), ("d", 3)]
    assert depth(document) == 4
    assert depth(7) == 1
    deep: object = 7
    for _ in range(50_000):
        deep = [deep]
    assert depth(deep) == 50_001
    assert [value for _, value in leaves(deep)] == [7]
