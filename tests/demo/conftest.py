from collections.abc import Callable
from typing import Any

import pytest

from tests.demo.live import Heard, fresh_console, real_service


@pytest.fixture
def build() -> Any:
    """How the demo is given the service: the real one."""
    return real_service


@pytest.fixture
def heard() -> Heard:
    return fresh_console()


@pytest.fixture
def another() -> Callable[[], Heard]:
    """For a test that needs several."""
    return fresh_console
