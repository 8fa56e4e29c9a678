"""A backup is proven before it is there, comes back into an empty place only, and is then another life of it."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.commands import backing_up
from app.db import copies
from app.db.tables import journal
from app.db.work import NIL, service_actor
from app.exchange import backup_file
from app.services import audit, clinics
from app.services.audit import Filters
from tests.commands.backup_places import Places, counts, look, places
from tests.commands.shell import Shell
from tests.factories import NOON

ROOT = Path(__file__).parents[2]
LOGS = {"log_events", "log_links", "log_pending", "clock", "sessions", "streams", "feed"}
"""What grows by itself when a database is opened, looked at and sealed."""


@pytest.fixture
def place(clinic: Shell, tmp_path: Path, database_url: str, monkeypatch) -> Iterator[Places]:
    """A clinic with its people, a key, and an empty place elsewhere."""
    with places(tmp_path, database_url) as made:
        for name, value in made.settings().items():
            monkeypatch.setenv(name, value)
        assert clinic("backup", "key", str(made.identity)) == 0
        made.key = clinic.out.strip()
        before = signal.getsignal(signal.SIGTERM)
        yield made
        signal.signal(signal.SIGTERM, before)


def go_elsewhere(place: Places, monkeypatch) -> None:
    for name, value in place.settings(place.elsewhere).items():
        monkeypatch.setenv(name, value)


def secret_ids() -> list[str]:
    return sorted(row.fact_id for row in look(lambda work: work.all(select(journal.c.fact_id))))


def test_a_backup_comes_back_as_it_was_and_as_another_life(clinic, place, monkeypatch):
    assert clinic("audit", "anchor") == 0
    anchors = place.folder / "anchors"
    anchors.write_text(clinic.out)
    before, ids, epoch = counts(), secret_ids(), look(clinics.epoch)
    assert clinic("backup", str(place.file), "--for", place.key) == 0
    assert "all as they were" in clinic.out
    assert "SECRETS_KEY_FILE" in clinic.out
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o600
    assert place.nothing_lies_about()
    assert b"Lakeside" not in place.file.read_bytes()
    opens = ("--identity", str(place.identity))
    assert clinic("backup", "verify", str(place.file), *opens, "--anchor", str(anchors)) == 0
    assert place.nothing_lies_about()
    go_elsewhere(place, monkeypatch)
    assert clinic("restore", str(place.file), *opens, "--anchor", str(anchors)) == 0, clinic.err
    assert "begin from its start" in clinic.out
    assert place.nothing_lies_about()
    after = counts()
    assert {name: after[name] for name in before if name not in LOGS} == {
        name: count for name, count in before.items() if name not in LOGS
    }
    assert (secret_ids(), look(clinics.epoch) != epoch) == (ids, True)
    assert clinic("audit", "verify", "--anchor", str(anchors)) == 0, clinic.out
    assert clinic("rebuild", "--check") == 0
    # and it is no empty place any more
    assert "nothing is written over" in clinic.fails("restore", str(place.file), *opens)
    assert secret_ids() == ids


def test_that_a_backup_was_proven_is_kept_in_the_log(clinic, place):
    assert clinic("backup", str(place.file), "--for", place.key) == 0
    with backing_up.running() as run:
        found, _ = run.database.read_now(audit.read_page, service_actor(NIL), NOON, Filters(), None, 50)
    [noted] = [each for each in found if each.action == "installation.backed-up"]
    assert noted.after["bytes"] == place.file.stat().st_size
    assert noted.after["sha256"] in clinic.out


def test_nothing_is_written_over_and_nothing_in_the_clear_unasked(clinic, place):
    to = str(place.file)
    assert "--unencrypted" in clinic.fails("backup", to)
    assert "--for" in clinic.fails("backup", to, "--unencrypted", "--for", place.key)
    assert "age1" in clinic.fails("backup", to, "--for", "somebody")
    assert "no folder" in clinic.fails("backup", str(place.folder / "nowhere" / "x.age"), "--for", place.key)
    place.file.write_text("something")
    assert "written over" in clinic.fails("backup", to, "--for", place.key)
    assert "written over" in clinic.fails("backup", "key", str(place.identity))
    assert place.file.read_text() == "something"
    assert place.nothing_lies_about()


def test_one_that_is_not_encrypted_says_so(clinic, place, monkeypatch):
    assert clinic("backup", str(place.file), "--unencrypted") == 0
    assert "NOT encrypted" in clinic.out
    assert clinic("backup", "verify", str(place.file)) == 0
    assert "every patient" not in clinic.out


def test_the_keys_may_be_settings(clinic, place, monkeypatch):
    monkeypatch.setenv("BACKUP_RECIPIENTS", f"{place.key}, {backup_file.new_identity().to_public()}")
    monkeypatch.setenv("BACKUP_IDENTITY_FILE", str(place.identity))
    assert clinic("backup", str(place.file)) == 0
    assert clinic("backup", "verify", str(place.file)) == 0


def test_wrong_key_cut_short_and_one_byte_flipped_keep_nothing(clinic, place, monkeypatch):
    assert clinic("backup", str(place.file), "--for", place.key) == 0
    whole, opens = place.file.read_bytes(), ("--identity", str(place.identity))
    assert clinic("backup", "key", str(place.folder / "other")) == 0
    go_elsewhere(place, monkeypatch)
    told = clinic.fails("restore", str(place.file), "--identity", str(place.folder / "other"))
    assert "does not open" in told
    assert "--identity" in clinic.fails("restore", str(place.file))
    middle = len(whole) // 2
    for broken in (whole[:-1], whole[:middle], whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :], b""):
        place.file.write_bytes(broken)
        for command in (("restore",), ("backup", "verify")):
            told = clinic.fails(*command, str(place.file), *opens)
            assert "damaged" in told or "no backup" in told
            assert place.nothing_lies_about()
    place.file.write_bytes(whole)
    assert clinic("restore", str(place.file), *opens) == 0, "the place was still empty"


def made_otherwise(place: Places, change) -> None:
    """A backup whose manifest or copy is not what this program would have written."""
    settings = backing_up.Settings()
    with backing_up._means(settings) as means, backing_up.running(settings) as run:
        run.seal()
        told = backing_up._begun(run)
        with copies.snapshot(settings.database_url, means) as taken:
            told |= {"engine": taken.engine, "schema": taken.schema, "counts": dict(taken.counts)}
            change(told)
            with place.file.open("wb") as file:
                backup_file.write(file, told, taken.pieces, [backup_file.recipient(place.key)])


OF_THE_MANIFEST = {
    "newer": "a later one",
    "older": "0001",
    "nonsense": "cannot be read",
    "a table too many": "not whole",
    "another life": "epoch",
}
"""What is found out from it alone, by the same code on either engine."""
OF_WHAT_IS_IN_IT = {"a table left out": "journal", "an older copy": "does not hold"}


@pytest.mark.parametrize(
    ("engine_name", "what", "said"),
    [
        *(("sqlite", what, said) for what, said in (OF_THE_MANIFEST | OF_WHAT_IS_IN_IT).items()),
        *(("postgresql", what, said) for what, said in OF_WHAT_IS_IN_IT.items()),
    ],
)
def test_a_backup_that_is_not_what_it_says_is_found_out(clinic, place, monkeypatch, what, said):
    def change(told):
        match what:
            case "newer":
                told["schema"] = "9999"
            case "older":
                told["schema"] = "0001"
            case "nonsense":
                told["heads"] = ["nonsense"]
            case "a table left out":
                told["counts"]["journal"] += 1
            case "a table too many":
                del told["counts"]["walls"]
            case "an older copy":
                # as if the record had gone on by one link before this copy was made
                head = json.loads(told["heads"][-1])
                told["heads"].append(json.dumps(head | {"position": head["position"] + 1, "hash": "0" * 64}))
            case "another life":
                told["epoch"] = str(NIL)

    made_otherwise(place, change)
    opens = ("--identity", str(place.identity))
    assert said in clinic.fails("backup", "verify", str(place.file), *opens)
    go_elsewhere(place, monkeypatch)
    assert said in clinic.fails("restore", str(place.file), *opens)
    assert place.nothing_lies_about()
    made_otherwise_is_fine(clinic, place, monkeypatch)


def made_otherwise_is_fine(clinic, place, monkeypatch) -> None:
    """The control: with nothing changed the same file is a good one."""
    for name, value in place.settings().items():
        monkeypatch.setenv(name, value)
    made_otherwise(place, lambda _: None)
    go_elsewhere(place, monkeypatch)
    assert clinic("restore", str(place.file), "--identity", str(place.identity)) == 0, clinic.err


def test_a_record_that_does_not_hold_is_backed_up_under_another_name(clinic, place, monkeypatch):
    begun = backing_up._begun
    monkeypatch.setattr(backing_up, "_begun", lambda run: begun(run) | {"epoch": str(NIL)})
    told = clinic.fails("backup", str(place.file), "--for", place.key)
    apart = place.file.with_name("monday.age.not-proven")
    assert str(apart) in told
    assert not place.file.exists()
    apart.unlink()
    assert place.nothing_lies_about()


def program(place: Places, *arguments: str, **other: str) -> subprocess.Popen:
    said = {**os.environ, **place.settings(), **other}
    return subprocess.Popen(
        [sys.executable, "-m", "app", *arguments], cwd=ROOT, env=said, stderr=subprocess.PIPE, text=True
    )


def begun_writing(place: Places) -> bool:
    return any(path.name.startswith(".monday.age.partial") for path in place.file.parent.iterdir())


def ended_as_it_writes(place: Places, how: signal.Signals) -> bool:
    """Whether a backup was ended in the midst of it; on a busy machine one may be through before it is hit."""
    process = program(place, "backup", str(place.file), "--for", place.key)
    while not begun_writing(place) and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    assert process.returncode in (0, -how, 128 + how), said
    if process.returncode == 0:
        place.file.unlink()
    return process.returncode != 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_one_that_is_ended_bears_no_name_and_the_next_clears_away(clinic, place, how):
    assert any(ended_as_it_writes(place, how) for _ in range(20))
    assert not place.file.exists()
    if how is signal.SIGTERM:
        assert place.nothing_lies_about()
    for path in place.file.parent.iterdir():
        path.unlink()
    assert clinic("backup", str(place.file), "--for", place.key) == 0
    assert place.nothing_lies_about()


HIT_AS_IT_LOCKS = """
import os, signal, sys, threading
from app.commands import run

# whoever runs these tests in the background has Ctrl-C ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
enter = threading.Condition.__enter__

def enter_and_be_hit(lock):
    held = enter(lock)
    asks = sys._getframe().f_back.f_back
    # the main thread counts the idle ones of its threads before it hands one of them some work
    if asks.f_code.co_name == "_adjust_thread_count" and asks.f_locals["self"]._threads:
        threading.Condition.__enter__ = enter
        os.kill(os.getpid(), signal.SIGNAL)
    return held

threading.Condition.__enter__ = enter_and_be_hit
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_that_is_ended_while_a_lock_is_held_ends_all_the_same(place, number):
    """The step that is hit holds the lock of the readers' threads, for which the end waits."""
    words = [sys.executable, "-c", HIT_AS_IT_LOCKS.replace("SIGNAL", number.name)]
    arguments = ["backup", str(place.file), "--for", place.key]
    done = subprocess.run(
        [*words, *arguments],
        cwd=ROOT,
        env={**os.environ, **place.settings()},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 128 + number, done.stderr
    assert place.nothing_lies_about()


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(("maker", "named"), [((backing_up.os, "open"), "partial"), ((Path, "mkdir"), "")])
def test_one_that_is_ended_just_as_something_was_made_leaves_nothing(clinic, place, monkeypatch, maker, named):
    make = getattr(*maker)

    def made_and_ended(path, *how, **more):
        made = make(path, *how, **more)
        if named not in str(path):
            return made
        if made is not None:
            os.close(made)
        raise SystemExit(143)

    with monkeypatch.context() as patch:
        patch.setattr(*maker, made_and_ended)
        assert clinic("backup", str(place.file), "--for", place.key) == 143
    assert place.nothing_lies_about()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_no_room_is_one_line_and_no_half_file(clinic, place):
    """A file may grow to 100 kB only: the copy in the scratch folder does not fit, and later the backup itself."""
    limited = "import resource,sys;resource.setrlimit(resource.RLIMIT_FSIZE,(100_000,)*2);from app.commands import run;"
    command = [sys.executable, "-c", f"{limited}sys.exit(run(sys.argv[1:]))", "backup", str(place.file)]
    said = {**os.environ, **place.settings()}
    done = subprocess.run(
        [*command, "--for", place.key], cwd=ROOT, env=said, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "room" in done.stderr
    assert not place.file.exists()
    assert place.nothing_lies_about()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_full_disk_under_the_backup_is_one_line(clinic, place, monkeypatch):
    written = backing_up._Unfinished.write

    def full(self, data):
        if self.size:
            raise OSError(28, "No space left on device")
        return written(self, data)

    monkeypatch.setattr(backing_up._Unfinished, "write", full)
    assert "No space left" in clinic.fails("backup", str(place.file), "--for", place.key)
    assert place.nothing_lies_about()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_lies_beside_a_lost_database_is_not_taken_for_part_of_it(clinic, place, monkeypatch):
    assert clinic("backup", str(place.file), "--for", place.key) == 0
    go_elsewhere(place, monkeypatch)
    there = Path(place.elsewhere.removeprefix("sqlite:///"))
    there.parent.mkdir()
    log = there.with_name("clinic.db-wal")
    log.write_bytes(b"a log of the database that was lost")
    opens = ("--identity", str(place.identity))
    assert str(log) in clinic.fails("restore", str(place.file), *opens)
    log.unlink()
    # where a database was lost, its mark says so; an empty file is no database
    there.with_name("clinic.db.kept").touch()
    there.touch()
    assert clinic("restore", str(place.file), *opens) == 0, clinic.err


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_without_a_folder_in_memory_a_disk_is_asked_for(clinic, place, monkeypatch, tmp_path):
    monkeypatch.delenv("BACKUP_SCRATCH")
    monkeypatch.setattr(backing_up, "MEMORY", tmp_path)
    monkeypatch.setattr(copies, "IN_MEMORY", frozenset())
    assert "BACKUP_SCRATCH" in clinic.fails("backup", str(place.file), "--for", place.key)
    monkeypatch.setenv("BACKUP_SCRATCH", str(tmp_path / "nowhere"))
    assert "no such folder" in clinic.fails("backup", str(place.file), "--for", place.key)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_what_postgresql_needs_is_told(clinic, place, monkeypatch):
    again = ("backup", str(place.file), "--for", place.key)
    monkeypatch.setenv("POSTGRESQL_PROGRAMS", str(place.folder))
    assert "POSTGRESQL_PROGRAMS" in clinic.fails(*again)
    monkeypatch.setenv("POSTGRESQL_PROGRAMS", place.settings()["POSTGRESQL_PROGRAMS"])
    monkeypatch.setenv("BACKUP_SCRATCH_DATABASE_URL", place.url)
    assert "CREATEDB" in clinic.fails(*again)
    monkeypatch.delenv("BACKUP_SCRATCH_DATABASE_URL")
    monkeypatch.delenv("OWNER_DATABASE_URL")
    assert "OWNER_DATABASE_URL" in clinic.fails(*again)
    assert place.nothing_lies_about()


def test_a_copy_of_the_other_engine_is_refused(clinic, place, monkeypatch, tmp_path, engine_name):
    def change(told):
        told["engine"] = "sqlite" if engine_name == "postgresql" else "postgresql"

    made_otherwise(place, change)
    go_elsewhere(place, monkeypatch)
    told = clinic.fails("restore", str(place.file), "--identity", str(place.identity))
    assert "DATABASE_URL names a place of" in told
    assert place.nothing_lies_about()
