"""Intervals: Wilson's as published, medians as resampling gives them, and patients counted rather than sessions."""

from random import Random
from statistics import NormalDist, median_low

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.own_evidence.intervals import (
    FEWEST,
    Estimate,
    Seen,
    at_rank,
    difference,
    median,
    share,
    student,
    wilson,
)

Z = NormalDist().inv_cdf(0.975)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_is_as_newcombe_published_it(hits, of, low, high):
    assert wilson(hits / of, of, Z) == pytest.approx((low, high), abs=0.00006)


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(10, 2.228), (15, 2.131), (30, 2.042), (120, 1.980), (10_000, 1.960)]
)
def test_students_quantile_is_that_of_the_tables(freedom, quantile):
    assert student(freedom) == pytest.approx(quantile, abs=0.0006)


def test_of_one_session_each_a_share_has_wilsons_interval():
    found = share([Seen(int(number < 30), 1) for number in range(100)])
    assert found is not None
    assert (found.low, found.high) == pytest.approx(wilson(0.3, 100, student(99)), abs=0.002)


def test_sessions_that_are_alike_within_a_patient_tell_less():
    apart = share([Seen(int(number % 10 < 3), 1) for number in range(200)])
    alike = share([Seen(10 * int(number % 10 < 3), 10) for number in range(20)])
    assert apart is not None
    assert alike is not None
    assert apart.value == alike.value
    assert alike.high - alike.low > 2.9 * (apart.high - apart.low)


@pytest.mark.parametrize("patients", [0, 1, FEWEST - 1])
def test_of_too_few_patients_nothing_is_said_however_many_sessions_they_had(patients):
    assert share([Seen(50, 100)] * patients) is None
    assert median({number: [60] * 100 for number in range(patients)}) is None
    assert share([Seen(50, 100)] * patients + [Seen(0, 0)] * FEWEST) is None
    assert median({number: [] for number in range(FEWEST)}) is None


def test_at_eleven_patients_it_is_said():
    assert share([Seen(1, 2)] * FEWEST) is not None
    assert median({number: [60 + number] for number in range(FEWEST)}) is not None


@pytest.mark.parametrize("count", [25, 60, 141])
def test_the_interval_of_a_median_is_that_of_samples_drawn_anew(count):
    """Within one place of the sorted values to each side, and a little of Student's t."""
    chance = Random(7)
    values = sorted(chance.sample(range(1000), count))
    drawn = sorted(median_low(chance.choices(values, k=count)) for _ in range(1000))
    found = median({number: [value] for number, value in enumerate(values)})
    assert found is not None
    assert found.value == median_low(values)
    for mine, theirs in ((found.low, drawn[25]), (found.high, drawn[974])):
        assert abs(values.index(mine) - values.index(theirs)) <= 2


def test_all_alike_the_median_is_certain_and_nothing_fails():
    found = median({number: [60, 60] for number in range(20)})
    assert found == Estimate(60, 60, 60)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_a_share_lies_in_its_interval_and_that_between_none_and_all(counts):
    found = share([Seen(min(pair), max(pair)) for pair in counts])
    if found is not None:
        assert 0 <= found.low <= found.value + 1e-12
        assert found.value - 1e-12 <= found.high <= 1


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(0, 600), max_size=6), min_size=11, max_size=30))
def test_a_median_lies_in_its_interval(values):
    found = median(dict(enumerate(values)))
    if found is not None:
        assert found.low <= found.value <= found.high


def test_a_rank_is_read_off_the_sorted_values():
    assert [at_rank([1, 2, 3, 4], rank) for rank in (0, 0.25, 0.26, 0.5, 0.75, 1)] == [1, 1, 2, 2, 3, 4]


def test_a_difference_keeps_what_each_side_does_not_know():
    found = difference(Estimate(75, 71, 80), Estimate(60, 56, 63))
    assert found.value == 15
    assert (found.low, found.high) == pytest.approx((10, 15 + (25 + 16) ** 0.5))
