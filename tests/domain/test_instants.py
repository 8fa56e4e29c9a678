"""Instants: aware, UTC, and the same there and back."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.instants import (
    EPOCH,
    MINUTE,
    SECOND,
    NaiveInstant,
    from_microseconds,
    from_text,
    minutes,
    to_microseconds,
    to_text,
    utc,
)

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda count: timezone(timedelta(minutes=count)))
INSTANTS = st.builds(
    lambda count, zone: (EPOCH + timedelta(microseconds=count)).astimezone(zone),
    st.integers(0, 7 * 10**15),
    OFFSETS | st.just(UTC),
)


class Nowhere(tzinfo):
    """A zone that does not know its offset."""

    def utcoffset(self, _when):
        return None

    def dst(self, _when):
        return None


@given(INSTANTS)
def test_there_and_back(instant):
    assert utc(instant) == instant
    assert utc(instant).tzinfo is UTC
    assert from_text(to_text(instant)) == instant
    assert from_microseconds(to_microseconds(instant)) == instant


def test_known_spellings():
    instant = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
    assert to_text(instant) == "2026-03-08T09:30:00Z"
    assert to_text(instant + timedelta(microseconds=5)) == "2026-03-08T09:30:00.000005Z"
    assert to_text(instant.astimezone(timezone(timedelta(hours=-7)))) == "2026-03-08T09:30:00Z"
    assert from_text("2026-03-08T02:30:00-07:00") == instant


def test_a_known_count_of_microseconds():
    assert datetime(1970, 1, 1, tzinfo=UTC) == EPOCH
    assert to_microseconds(datetime(2001, 9, 9, 1, 46, 40, 7, tzinfo=UTC)) == 1_000_000_000_000_007


@pytest.mark.parametrize("zone", [None, Nowhere()])
def test_an_instant_without_an_offset_is_refused(zone):
    instant = EPOCH.replace(tzinfo=zone)
    with pytest.raises(NaiveInstant) as refused:
        utc(instant)
    assert refused.value.errors[0].field == "at"


def test_durations():
    assert minutes(90) == timedelta(hours=1, minutes=30)
    assert MINUTE == minutes(1) == 60 * SECOND
    assert timedelta(seconds=1) == SECOND
