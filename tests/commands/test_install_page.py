"""docs/install.md is followed from its first line to its last, on both engines, as far as it starts programs of ours.

What the units start is started as they start it; what systemd, `apt` and root do around it is not.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.architecture.command_lines import blocks_of, commands_in
from tests.architecture.test_units import PAGE, PROGRAM, SERVICES, STATE, read_file_of_settings, started
from tests.architecture.tree import ROOT
from tests.commands.backup_places import alone
from tests.commands.shell import Shell
from tests.factories import PASSWORD

LINES = blocks_of(PAGE)[0].splitlines()
DATABASES = ("infusion_vitals", "infusion_vitals_of_0_2_0")
ROLES = ("infusion_app", "infusion_owner")
OURS = "sudo infusion-vitals "
SERVERS = "sudo -u postgres "
STARTS = {
    "sudo systemctl start infusion-vitals-backup.service": "infusion-vitals-backup.service",
    "sudo systemctl enable --now infusion-vitals-downtime.timer": "infusion-vitals-downtime.service",
}
FIRST_START = "sudo systemctl enable --now infusion-vitals.service infusion-vitals-backup.timer"


def clear_away() -> None:
    """Whatever a run of this test leaves on the server that all tests share."""
    for name in DATABASES:
        postgres.drop(name)
    with postgres.as_owner() as owner:
        for role in ROLES:
            owner.execute(f"DROP ROLE IF EXISTS {role}")


class Box:
    """A machine that the page is typed on, as far as it is ours: `state` is the service's folder."""

    def __init__(self, state: Path, engine: str, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state, self.engine, self.shell, self._environment = state, engine, shell, monkeypatch
        server = engine == "postgresql"
        given = read_file_of_settings("service.env", other=server) | read_file_of_settings("downtime.env")
        given |= read_file_of_settings("owner.env") if server else {}
        given.pop("BACKUP_RECIPIENTS", None)
        for name, value in given.items():
            text = value.replace(STATE, str(state))
            if server:
                text = text.replace(f"@127.0.0.1/{DATABASES[0]}", f"@/{DATABASES[0]}?host={postgres.folder() / 'data'}")
            monkeypatch.setenv(name, text)
        monkeypatch.setenv("BACKUP_SCRATCH", str(state / "scratch"))
        if server:
            monkeypatch.setenv("POSTGRESQL_PROGRAMS", str(postgres.programs(postgres.folder())))
        monkeypatch.delenv("SECRETS_KEY")
        for folder in ("scratch", "backups", "credentials"):
            (state / folder).mkdir(parents=True)
        (state / "credentials" / "downtime-password").write_text(f"{PASSWORD}\n")
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(state / "credentials"))
        monkeypatch.chdir(state)

    def ours(self, arguments: list[str]) -> None:
        """One command of the program."""
        code = self.shell(*arguments, typed=f"{PASSWORD}\n")
        if arguments[0] == "doctor":
            # a disk of this machine may be full; nothing else may be left to do where the page says to look
            told = [line.split()[2].strip(":") for line in self.shell.out.splitlines() if line.startswith("TO DO")]
            assert [one for one in told if one != "disk"] == [], self.shell.out
            return
        assert code == 0, (arguments, self.shell.err)
        if arguments[:2] == ["backup", "key"]:
            self._environment.setenv("BACKUP_RECIPIENTS", self.shell.out.strip())
        if arguments == ["secrets", "new"]:
            key = self.state / "secrets-key"
            key.write_text(self.shell.out)
            key.chmod(0o600)

    def servers(self, line: str) -> None:
        """One command for PostgreSQL's administrator; here nobody asks for passwords."""
        name, *words = shlex.split(line.removeprefix(SERVERS))
        program = postgres.programs(postgres.folder()) / name
        where = [f"--host={postgres.folder() / 'data'}", f"--username={postgres.OWNER}"]
        subprocess.run([program, *where, *(word for word in words if word != "--pwprompt")], check=True, cwd="/")

    def starts(self, unit: str) -> None:
        """What a unit starts, where and with what the unit says."""
        [text] = started(SERVICES[unit])[:1]
        place = SERVICES[unit]["Service"]["WorkingDirectory"][0].replace(STATE, str(self.state))
        text = text.replace(PROGRAM, f"{shlex.quote(sys.executable)} -m app")
        surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run(["/bin/sh", "-c", text], check=True, cwd=place, env=surroundings, umask=0o077)

    def puts_aside(self) -> None:
        """What the page's `find` does with a SQLite file."""
        for path in self.state.glob("infusion-vitals.db*"):
            if path.name.removeprefix("infusion-vitals.db") in {"", "-wal", "-shm"}:
                path.rename(path.with_name(f"of-0.2.0-{path.name}"))


@pytest.fixture
def box(engine_name: str, tmp_path: Path, monkeypatch, capsys) -> Iterator[Box]:
    if engine_name == "postgresql":
        postgres.folder()
    with alone(engine_name):
        if engine_name == "postgresql":
            clear_away()
        yield Box(tmp_path / "state", engine_name, Shell(monkeypatch, capsys), monkeypatch)
        if engine_name == "postgresql":
            clear_away()


def test_the_page_leads_from_nothing_to_a_clinic_and_to_another_version_and_back(box: Box):
    done: list[str] = []
    for line in LINES:
        if line.startswith(SERVERS) and box.engine == "postgresql":
            box.servers(line)
        elif line.startswith("sudo find ") and box.engine == "sqlite":
            box.puts_aside()
        elif line == FIRST_START:
            # the lead sets the clinic up
            box.ours(["clinic", "create", "North Clinic", "--signing", "password"])
        elif line in STARTS:
            box.starts(STARTS[line])
        elif line.startswith(OURS):
            [arguments] = commands_in(line)
            if arguments[0] in {"secrets", "migrate"} and FIRST_START not in done and box.engine == "sqlite":
                continue  # of the part on PostgreSQL
            box.ours(arguments)
        done.append(line)
    assert set(STARTS) <= set(done)
    assert box.shell("clinic", "list") == 0
    assert "North Clinic" in box.shell.out
    kept = sorted(path.name for path in (box.state / "backups").iterdir())
    assert [re.sub(r"^20[\dTZ:-]+", "", name) for name in kept] == [".age", ".anchors", "before-0.2.0.age"]
    assert kept[0].removesuffix(".age") == kept[1].removesuffix(".anchors")
    sheets = {path.name: path.stat().st_mode & 0o777 for path in (box.state / "downtime").iterdir()}
    assert sheets == {"downtime-sheets.pdf": 0o600, "downtime-blank.pdf": 0o600}
