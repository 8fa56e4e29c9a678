"""One bench of judges for all tests of a worker."""

from collections.abc import Iterator

import pytest

from tests.judges.bench import Bench


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    opened = Bench()
    yield opened
    opened.close()
