"""A receiver on loopback."""

import pytest

from tests.jobs.receiver import receiving


@pytest.fixture
def receiver():
    with receiving() as opened:
        yield opened
