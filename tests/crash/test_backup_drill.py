"""A backup is taken while tablets chart: brought back elsewhere it has all that was acknowledged before it began.

The control: the same drill with a plain copy of the file goes red.
"""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from app.db.engine import open_database
from app.db.work import service_actor
from tests.commands.backup_places import Places, places
from tests.commands.shell import Shell
from tests.commands.test_serving import serving
from tests.crash.charting import a_moment_ago, ask
from tests.crash.test_kill import kept_ids
from tests.factories import NOON, PASSWORD
from tests.services.ward import Ward

ROOT = Path(__file__).parents[2]
TABLETS = 2
BEFORE, AFTER = 12, 3
"""Readings acknowledged before the backup begins, and at least so many while it is made."""


class Drill:
    """A clinic that is charted in over HTTP by processes of their own."""

    def __init__(self, places: Places, shell: Shell) -> None:
        self.places, self.shell = places, shell
        database = open_database(places.url)
        ward = Ward(database)
        self.clinic = ward.clinic
        self.sessions = [ward.plan(ward.add_patient()) for _ in range(TABLETS)]
        database.close()
        who = ("--clinic", self.clinic.name, "--role", "nurse", "--username", "nurse", "--name", "Nurse")
        assert shell("staff", "add", *who, "--keep-password", typed=f"{PASSWORD}\n") == 0, shell.err
        self.acknowledged: list[UUID] = []

    @contextmanager
    def charting(self) -> Iterator[None]:
        with serving(self.places.folder, DATABASE_URL=self.places.url) as (_, url):
            token = ask(f"{url}/v1/sign-in", "POST", {"username": "nurse", "password": PASSWORD})["access_token"]
            processes = [self._tablet(url, token, str(session_id)) for session_id in self.sessions]
            hearing = [threading.Thread(target=self._hear, args=(process,)) for process in processes]
            for one in hearing:
                one.start()
            try:
                yield
            finally:
                for process in processes:
                    process.kill()
                    process.wait()
                for one in hearing:
                    one.join()

    def _tablet(self, url: str, token: str, session_id: str) -> subprocess.Popen:
        checked_in = {"kind": "checked-in", "at": a_moment_ago()}
        ask(f"{url}/v1/sessions/{session_id}/events/{session_id}", "PUT", checked_in, token)
        command = [sys.executable, "-m", "tests.crash.charting", url, token, session_id]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def _hear(self, process: subprocess.Popen) -> None:
        assert process.stdout is not None
        with process.stdout as told:
            self.acknowledged.extend(UUID(line.split()[1]) for line in told if line.endswith("\n"))

    def wait_for(self, more: int) -> set[UUID]:
        """What is acknowledged, as soon as so many more are."""
        enough, until = len(self.acknowledged) + more, time.monotonic() + 60
        while len(self.acknowledged) < enough:
            assert time.monotonic() < until, "nobody charts"
            time.sleep(0.01)
        return set(self.acknowledged)

    def here(self, url: str) -> set[UUID]:
        """The readings of a record; each is there once."""
        database = open_database(url)
        try:
            found: set[UUID] = database.read_now(kept_ids, service_actor(self.clinic.id), NOON)
        finally:
            database.close()
        return found


@pytest.fixture
def drill(database_url: str, tmp_path: Path, monkeypatch, capsys) -> Iterator[Drill]:
    with places(tmp_path, database_url) as made:
        for name, value in made.settings().items():
            monkeypatch.setenv(name, value)
        shell = Shell(monkeypatch, capsys)
        assert shell("backup", "key", str(made.identity)) == 0
        made.key = shell.out.strip()
        yield Drill(made, shell)


def command(place: Places, url: str, *arguments: str) -> subprocess.CompletedProcess:
    said = {**os.environ, **place.settings(url)}
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def test_all_that_was_acknowledged_before_it_began_is_in_a_backup(drill):
    place = drill.places
    with drill.charting():
        before = drill.wait_for(BEFORE)
        done = command(place, place.url, "backup", str(place.file), "--for", place.key)
        assert done.returncode == 0, done.stderr
        assert len(set(drill.acknowledged) - before) >= AFTER, "nobody charted meanwhile"
    done = command(place, place.elsewhere, "restore", str(place.file), "--identity", str(place.identity))
    assert done.returncode == 0, done.stderr
    found = drill.here(place.elsewhere)
    assert before - found == set()
    assert found <= drill.here(place.url)
    done = command(place, place.elsewhere, "audit", "verify")
    assert done.returncode == 0, done.stdout
    assert place.nothing_lies_about()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_drill_sees_a_plain_copy_of_the_file(drill):
    """What was acknowledged last lies in the log beside the file, and is not in its copy."""
    place = drill.places
    copy = place.folder / "copy" / "clinic.db"
    copy.parent.mkdir()
    with drill.charting():
        before = drill.wait_for(BEFORE)
        shutil.copyfile(place.url.removeprefix("sqlite:///"), copy)
    assert before - drill.here(f"sqlite:///{copy}"), "a drill that cannot fail proves nothing"
