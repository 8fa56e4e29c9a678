import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from app.clock import Clock


@pytest.fixture
def build() -> Any:
    """How the demo is given the service: the real one."""
    from app.main import create_app
    from app.settings import Settings

    def made(database_url: str, clock: Clock) -> Any:
        return create_app(Settings(database_url=database_url), clock)

    return made


class Heard(Console):
    """A console whose words can be read back."""

    @property
    def text(self) -> str:
        return self.file.getvalue()  # type: ignore[attr-defined]


def fresh_console() -> Heard:
    return Heard(file=io.StringIO(), width=200)


@pytest.fixture
def heard() -> Heard:
    return fresh_console()


@pytest.fixture
def another() -> Callable[[], Heard]:
    """For a test that needs several."""
    return fresh_console
