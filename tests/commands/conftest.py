"""A shell on a database of the test's own."""

import pytest

from tests.commands.test_commands import Shell


@pytest.fixture
def shell(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return Shell(monkeypatch, capsys)
