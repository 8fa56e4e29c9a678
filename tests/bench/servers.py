"""The two engines as the benchmark runs them, PostgreSQL from its package, SQLite as a file, and real services."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import URL

from app.db.engine import migrate
from tests import keys, postgres
from tests.bench.load import ROOT
from tests.bench.slow_disk import preloaded

ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL: the folder of its socket, and its first process."""

    socket: str
    pid: int

    def as_owner(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=self.socket, user=postgres.OWNER, dbname=database, autocommit=True)

    def url(self, database: str, role: str = postgres.SERVICE) -> str:
        made = URL.create("postgresql", role, "of no use", database=database, query={"host": self.socket})
        return made.render_as_string(hide_password=False)

    def new(self) -> str:
        """A new, migrated database's name."""
        name = f"bench_{uuid4().hex[:10]}"
        with self.as_owner() as owner:
            owner.execute(f"CREATE DATABASE {name}")
        migrate(self.url(name), self.url(name, postgres.OWNER))
        return name


@contextmanager
def cluster(name: str, library: Path | None = None) -> Iterator[Cluster]:
    """A PostgreSQL of its own, every setting that makes commits durable left on. `library`: with the slow disk."""
    settings = {"max_connections": "100", "shared_buffers": "256MB"}
    with ExitStack() as until:
        with preloaded(library):
            data = until.enter_context(
                postgres.another(name, ["--auth=trust", "--encoding=UTF8", "--locale=C"], settings)
            )
        yield Cluster(str(data), int((data / "postmaster.pid").read_text().splitlines()[0]))


@dataclass(frozen=True)
class Place:
    """An empty database on one engine, and whom it belongs to."""

    engine: str
    url: str
    cluster: Cluster | None
    database: str


def place(engine: str, folder: Path, of: Cluster | None) -> Place:
    """A new one."""
    if engine == "sqlite":
        file = folder / f"{uuid4().hex[:10]}.db"
        migrate(f"sqlite:///{file}")
        return Place(engine, f"sqlite:///{file}", None, str(file))
    assert of is not None
    name = of.new()
    return Place(engine, of.url(name), of, name)


@dataclass
class Running:
    """The real service in a process of its own. `ready`: seconds from the start until it answers."""

    process: subprocess.Popen[bytes]
    base: str
    place: Place
    first_run_token: str | None
    ready: float

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])

    @property
    def trees(self) -> dict[str, int]:
        """Whose processor time a request costs."""
        own = {"service": self.process.pid}
        return own | ({"postgres": self.place.cluster.pid} if self.place.cluster else {})

    def ask(
        self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """One request outside of every measurement: status, document, headers."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(
            self.base + path, data, {"Content-Type": "application/json", **headers}, method=method
        )
        try:
            with urllib.request.urlopen(asked, timeout=120) as found:
                said, status, fields = found.read(), found.status, dict(found.headers)
        except urllib.error.HTTPError as error:
            said, status, fields = error.read(), error.code, dict(error.headers)
        named = {name.lower(): value for name, value in fields.items()}
        return status, json.loads(said) if "json" in named.get("content-type", "") and said else said, named

    def must(self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str) -> Any:
        """The document of a request that has to succeed."""
        status, said, _ = self.ask(method, path, body, token, **headers)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {said}")
        return said


@contextmanager
def serving(where: Place, folder: Path, library: Path | None = None, **settings: str) -> Iterator[Running]:
    """`infusion-vitals serve` on this database."""
    log = folder / f"{uuid4().hex[:10]}.log"
    own = {"DATABASE_URL": where.url, "PORT": "0", "EXPORT_FOLDER": str(folder / "exports"), "SECRETS_KEY": keys.TEXT}
    environment = {**os.environ, **own}
    began = time.perf_counter()
    with log.open("wb") as out:
        extra = {"LD_PRELOAD": str(library)} if library else {}
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "app", "serve"],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **extra, **settings},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        base = _address(process, log)
        ready = _answers(base, began)
        token = re.search(r"POST /v1/first-run:\n  (\S+)", log.read_text())
        yield Running(process, base, where, token[1] if token else None, ready)
    finally:
        process.terminate()
        process.wait(30)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    while process.poll() is None:
        said = log.read_text()
        # its greeting is written as one: what comes after the address is there when a whole line is
        if (found := re.search(r"at (http://127\.0\.0\.1:\d+) .*\n", said)) and (
            "no clinic yet" not in said or said.count("\n") >= 5
        ):
            return found[1]
        time.sleep(0.01)
    raise RuntimeError(f"the service did not start: {log.read_text()}")


def _answers(base: str, began: float) -> float:
    while True:
        try:
            with urllib.request.urlopen(f"{base}/health/ready", timeout=10) as found:
                if found.status == 200:
                    return time.perf_counter() - began
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.01)
