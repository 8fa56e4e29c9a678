"""The fixed bands and the instruments, written down a second time."""

import pytest

from app.domain.vitals import INSTRUMENTS, PULSE_PRESSURE, VITALS, Band, Vital

BANDS = {
    Vital.HEART_RATE: (Band(20, 300), Band(40, 140)),
    Vital.SYSTOLIC: (Band(40, 300), Band(80, 190)),
    Vital.DIASTOLIC: (Band(20, 200), Band(40, 115)),
    Vital.RESPIRATORY_RATE: (Band(0, 80), Band(8, 30)),
    Vital.SPO2: (Band(30, 100), Band(90, 100)),
}


@pytest.mark.parametrize("vital", Vital)
def test_what_is_possible_and_what_is_likely(vital):
    for band, written in zip((VITALS[vital].possible, VITALS[vital].likely), BANDS[vital], strict=True):
        assert band == written
        held = [value for value in range(-10, 400) if band.holds(value)]
        assert held == list(range(written.low, written.high + 1))


def test_a_band_holds_its_bounds_and_nothing_beyond():
    assert [value for value in range(200) if PULSE_PRESSURE.holds(value)] == list(range(15, 121))


@pytest.mark.parametrize(
    ("instrument", "items", "ceiling"),
    [
        (("cadss", "23-item"), tuple(range(1, 24)), 92),
        (("cadss", "28-item"), tuple(range(1, 29)), 112),
        (("cadss-6", "2021"), (1, 2, 6, 7, 15, 22), 24),
    ],
)
def test_an_instrument_has_its_items_by_number_each_up_to_four(instrument, items, ceiling):
    facts = INSTRUMENTS[instrument]
    assert (facts.items, facts.item_ceiling, facts.ceiling) == (items, 4, ceiling)


def test_no_other_instrument_is_known():
    assert set(INSTRUMENTS) == {("cadss", "23-item"), ("cadss", "28-item"), ("cadss-6", "2021")}
