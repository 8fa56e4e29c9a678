"""A shell on a database of the test's own; and one whose clinic has its people."""

import pytest

from tests.commands.shell import Shell
from tests.factories import PASSWORD


@pytest.fixture
def shell(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return Shell(monkeypatch, capsys)


@pytest.fixture
def clinic(shell: Shell) -> Shell:
    assert shell("clinic", "create", "Lakeside", "--timezone", "Europe/Vienna") == 0
    for role in ("clinician", "lead", "nurse"):
        arguments = ("staff", "add", "--clinic", "Lakeside", "--role", role, "--username", role, "--name", role.title())
        assert shell(*arguments, typed=PASSWORD + "\n") == 0
    return shell
