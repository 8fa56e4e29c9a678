"""The two pressures beside each other, and a note that says nothing: what is asked, and what is not asked twice."""

import pytest

from app.domain.errors import Invalid
from app.domain.typed import ReadingInvalid, Unlikely, check_reading
from tests.domain.typed_values import NOW, reading


def said(made):
    with pytest.raises(Invalid) as refused:
        check_reading(made, NOW)
    return type(refused.value), sorted(fault.field for fault in refused.value.errors)


@pytest.mark.parametrize("systolic", [100, 99, 85])
def test_pressures_that_cannot_be_are_not_asked_to_be_confirmed_as_well(systolic):
    assert said(reading(systolic=systolic, diastolic=100)) == (ReadingInvalid, ["diastolic"])


@pytest.mark.parametrize("difference", [1, 2, 14])
def test_pressures_that_lie_close_are_both_to_be_confirmed(difference):
    assert said(reading(systolic=100 + difference, diastolic=100)) == (Unlikely, ["diastolic", "systolic"])


@pytest.mark.parametrize("note", [" ", "\n", "\u00a0"])
def test_a_note_may_be_blank(note):
    check_reading(reading(note=note), NOW)
