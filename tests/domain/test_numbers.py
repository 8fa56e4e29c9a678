"""Numbers as text: what is kept, what is not, and that neither costs anything."""

import tracemalloc
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.events import DeviceGiven, DoseStarted, EventKind, MedicationGiven, OxygenStarted, RateChanged, Route
from app.domain.numbers import (
    FARTHEST,
    LARGEST,
    LONGEST,
    NotKept,
    decimal,
    decimal_text,
    is_kept,
    no_constant,
    places,
    whole,
)
from app.domain.typed.amounts import amount_faults
from app.domain.typed.events import EventInvalid, check_event
from tests.domain.typed_values import event

BEYOND = ("1e-300000000", "-1e-300000000", "1e1000000", "1e309", "1E-309", "0e-999999999", "1e9999999999999999999")
"""Few characters that stand for more digits than anybody has."""


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("-0", 0), ("72", 72), ("+7", 7), ("007", 7), (str(LARGEST), LARGEST), (f"-{LARGEST}", -LARGEST)])  # fmt: skip  # noqa: E501
def test_a_whole_number_in_plain_digits(text, value):
    assert whole(text) == value


@pytest.mark.parametrize(
    "text", ["", " ", "-", " 7", "7 ", "7\n", "1_0", "7.0", "1e2", "\u0667", "0x7", "seven", "--7"]
)
def test_anything_else_is_no_whole_number(text):
    with pytest.raises(NotKept, match="must be a whole number"):
        whole(text)


@pytest.mark.parametrize("text", [str(LARGEST + 1), f"-{LARGEST + 1}", "9" * 17, "9" * 5000, "1" + "0" * 100_000])
def test_a_whole_number_that_not_every_reader_keeps(text):
    with pytest.raises(NotKept, match="beyond 9007199254740991"):
        whole(text)


@pytest.mark.parametrize("text", ["0", "2.50", "-3", "1e2", "1E-3", f"1e{FARTHEST}", f"1e-{FARTHEST}", "0." + "1" * (LONGEST - 2)])  # fmt: skip  # noqa: E501
def test_a_decimal_is_read_exactly(text):
    assert decimal(text).as_tuple() == Decimal(text).as_tuple()


@pytest.mark.parametrize("text", [*BEYOND, "1" * 5000, "0." + "1" * 5000, "1e" + "0" * 5000])
def test_a_decimal_beyond_is_refused_by_its_text(text):
    with pytest.raises(NotKept, match=r"beyond|more digits"):
        decimal(text)


@pytest.mark.parametrize(
    "text", ["", "NaN", "sNaN", "Infinity", "-inf", "1,5", "1.", ".5", "1e", "1 ", "\u0662.\u0665", "1_0"]
)
def test_anything_else_is_no_decimal(text):
    with pytest.raises(NotKept, match="must be a number in plain digits"):
        decimal(text)


@given(st.text(alphabet="0123456789.eE+-", max_size=60) | st.text(max_size=20))
def test_whatever_is_read_is_small_and_printed_small(text):
    for read in (whole, decimal):
        try:
            found = read(text)
        except NotKept:
            continue
        assert len(f"{found:f}" if isinstance(found, Decimal) else str(found)) < FARTHEST + 2 * LONGEST
        assert not isinstance(found, Decimal) or is_kept(found)


def test_nan_and_the_infinities_are_named():
    with pytest.raises(NotKept, match="NaN"):
        no_constant("NaN")


@pytest.mark.parametrize(
    ("text", "count"),
    [("0", 0), ("0.000", 0), ("1.500", 1), ("1.125", 3), ("100", 0), ("1e2", 0), ("1e-3", 3), ("1.0e-3", 3),
     # more digits than decimal arithmetic carries: normalize() would round them away
     ("1." + "0" * 36 + "1", 37), ("0." + "9" * 38, 38)],
)  # fmt: skip
def test_places_are_counted_not_rounded(text, count):
    assert places(decimal(text)) == count


# --- where no text was read: values that were made -------------------------------------------------------------------

MADE = [
    *(Decimal((0, (1,), exponent)) for exponent in (-300_000_000, 1_000_000, 999_999)),
    Decimal((0, (0,), -(10**9))),
]
"""Decimals that no door lets in, and arithmetic breaks on or rounds to nothing."""


@pytest.mark.parametrize("amount", MADE, ids=str)
def test_an_amount_beyond_is_a_fault_and_costs_nothing(amount):
    tracemalloc.start()
    [fault] = amount_faults("dose_mg", amount, Decimal(1000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert fault.field == "dose_mg"
    assert "more digits than can be kept" in fault.message
    assert peak < 1_000_000


@pytest.mark.parametrize("amount", MADE, ids=str)
@pytest.mark.parametrize(
    ("kind", "detail", "field"),
    [
        (EventKind.INFUSION_STARTED, DoseStarted(Decimal(1)), "dose_mg"),
        (EventKind.NASAL_DEVICE_GIVEN, DeviceGiven(Decimal(1)), "dose_mg"),
        (EventKind.RATE_CHANGED, RateChanged(Decimal(1)), "rate_ml_h"),
        (EventKind.MEDICATION_GIVEN, MedicationGiven("ondansetron", Decimal(1)), "dose"),
        (EventKind.OXYGEN_STARTED, OxygenStarted(Decimal(1)), "flow_l_min"),
    ],
)
def test_no_event_takes_it(kind, detail, field, amount):
    made = event(kind, detail=replace(detail, **{field: amount}))
    route = Route.INTRANASAL if kind is EventKind.NASAL_DEVICE_GIVEN else Route.IV_INFUSION
    with pytest.raises(EventInvalid) as refused:
        check_event(made, route, made.at)
    assert [fault.field for fault in refused.value.errors] == [f"detail.{field}"]


@pytest.mark.parametrize("amount", [*MADE, Decimal("NaN"), Decimal("Infinity")], ids=str)
def test_no_document_spells_it(amount):
    with pytest.raises(NotKept):
        decimal_text(amount)


@pytest.mark.parametrize("text", [*BEYOND, "NaN"])
def test_no_document_is_read_with_it(text):
    with pytest.raises(NotKept):
        decimal(text)


def test_an_amount_with_a_digit_far_behind_the_point_is_not_rounded_into_the_record():
    [fault] = amount_faults("dose_mg", Decimal("36." + "0" * 36 + "1"), Decimal(1000))
    assert "more than 3 places" in fault.message
