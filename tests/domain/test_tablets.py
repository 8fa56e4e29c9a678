"""When what a tablet stamps is in doubt, and what it says of itself after a restore."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.tablets import CLOCK_LIMIT_MS, KEPT_ON_TABLETS, Tablet, clock_is_doubtful, unsent_in_this_life

LIFE, BEFORE = UUID(int=2), UUID(int=1)
RESTORED = datetime(2026, 3, 8, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offset", "doubtful"),
    [
        (None, False),
        (0, False),
        (59_999, False),
        (60_000, False),
        (60_001, True),
        (-60_000, False),
        (-60_001, True),
        (86_400_000, True),
        (-86_400_000, True),
    ],
)
def test_a_clock_more_than_a_minute_off_is_in_doubt_either_way(offset, doubtful):
    assert clock_is_doubtful(offset) is doubtful
    assert CLOCK_LIMIT_MS == 60_000


def test_a_tablet_is_in_use_and_its_clock_is_trusted_until_something_says_otherwise():
    assert Tablet("7").in_use is True
    assert clock_is_doubtful(None) is False


@pytest.mark.parametrize(
    ("unsent", "knows", "restored_at", "hours", "counts_as"),
    [
        (0, LIFE, RESTORED, 0, 0),
        (2, LIFE, RESTORED, 0, 2),
        (0, BEFORE, RESTORED, 0, 1),
        (2, BEFORE, RESTORED, 0, 2),
        (0, None, RESTORED, 0, 1),
        (0, BEFORE, RESTORED, 72, 1),
        (0, None, RESTORED, 72, 1),
        (0, BEFORE, RESTORED, 73, 0),
        (0, None, None, 0, 0),
        (0, BEFORE, None, 0, 0),
        (3, None, None, 0, 3),
    ],
)
def test_who_does_not_know_of_a_restore_counts_as_holding_something(unsent, knows, restored_at, hours, counts_as):
    now = RESTORED + timedelta(hours=hours)
    assert unsent_in_this_life(unsent, knows, LIFE, restored_at, now) == counts_as
    assert timedelta(hours=72) == KEPT_ON_TABLETS
