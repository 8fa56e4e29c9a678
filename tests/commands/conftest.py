"""A shell on a database of the test's own; and one whose clinic has its people."""

import shutil
from pathlib import Path

import pytest

from tests.commands.shell import Shell
from tests.factories import PASSWORD


@pytest.fixture
def shell(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return Shell(monkeypatch, capsys)


@pytest.fixture(scope="session")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the SQLite file of the first such clinic is kept, for the others to copy."""
    return tmp_path_factory.mktemp("peopled") / "clinic.db"


@pytest.fixture
def clinic(shell: Shell, database_url: str, peopled: Path) -> Shell:
    """Made by the commands themselves: on PostgreSQL for every test, on SQLite for the first."""
    own = Path(database_url.removeprefix("sqlite:///")) if database_url.startswith("sqlite") else None
    if own and peopled.exists():
        shutil.copyfile(peopled, own)
        return shell
    assert shell("clinic", "create", "Lakeside", "--timezone", "Europe/Vienna", "--signing", "password") == 0
    for role in ("clinician", "lead", "nurse"):
        who = ("--role", role, "--username", role, "--name", role.title())
        arguments = ("staff", "add", "--clinic", "Lakeside", *who, "--keep-password")
        assert shell(*arguments, typed=PASSWORD + "\n") == 0
    if own:
        assert list(own.parent.glob(f"{own.name}-*")) == []  # the file is all there is of it
        shutil.copyfile(own, peopled)
    return shell
