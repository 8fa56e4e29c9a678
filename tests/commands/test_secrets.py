"""The keys of secrets at rest on the command line: made, checked, and changed for others, whatever ends it half way."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from app.commands import secrets
from app.db import sealing, second_factors, webhooks
from app.db.engine import open_database
from app.db.keys import KeyPlace, Keys, read, written
from app.db.tables import log_events
from app.db.tables import webhooks as webhook_rows
from app.db.work import EVERY_CLINIC, service_actor
from app.services import sealed_secrets
from tests.commands.shell import Shell
from tests.db.test_sealing import keep_all
from tests.factories import NOON

ROOT = Path(__file__).parents[2]
TARGETS = 260
"""Enough for several batches."""


@pytest.fixture
def key_file(monkeypatch, tmp_path, database_url) -> KeyPlace:
    """The keys lie in a file: beside a SQLite file by default; on PostgreSQL where the setting says."""
    monkeypatch.delenv("SECRETS_KEY")
    if database_url.startswith("sqlite"):
        return KeyPlace(Path(f"{database_url.removeprefix('sqlite:///')}.secrets-key"))
    place = KeyPlace(tmp_path / "keys")
    place.write({1: bytes(32)})
    monkeypatch.setenv("SECRETS_KEY_FILE", str(place.path))
    return place


@pytest.fixture
def lakeside(shell, key_file) -> Shell:
    assert shell("clinic", "create", "Lakeside", "--signing", "password") == 0
    return shell


def added(shell: Shell, number: int = 1) -> list[str]:
    """Webhooks; their secrets."""
    found = []
    for each in range(number):
        assert shell("webhook", "add", "--clinic", "Lakeside", "--url", f"https://records.example/{each}") == 0
        found.append(shell.out.split()[-1])
    return found


def kept_secrets(url: str, place: KeyPlace) -> list[str]:
    """The webhooks' secrets, as a service would sign with them."""
    database = open_database(url, keys=place)

    def look(work):
        rows = work.all(select(webhook_rows.c.clinic_id, webhook_rows.c.id).order_by(webhook_rows.c.url))
        return [(row.clinic_id, row.id) for row in rows]

    found = []
    for clinic_id, webhook_id in database.read_now(look, EVERY_CLINIC, NOON):
        opened = database.read_now(webhooks.opened, service_actor(clinic_id), NOON, webhook_id)
        found.append(opened.secret)
    database.close()
    return found


def test_a_new_key_is_numbered_after_those_there_are(lakeside, key_file):
    assert lakeside("secrets", "new") == 0
    assert set(read(lakeside.out, "out")) == {2}
    again = lakeside.out
    assert lakeside("secrets", "new") == 0
    assert lakeside.out != again


def test_without_a_database_the_first_key_is_printed(monkeypatch, capsys, tmp_path):
    monkeypatch.delenv("SECRETS_KEY")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    shell = Shell(monkeypatch, capsys)
    assert shell("secrets", "new") == 0
    assert set(read(shell.out, "out")) == {1}


def test_every_secret_is_sealed_again_and_the_old_key_is_dropped(lakeside, key_file, database_url):
    secret = added(lakeside)
    before = key_file.keys()
    assert lakeside("secrets", "rotate") == 0, lakeside.err
    assert lakeside.out == "Every secret is sealed with key 2.\n"
    after = key_file.keys()
    assert set(after) == {2}
    assert after[2] not in before.values()
    assert kept_secrets(database_url, key_file) == secret
    assert lakeside("secrets", "check") == 0
    assert lakeside.out.startswith(f"Keys in {key_file}: 2. In use: 2. Secrets: 4.\n")
    with pytest.raises(Exception, match="key 2 is not in"):
        open_database(database_url, keys=KeyPlace(text=written(before)))
    assert lakeside("secrets", "rotate") == 0
    assert set(key_file.keys()) == {3}


def test_it_is_on_record(lakeside, database_url, key_file):
    assert lakeside("secrets", "rotate") == 0
    assert lakeside("audit", "verify") == 0
    database = open_database(database_url, keys=key_file)
    rows = database.read_now(lambda work: work.all(select(log_events.c.action)), EVERY_CLINIC, NOON)
    database.close()
    assert [row.action for row in rows].count("secrets.rotated") == 1


def test_keys_of_the_environment_are_changed_by_hand(shell, monkeypatch, database_url):
    one, two = written({1: bytes(32)}).strip(), written({2: bytes(range(32))}).strip()
    monkeypatch.setenv("SECRETS_KEY", one)
    assert shell("clinic", "create", "Lakeside", "--signing", "password") == 0
    secret = added(shell)
    assert "put a newer key into SECRETS_KEY" in shell.fails("secrets", "rotate")
    monkeypatch.setenv("SECRETS_KEY", f"{two},{one}")
    assert shell("secrets", "rotate") == 0
    assert "take it out of SECRETS_KEY" in shell.out
    monkeypatch.setenv("SECRETS_KEY", two)
    assert shell("secrets", "check") == 0
    assert kept_secrets(database_url, KeyPlace(text=two)) == secret
    monkeypatch.setenv("SECRETS_KEY", one)
    assert "key 2 is not in SECRETS_KEY" in shell.fails("secrets", "check")


def test_both_places_at_once_are_refused(shell, monkeypatch, tmp_path):
    monkeypatch.setenv("SECRETS_KEY_FILE", str(tmp_path / "keys"))
    assert "both given" in shell.fails("clinic", "list")


def test_a_key_that_others_can_read_is_one_line(lakeside, key_file):
    key_file.path.chmod(0o644)
    assert "chmod 600" in lakeside.fails("clinic", "list")


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_postgresql_without_a_key_is_one_line(shell, monkeypatch):
    monkeypatch.delenv("SECRETS_KEY")
    assert "SECRETS_KEY_FILE" in shell.fails("clinic", "list")
    assert shell("audit", "verify") == 0, "what looks at no secret needs no key"


def test_what_does_not_open_is_named_and_keeps_its_key(lakeside, key_file, database_url):
    [_, right] = added(lakeside, 2)
    database = open_database(database_url, keys=key_file)
    broken = update(webhook_rows).where(webhook_rows.c.url.endswith("/0")).values(secret="1.AAAA")
    database.write_now(lambda work: work.change(broken, {}, of_record=False), EVERY_CLINIC, NOON)
    database.close()
    assert "1 of 5 secrets do not open" in lakeside.fails("secrets", "check")
    assert "does not open: webhooks.secret" in lakeside.out
    assert "still need key 1" in lakeside.fails("secrets", "rotate")
    assert set(key_file.keys()) == {1, 2}, "the old one is dropped only when nothing needs it"
    assert lakeside("webhook", "list") == 0
    line = next(line for line in lakeside.out.splitlines() if "records.example/0" in line)
    assert lakeside("webhook", "remove", "--clinic", "Lakeside", line.split()[0]) == 0
    assert lakeside("secrets", "rotate") == 0
    assert set(key_file.keys()) == {2}
    assert kept_secrets(database_url, key_file) == [right]


# --- interrupted -----------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """As if the process had ended at this instant."""


STEPS = ("write 1", "begin", "again 1", "again 5", "again 9", "needed", "write 2")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_interrupted_at_any_step_it_goes_on(lakeside, key_file, database_url, monkeypatch, step, when):
    secret = added(lakeside)
    counts: dict[str, int] = {}

    def interrupted(name, really):
        def run(*arguments, **named):
            counts[name] = counts.get(name, 0) + 1
            here = step in (name, f"{name} {counts[name]}")
            if here and when == "before":
                raise Killed
            answer = really(*arguments, **named)
            if here:
                raise Killed
            return answer

        return run

    with monkeypatch.context() as patch:
        patch.setattr(KeyPlace, "write", interrupted("write", KeyPlace.write))
        really = secrets.Running.write
        names = {sealing.begin_newest: "begin", sealing.seal_again: "again"}
        patch.setattr(
            secrets.Running,
            "write",
            lambda run, verb, *rest: interrupted(names.get(verb, "other"), really)(run, verb, *rest),
        )
        patch.setattr(sealing, "needed", interrupted("needed", sealing.needed))
        with pytest.raises(Killed):
            lakeside("secrets", "rotate")
    assert kept_secrets(database_url, key_file) == secret, "a service goes on meanwhile"
    assert lakeside("secrets", "check") == 0
    assert lakeside("secrets", "rotate") == 0, lakeside.err
    assert len(key_file.keys()) == 1
    assert kept_secrets(database_url, key_file) == secret


def in_use(database, numbers=(1, 2)) -> list[int]:
    """How many webhooks' secrets are sealed with each key."""

    def count(work, number):
        of = select(func.count()).where(webhook_rows.c.secret.startswith(f"{number}."))
        return work.first(of)[0]

    return [database.read_now(count, EVERY_CLINIC, NOON, number) for number in numbers]


def many(lakeside, key_file, database_url) -> list[str]:
    """So many webhooks, kept at once."""
    added(lakeside)
    database = open_database(database_url, keys=key_file)

    def fill(work):
        [row] = work.all(select(webhook_rows))
        for number in range(1, TARGETS):
            this, url = uuid4(), f"https://{number:03}.example/"
            secret = sealing.seal(work, webhook_rows.c.secret, f"s{number}", clinic_id=row.clinic_id, id=this)
            values = {**row._asdict(), "id": this, "url": url, "secret": secret}
            work.change(webhook_rows.insert(), values, of_record=False)

    database.write_now(fill, EVERY_CLINIC, NOON)
    database.close()
    return kept_secrets(database_url, key_file)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0])
def test_killed_at_any_instant_nothing_is_lost_and_it_goes_on(lakeside, key_file, database_url, share):
    """A real process and a real kill: once so many of the secrets are sealed with the new key."""
    expected = many(lakeside, key_file, database_url)
    watching = open_database(database_url, keys=key_file)
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "secrets", "rotate"], cwd=ROOT, env=dict(os.environ), stdout=subprocess.DEVNULL
    )
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        began = len(key_file.keys()) == 2
        if began and in_use(watching, (2,))[0] >= share * TARGETS:
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.001)
    process.wait(timeout=60)
    watching.close()
    assert process.returncode in (-signal.SIGKILL, 0)
    assert kept_secrets(database_url, key_file) == expected
    assert lakeside("secrets", "rotate") == 0, lakeside.err
    assert len(key_file.keys()) == 1
    assert kept_secrets(database_url, key_file) == expected


def test_dropping_the_old_key_at_once_loses_secrets(lakeside, key_file, database_url):
    """The positive control of those above: without the order of its steps an interruption shuts secrets."""
    added(lakeside)
    key_file.write({2: bytes(range(32))})
    assert "key 1 is not in" in lakeside.fails("secrets", "rotate")


def test_a_service_that_runs_meanwhile_goes_on(lakeside, key_file, database_url):
    [secret] = added(lakeside)
    running = open_database(database_url, keys=key_file)
    assert running.keys.numbers == {1}
    assert lakeside("secrets", "rotate") == 0
    [(clinic_id, webhook_id)] = running.read_now(
        lambda work: [tuple(row) for row in work.all(select(webhook_rows.c.clinic_id, webhook_rows.c.id))],
        EVERY_CLINIC,
        NOON,
    )
    who = service_actor(clinic_id)
    assert running.read_now(webhooks.opened, who, NOON, webhook_id).secret == secret

    def add_old(work):
        return sealing.number_of(sealing.seal(work, webhook_rows.c.old_secret, "x", id=webhook_id))

    assert running.write_now(add_old, who, NOON) == 2, "what it seals from now on, it seals with the new key"
    running.close()


def test_a_missing_number_is_looked_up_once_it_is_there(key_file):
    key_file.write({1: bytes(32)})
    assert Keys(key_file, key_file.keys()).newest == 1


# --- a key that is lost ----------------------------------------------------------------------------------------------


def test_without_the_lost_key_the_record_goes_on_and_what_it_sealed_is_given_up(lakeside, key_file, database_url):
    [secret] = added(lakeside)
    key_file.path.unlink()
    assert "bring it back" in lakeside.fails("clinic", "list")
    assert "cannot be undone" in lakeside.fails("secrets", "give-up")
    assert not key_file.path.exists()
    if database_url.startswith("postgresql"):
        key_file.write({1: bytes(range(32))})
        assert "another than the one that sealed" in lakeside.fails("clinic", "list")
    assert lakeside("secrets", "give-up", "--yes") == 0, lakeside.err
    assert lakeside.out == "Lakeside: given up: webhooks.secret: 1.\n"
    assert lakeside("webhook", "list") == 0
    assert "paused: its signing secret was lost" in lakeside.out
    assert lakeside("secrets", "check") == 0
    assert kept_secrets(database_url, key_file) != [secret]
    assert lakeside("audit", "verify") == 0
    assert lakeside("secrets", "give-up", "--yes") == 0
    assert lakeside.out == "Lakeside: given up: nothing.\n"


def test_what_opens_is_never_given_up(lakeside, key_file, database_url):
    """The positive control: said by mistake, it takes nothing."""
    secret = added(lakeside)
    assert lakeside("secrets", "give-up", "--yes") == 0
    assert lakeside.out == "Lakeside: given up: nothing.\n"
    assert kept_secrets(database_url, key_file) == secret


def test_six_digits_that_were_lost_sign_no_more_until_somebody_vouches(key_file, database_url):
    place = KeyPlace(text=written({1: bytes(32)}))
    database = open_database(database_url, keys=place)
    kept = keep_all(database)
    lost = Keys(place, {1: bytes(range(32))})
    database.write_now(sealing.begin_anew, EVERY_CLINIC, NOON, lost)
    gone = database.write_now(sealed_secrets.give_up, kept.filled.actor, NOON, lost)
    assert set(gone) == {f"{column.table.name}.{column.name}" for column in sealing.sealed_columns()} - {
        "sealing.check_value", "sealing.own_key", "sealing.push_key"
    }  # fmt: skip
    mine = database.read_now(second_factors.digits, kept.filled.actor, NOON, kept.filled.staff_id, lock=False)
    assert (mine.totp, mine.reset_at) == (None, NOON)
    database.close()
    again = open_database(database_url, keys=KeyPlace(text=written({1: bytes(range(32))})))
    assert all(one.opens for one in again.read_now(sealed_secrets.each, EVERY_CLINIC, NOON))
    again.close()
