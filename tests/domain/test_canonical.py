"""Canonical JSON against an independent writer of RFC 8785, and what is refused."""

from decimal import Decimal
from types import MappingProxyType

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.domain.canonical import canonical_json, digest
from app.domain.numbers import LARGEST

KEYS = st.text(st.characters(codec="utf-8"), max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_the_same_bytes_as_an_independent_writer(value):
    assert canonical_json(value) == rfc8785.dumps(value)


def test_keys_are_ordered_by_utf_16_code_units():
    """Beyond the basic plane the order differs from that of code points."""
    assert canonical_json({"\ufb33": 1, "\U0001f600": 2, "a": 3}) == '{"a":3,"\U0001f600":2,"\ufb33":1}'.encode()


def test_any_mapping_and_sequence_is_written_alike():
    assert canonical_json(MappingProxyType({"b": (1, 2), "a": None})) == b'{"a":null,"b":[1,2]}'
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (1.0, TypeError),
        (float("nan"), TypeError),
        (Decimal(1), TypeError),
        ({1: "a"}, TypeError),
        ({"a": 1, 2: "b"}, TypeError),
        ({"a": {"b": 0.5}}, TypeError),
        ([b"x"], TypeError),
        (LARGEST + 1, ValueError),
        (-LARGEST - 1, ValueError),
    ],
)
def test_what_a_record_cannot_hold_is_refused(value, error):
    with pytest.raises(error):
        canonical_json(value)


def test_the_largest_whole_numbers_are_kept():
    assert canonical_json([LARGEST, -LARGEST]) == b"[9007199254740991,-9007199254740991]"
