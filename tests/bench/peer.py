"""GNU Health beside us: installed from its packages into an environment of its own, a fresh database each run.

Its figures grow with its table, so each run begins with the same few rows. Served as its manual says, by a WSGI server
with two workers; asked by its own JSON-RPC, as its client does.
"""

import base64
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import postgres
from tests.bench.load import ROOT, Request, Unexpected
from tests.bench.servers import Cluster

FOLDER = ROOT / "var" / "bench" / "peer"
PACKAGES = (
    "trytond==7.0.59",
    "gnuhealth==5.0.6",
    "gnuhealth-nursing==5.0.4",
    "psycopg2-binary==2.9.13",
    "gunicorn==27.0.1",
)
"""GNU Health 5.0.6; its nursing package has a number of its own."""
MODEL = "gnuhealth.patient.ambulatory_care"
FIELDS = ["session_start", "systolic", "diastolic", "bpm", "respiratory_rate", "osat"]
DATABASE, PASSWORD = "health", "a pass phrase of the benchmark"
ROWS = 30


def install(packages: tuple[str, ...] = PACKAGES, folder: Path = FOLDER) -> Path:
    """The environment's Python; made where it is missing or holds something else."""
    mark, wanted = folder / ".installed", "\n".join(packages)
    if not mark.exists() or mark.read_text() != wanted:
        folder.parent.mkdir(parents=True, exist_ok=True)
        uv = [str(Path(sys.executable).parent / "uv")]
        subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
        subprocess.run(
            [*uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *packages], check=True
        )
        mark.write_text(wanted)
    return folder / "bin" / "python"


@dataclass(frozen=True)
class Peer:
    """A running GNU Health with a patient of thirty sets, another who is charted, and who asks."""

    process: subprocess.Popen[bytes]
    port: int
    cluster: Cluster
    read: int
    charted: int
    authorization: str

    @property
    def trees(self) -> dict[str, int]:
        return {"service": self.process.pid, "postgres": self.cluster.pid}

    def call(self, method: str, *params: Any) -> Request:
        """A request of its JSON-RPC, for the load."""
        body = json.dumps({"id": 1, "method": f"model.{MODEL}.{method}", "params": [*params, {}]})
        return Request("POST", f"/{DATABASE}/", {"Authorization": self.authorization}, body)

    def creating(self, many: int) -> list[Request]:
        """New sets for the patient who is charted."""
        at = {
            "__class__": "datetime",
            "year": 2026,
            "month": 3,
            "day": 7,
            "hour": 15,
            "minute": 1,
            "second": 0,
            "microsecond": 0,
        }
        values = {"systolic": 122, "diastolic": 78, "bpm": 72, "respiratory_rate": 14, "osat": 98}
        row = {"patient": self.charted, "session_start": at, **values}
        return [self.call("create", [row])] * many

    def reading(self, many: int, limit: int = ROWS) -> list[Request]:
        """The newest so many sets of the patient who is read."""
        return [self.call("search_read", [["patient", "=", self.read]], 0, limit, None, FIELDS)] * many

    def must(self, one: Request) -> Any:
        """The result of one call, outside of every measurement; a refusal of its own comes with status 200 too."""
        return _ask(self.port, one)

    def export(self, page: int = 1000) -> int:
        """Every set, page after page by offset, as its clients can; how many there were."""
        found = 0
        while rows := self.must(self.call("search_read", [], found, page, [["id", "ASC"]], FIELDS)):
            found += len(rows)
        return found


def _ask(port: int, one: Request) -> Any:
    headers = {"Content-Type": "application/json", **one.headers}
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{one.path}", (one.body or "").encode(), headers, method="POST"
    )
    try:
        with urllib.request.urlopen(asked, timeout=60) as found:
            said = json.load(found)
    except urllib.error.HTTPError as error:
        raise Unexpected(f"GNU Health answered {error.code}: {error.read()[:500]!r}") from error
    if "error" in said:
        raise Unexpected(f"GNU Health refused: {said['error'][:2]}")
    return said["result"]


@contextmanager
def running(cluster: Cluster, folder: Path) -> Iterator[Peer]:
    """A fresh database in this cluster, and its server."""
    python = install()
    with cluster.as_owner() as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        owner.execute(f"CREATE DATABASE {DATABASE}")
    config, secret = folder / "trytond.conf", folder / "password"
    config.write_text("[database]\nuri = postgresql://\n[password]\nlength = 8\n")
    secret.write_text(PASSWORD)
    environment = {
        **os.environ,
        "PGHOST": cluster.socket,
        "PGUSER": postgres.OWNER,
        "TRYTONPASSFILE": str(secret),
        "TRYTOND_CONFIG": str(config),
        "TRYTOND_DATABASE_NAMES": DATABASE,
    }
    log = (folder / "peer.log").open("wb")

    def done(*command: str) -> str:
        ran = subprocess.run(
            [str(python.parent / command[0]), *command[1:]],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            check=True,
        )
        return ran.stdout.decode()

    setup = ["-c", str(config), "-d", DATABASE, "--email", "bench@example.org"]
    done("trytond-admin", *setup, "--password", "-u", "health_nursing", "--activate-dependencies")
    seeded = done("python", str(ROOT / "tests" / "bench" / "peer_seed.py"), DATABASE, str(ROWS))
    read, charted = (int(this) for this in seeded.split()[-2:])
    command = [
        str(python.parent / "gunicorn"),
        "-w",
        "2",
        "--threads",
        "4",
        "-b",
        "127.0.0.1:0",
        "--no-control-socket",
        "trytond.application:app",
    ]
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
    try:
        port = _listening(process, Path(log.name))
        uid, session, *_ = _ask(port, Request("POST", f"/{DATABASE}/", {}, _login()))
        said = base64.b64encode(f"admin:{uid}:{session}".encode()).decode()
        yield Peer(process, port, cluster, read, charted, f"Session {said}")
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _login() -> str:
    return json.dumps({"id": 1, "method": "common.db.login", "params": ["admin", {"password": PASSWORD}, "en"]})


def _listening(process: subprocess.Popen[bytes], log: Path) -> int:
    while process.poll() is None:
        if found := re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", log.read_text(errors="replace")):
            port = int(found[1])
            for _ in range(600):
                try:
                    _ask(port, Request("POST", f"/{DATABASE}/", {}, _login()))
                except (urllib.error.URLError, ConnectionError, Unexpected):
                    time.sleep(0.1)
                else:
                    return port
        time.sleep(0.05)
    raise RuntimeError(f"GNU Health did not start: {log.read_text(errors='replace')[-2000:]}")
