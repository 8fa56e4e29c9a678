"""The operator's own look: each thing that is wrong is one line that says what to do, and the exit code says so too."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from app.clock import SystemClock
from app.commands import doctor
from app.commands.running import Running, running
from app.db.tables import installation, log_events
from app.db.work import EVERY_CLINIC, NIL
from app.services.pulse import Pulse
from app.settings import read_settings
from tests.commands.shell import Shell

WELL = Pulse(3, 1, 0, 0, 0.0, 0, 0.0, 0, 0, 0, 0.0, 3600.0)


@pytest.fixture
def looked_after(clinic: Shell, monkeypatch) -> Shell:
    """A clinic whose operator has done everything."""
    monkeypatch.setenv("BACKUP_RECIPIENTS", "age1somebody")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: Disk(50, 100))
    change(update(installation).values(backed_up_at=SystemClock().wall()))
    return clinic


class Disk:
    def __init__(self, free: int, total: int) -> None:
        self.free, self.total = free * 1024**3, total * 1024**3


def change(statement) -> None:
    with running(read_settings()) as run:
        run.write(lambda work: work._connection.execute(statement) and None, EVERY_CLINIC)


def to_do(shell: Shell) -> list[str]:
    return [line for line in shell.out.splitlines() if line.startswith("TO DO")]


def test_where_all_is_well_nothing_is_to_be_done(looked_after: Shell):
    assert looked_after("doctor") == 0, looked_after.out
    assert to_do(looked_after) == []
    for about in ("version", "settings", "disk of exports", "database", "clocks", "duties", "work", "backup", "audit"):
        assert f"ok     {about}:" in looked_after.out
    assert "links hold" in looked_after.out


def test_chains_are_left_out_when_it_must_be_quick(looked_after: Shell):
    assert looked_after("doctor", "--quick") == 0
    assert "not looked at" in looked_after.out


def test_a_new_service_is_told_to_make_backups(clinic: Shell):
    assert clinic("doctor", "--quick") == 1
    [settings, backup] = to_do(clinic)
    assert "BACKUP_RECIPIENTS" in settings
    assert "there was none" in backup
    assert clinic.err == "infusion-vitals: 2 to be done\n"


def test_an_old_backup_and_a_key_that_lies_about_are_told(looked_after: Shell, monkeypatch, tmp_path):
    change(update(installation).values(backed_up_at=SystemClock().wall() - timedelta(hours=27)))
    monkeypatch.setenv("BACKUP_IDENTITY_FILE", str(tmp_path / "key"))
    assert looked_after("doctor", "--quick") == 1
    assert ["BACKUP_IDENTITY_FILE" in line or "27.0 hours" in line for line in to_do(looked_after)] == [True, True]


def test_a_full_disk_is_told(looked_after: Shell, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: Disk(1, 100))
    assert looked_after("doctor", "--quick") == 1
    assert all("make room" in line for line in to_do(looked_after))


def test_a_chain_that_does_not_hold_is_told(looked_after: Shell):
    event = {"clinic_id": NIL, "id": NIL, "at": SystemClock().wall() - timedelta(hours=1), "action": "staff.read"}
    event |= {"wall_at": event["at"], "actor_name": "x", "actor_role": "y", "subject": "z", "subject_id": ""}
    change(insert(log_events).values(**event))
    assert looked_after("doctor") == 1
    [line] = to_do(looked_after)
    assert "audit verify" in line


def test_a_setting_that_is_wrong_is_a_line_too(looked_after: Shell, monkeypatch):
    monkeypatch.setenv("PORT", "many")
    assert looked_after("doctor") == 1
    [line] = to_do(looked_after)
    assert "PORT" in line


def test_a_database_that_is_not_there_is_a_line_too(looked_after: Shell, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'nowhere.db'}")
    assert looked_after("doctor") == 1
    [line] = to_do(looked_after)
    assert "migrate" in line


@pytest.mark.parametrize(
    ("late", "said"),
    [({"lapse_age": 120.0}, "changes that time brings since 120 s"), ({"seal_age": 91.0}, "seals since 91 s")],
)
def test_what_is_late_is_told(late, said):
    look = doctor._duties(replace(WELL, **late))
    assert said in look.found
    assert look.do
    assert doctor._duties(WELL).do is None


@pytest.mark.parametrize(
    ("wrong", "ahead", "said"),
    [(3, 0, "[23].. s apart"), (-3, 0, "[23].. s apart"), (0, 90, "(89|90) s ahead"), (1, 30, "together")],
)
def test_clocks_that_are_apart_are_told(looked_after: Shell, engine_name, wrong, ahead, said):
    class Wrong(SystemClock):
        def wall(self):
            return super().wall() + timedelta(seconds=wrong)

        def now(self):
            return self.wall() + timedelta(seconds=ahead)

    with running(read_settings()) as run:
        look = doctor._clocks(Running(run.database, Wrong()))
    # a file lies on this machine, whatever time that tells
    said = "together" if "apart" in said and engine_name == "sqlite" else said
    assert re.search(said, look.found)
    assert (look.do is None) == (said == "together")
