"""When what a tablet stamps is in doubt."""

import pytest

from app.domain.tablets import CLOCK_LIMIT_MS, Tablet, clock_is_doubtful


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
