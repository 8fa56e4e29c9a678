"""The service as a process of its own: it starts, says where, and ends quietly when asked."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.factories import PASSWORD

ROOT = Path(__file__).parents[2]


def environment(folder: Path, **other: str) -> dict[str, str]:
    usual = {"DATABASE_URL": f"sqlite:///{folder / 'var' / 'clinic.db'}", "PORT": "0"}
    return {**os.environ, **usual, **other}


@contextmanager
def serving(folder: Path, **other: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A served process and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve"],
        cwd=ROOT,
        env=environment(folder, **other),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert found, first + (process.stderr.read() if process.stderr and not first else "")
        yield process, found[0]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def call(url: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def test_an_empty_service_prints_a_token_once_and_ends_quietly(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, url):
        assert process.stdout is not None
        assert "no clinic yet" in process.stdout.readline()
        link = process.stdout.readline().strip()
        assert "First-run token" in process.stdout.readline()
        token = process.stdout.readline().strip()
        assert len(token) >= 43
        assert link == f"{url}/#first-run={token}"
        lead = {"username": "ada", "name": "Ada", "password": PASSWORD}
        call(f"{url}/v1/first-run", {"token": token, "clinic": "Lakeside", "lead": lead})
        assert call(f"{url}/health/ready")["status"] == "ready"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")
    with serving(tmp_path) as (process, url):
        assert call(f"{url}/v1/sign-in", {"username": "ada", "password": PASSWORD})["staff"]["clinic"] == "Lakeside"
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")


def run(folder: Path, *arguments: str, **other: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env=environment(folder, **other),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, err = run(tmp_path, "serve", PORT=port)
    assert code == 1
    assert len(err.splitlines()) == 1
    assert port in err
    assert "PORT" in err


@pytest.mark.parametrize("version", ["0000", "9999"])
def test_tables_of_another_version_are_one_line(tmp_path: Path, version: str) -> None:
    assert run(tmp_path, "migrate")[0] == 0
    with sqlite3.connect(tmp_path / "var" / "clinic.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.close()
    code, err = run(tmp_path, "serve")
    assert code == 1
    assert len(err.splitlines()) == 1
    assert version in err


def test_a_folder_that_takes_no_file_is_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    code, err = run(tmp_path, "serve", DATABASE_URL=f"sqlite:///{blocked}/clinic.db")
    assert code == 1
    assert len(err.splitlines()) == 1
    assert str(blocked) in err


def test_a_second_service_on_one_file_is_one_line(tmp_path: Path) -> None:
    """It would not hear what the first remembers of who may sign in."""
    with serving(tmp_path) as (_, url):
        code, err = run(tmp_path, "serve")
        assert code == 1
        assert len(err.splitlines()) == 1
        assert "serves" in err
        assert call(f"{url}/health/ready")["status"] == "ready"
        # other commands beside it stay possible
        assert run(tmp_path, "clinic", "create", "Hillside")[0] == 0
    with serving(tmp_path):
        pass


def counters(folder: Path) -> int:
    """What wrong passwords are counted by, as the file has it: each by its account, its place and its address."""
    with sqlite3.connect(folder / "var" / "clinic.db") as connection:
        (found,) = connection.execute("SELECT count(*) FROM attempts").fetchone()
    connection.close()
    return int(found)


@pytest.mark.parametrize(("trusted", "counted"), [("127.0.0.0/30", 6), ("10.1.2.3", 5)])
def test_only_a_trusted_proxy_says_for_whom_it_speaks(tmp_path: Path, trusted: str, counted: int) -> None:
    """Two unknown names from two addresses, if the proxy is believed; else both are its own."""
    with serving(tmp_path, BEHIND_TLS_PROXY="true", TRUSTED_PROXIES=trusted, PUBLIC_URL="https://clinic.example") as (
        _,
        url,
    ):
        for number in (1, 2):
            body = json.dumps({"username": f"nobody{number}", "password": "a guess"}).encode()
            head = {"content-type": "application/json", "x-forwarded-for": f"198.51.100.66, 203.0.113.{number}"}
            with pytest.raises(HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(f"{url}/v1/sign-in", body, head), timeout=20)
            with refused.value as answer:
                assert answer.code == 401
        assert counters(tmp_path) == counted


@pytest.mark.parametrize("trusted", ["0.0.0.0/0", "::/0", "proxy.example", "*"])
def test_trusting_everybody_or_a_name_is_one_line(tmp_path: Path, trusted: str) -> None:
    code, err = run(tmp_path, "serve", BEHIND_TLS_PROXY="true", TRUSTED_PROXIES=trusted)
    assert code == 1
    assert len(err.splitlines()) == 1
    assert "TRUSTED_PROXIES" in err
