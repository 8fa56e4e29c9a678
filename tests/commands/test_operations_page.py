"""The commands of docs/operations.md are run as they stand: a clinic is backed up, looked after and brought back."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.commands.backup_places import Places, places
from tests.commands.shell import Shell

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.strip()]


@pytest.fixture
def place(clinic: Shell, tmp_path: Path, database_url: str, monkeypatch) -> Iterator[Places]:
    monkeypatch.chdir(tmp_path)
    with places(tmp_path, database_url) as made:
        for name, value in made.settings().items():
            monkeypatch.setenv(name, value)
        yield made


def run(shell: Shell, line: str) -> int:
    """One line of the page; `>` is the only thing of a shell that it may use."""
    words, _, out = line.partition(" > ")
    name, *arguments = shlex.split(words)
    assert name == "infusion-vitals"
    code = shell(*arguments)
    if out:
        Path(out).write_text(shell.out)
    return code


def test_every_command_of_the_page_works(clinic: Shell, place: Places, monkeypatch):
    assert [line.split()[1] for line in COMMANDS] == ["backup", "audit", "backup", "backup", "restore", "doctor"]
    for line in COMMANDS:
        if " restore " in line:
            for name, value in place.settings(place.elsewhere).items():
                monkeypatch.setenv(name, value)
        code = run(clinic, line)
        if " key " in line:
            monkeypatch.setenv("BACKUP_RECIPIENTS", clinic.out.strip())
        if " doctor " in line:
            # a disk of this machine may be full; and what was brought back has no backup of its own yet
            told = [line.split()[2] for line in clinic.out.splitlines() if line.startswith("TO DO")]
            assert [one for one in told if one != "disk"] == ["backup:"]
        else:
            assert code == 0, (line, clinic.err)


def test_every_setting_of_backups_is_on_the_page():
    from app.settings import Settings

    named = set(re.findall(r"`([A-Z_]{6,})`", PAGE))
    ours = {name.upper() for name in Settings.model_fields if name.startswith(("backup_", "postgresql_"))}
    assert ours <= named
    assert {name for name in named if name.startswith("BACKUP_")} <= ours
