"""The operator registers machines; they sign in to real processes, and what was used once stays used."""

import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from app.db import clients as kept
from app.db.engine import open_database
from app.db.work import EVERY_CLINIC, NIL, service_actor
from app.services import audit
from app.services.audit import Filters
from app.services.sign_in_memory import TRUSTED
from tests.commands.shell import Shell
from tests.exchange import backend_services
from tests.exchange.keys import claims, ec_key, key_set, rsa_key, signed
from tests.export.served import process_on
from tests.factories import NOON

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shell(shell: Shell) -> Shell:
    """With a clinic."""
    assert shell("clinic", "create", "Lakeside") == 0
    return shell


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "keys.json"
    file.write_text(key_set(ec_key()))
    return file


def client_id(shell: Shell) -> str:
    found = re.search(r"client id ([0-9a-f-]{36})", shell.out)
    assert found, shell.out
    return found[1]


def add(shell: Shell, keys: Path, *how: str) -> str:
    usual = ("client", "add", "Archive", "--scopes", "system/*.rs", "--jwks", str(keys))
    assert shell(*usual, *(how or ("--clinic", "Lakeside"))) == 0, shell.err
    return client_id(shell)


def test_a_client_is_registered_listed_changed_and_disabled(shell: Shell, keys: Path, database_url: str) -> None:
    made = add(shell, keys)
    every = add(shell, keys, "--all-clinics")
    assert shell("client", "list") == 0
    assert shell.out.splitlines() == [
        f'{made}  Archive  "Lakeside"  system/*.rs  a set of keys',
        f"{every}  Archive  all clinics  system/*.rs  a set of keys",
    ]
    assert shell("client", "keys", made, "--jwks-url", "https://keys.example/jwks") == 0
    assert shell("client", "disable", made) == 0
    assert shell("client", "list") == 0
    assert shell.out.splitlines()[0].endswith("https://keys.example/jwks  DISABLED")
    assert "disabled" in shell.fails("client", "disable", made)
    assert "disabled" in shell.fails("client", "keys", made, "--jwks", str(keys))
    database = open_database(database_url)
    try:
        found = {one.id: one for one, _ in database.read_now(kept.all_clients, EVERY_CLINIC, NOON)}
        one = next(value for key, value in found.items() if str(key) == made)
        history = database.read_now(kept.history, service_actor(one.home), NOON, one.id)
        assert [(each.revision, each.value.active, each.by.role) for each in history] == [
            (1, True, "operator"),
            (2, True, "operator"),
            (3, False, "operator"),
        ]
        events, _ = database.read_now(audit.read_page, service_actor(one.home), NOON, Filters(), None, 10)
        said = [(event.action, event.actor_name) for event in events if event.subject == "client"]
        console = "operator at the console"
        actions = ("client.disabled", "client.keys-changed", "client.registered")
        assert said == [(action, console) for action in actions]
        every_events, _ = database.read_now(audit.read_page, service_actor(NIL), NOON, Filters(), None, 10)
        assert [event.subject_id for event in every_events if event.action == "client.registered"] == [every]
    finally:
        database.close()


def test_a_registration_that_cannot_be_right(shell: Shell, keys: Path, tmp_path: Path) -> None:
    def failing(*how: str, scopes: str = "system/*.rs", name: str = "Archive") -> str:
        return shell.fails("client", "add", name, "--scopes", scopes, *how)

    here, given = ("--clinic", "Lakeside"), ("--jwks", str(keys))
    assert "--all-clinics" in failing(*given)
    assert "--all-clinics" in failing(*given, *here, "--all-clinics")
    assert "no clinic" in failing(*given, "--clinic", "Hillside")
    assert "either" in failing(*here)
    assert "either" in failing(*here, *given, "--jwks-url", "https://keys.example/jwks")
    assert "https://" in failing(*here, "--jwks-url", "http://keys.example/jwks")
    assert "system/Observation.write" in failing(*here, *given, scopes="system/*.rs system/Observation.write")
    assert "blank" in failing(*here, *given, name=" ")
    private = tmp_path / "private.json"
    private.write_text('{"keys": [{"kty": "EC", "kid": "1", "d": "AA"}]}')
    assert "private" in failing(*here, "--jwks", str(private))
    private.write_bytes(b"\xff")
    assert "UTF-8" in failing(*here, "--jwks", str(private))
    private.write_bytes(b" " * 70_000)
    assert "larger" in failing(*here, "--jwks", str(private))
    assert "No such file" in failing(*here, "--jwks", str(tmp_path / "none.json"))
    assert shell("client", "list") == 0
    assert shell.out == ""
    for verb in ("disable", "keys"):
        more = given if verb == "keys" else ()
        for unknown in (str(uuid4()), "Archive"):
            assert "no client" in shell.fails("client", verb, unknown, *more)


# --- real processes --------------------------------------------------------------------------------------------------


def status(base: str, path: str, token: str) -> int:
    request = urllib.request.Request(f"{base}{path}", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_machine_signs_in_over_the_wire(shell: Shell, database_url: str, tmp_path: Path) -> None:
    """On one engine: the next test does the same on both."""
    file = tmp_path / "set.json"
    file.write_text(key_set(ec_key(), rsa_key()))
    made = add(shell, file)
    with process_on(database_url) as (_, base):
        tokens = [backend_services.token(base, made, key) for key in (ec_key(), rsa_key())]
        assert [status(base, "/v1/sessions", token) for token in tokens] == [403, 403]
        assert status(base, "/v1/sessions", tokens[0] + "x") == 401
        assert shell("client", "disable", made) == 0
        time.sleep(TRUSTED)  # another process ended it
        assert [status(base, "/v1/sessions", token) for token in tokens] == [401, 401]
        refused = backend_services.sign_in(base, backend_services.assertion(base, made, ec_key()), "system/*.rs")
        assert (refused.status, refused.body["error"]) == (401, "invalid_client")
        as_the_page_says(shell, base, tmp_path)


PAGE = ROOT / "docs" / "integrators.md"


def as_the_page_says(shell: Shell, base: str, folder: Path) -> None:
    """Whoever copies the calls of our page gets a token."""
    section = re.search(r"^## Signing in\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert section
    making, asking = re.findall(r"^```python\n(.*?)^```", section[1], re.MULTILINE | re.DOTALL)

    def copied(program: str) -> str:
        python = [sys.executable, "-"]
        return subprocess.run(python, cwd=folder, input=program, stdout=subprocess.PIPE, text=True, check=True).stdout

    copied(making)
    made = add(shell, folder / "keys.json")
    said = copied(asking.replace("https://clinic.example", base).replace("CLIENT_ID", made))
    token, seconds, scope = said.split()
    assert (seconds, scope) == ("300", "system/Observation.rs")
    assert status(base, "/v1/sessions", token) == 403


def test_what_was_used_stays_used_after_a_restart_and_in_a_second_process(
    shell: Shell, database_url: str, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = add(shell, keys)
    key = ec_key()
    named = "http://127.0.0.1:9/oauth/token"
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:9")

    def ask(base: str, proof: str) -> tuple[int, str]:
        monkeypatch.setattr(backend_services, "configuration", lambda _: {"token_endpoint": f"{base}/oauth/token"})
        found = backend_services.sign_in(base, proof, "system/*.rs")
        return found.status, found.body.get("error", "")

    def fresh() -> str:
        return signed(key, claims(made, named, datetime.now(UTC)))

    first, second = fresh(), fresh()
    with process_on(database_url) as (_, one):
        assert ask(one, first) == (200, "")
        assert ask(one, first) == (401, "invalid_client")
        if "postgresql" in database_url:  # SQLite serves one process at a time
            with process_on(database_url) as (_, other):
                assert ask(other, first) == (401, "invalid_client")
                assert ask(other, second) == (200, "")
                assert ask(one, second)[0] in {401, 429}
        # last: so many wrong tries are counted, in every process and over a restart
        crowd = fresh()
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda _: ask(one, crowd)[0], range(16)))
        assert found.count(200) == 1
        assert set(found) <= {200, 401, 429}
    with process_on(database_url) as (_, again):
        assert ask(again, first)[0] in {401, 429}
        assert ask(again, fresh())[0] in {200, 429}
