"""What the rows are held against, each a target of the same rounds: null handler, pgbench, raw SQLite, raw COPY."""

import io
import json
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

from tests import postgres
from tests.api import bodies
from tests.bench.load import ROOT, Request, burst
from tests.bench.null_service import TOKEN
from tests.bench.processes import Watch
from tests.bench.rounds import Burst, Target
from tests.bench.servers import Cluster

NULL_REQUESTS, PGBENCH_EACH, RAW_WRITES = 3000, 400, 3000

PGBENCH_TABLES = """
CREATE TABLE session (id int PRIMARY KEY, version int, line text);
CREATE TABLE obs (id bigserial PRIMARY KEY, session int, at bigint, document text);
CREATE INDEX ON obs (session, at);
CREATE TABLE audit (id bigserial PRIMARY KEY, session int, document text);
INSERT INTO session SELECT n, 0, '' FROM generate_series(1, 64) n;
"""
PGBENCH_FULL = f"""
\\set s random(1, 64)
BEGIN;
SELECT version, line FROM session WHERE id = :s FOR UPDATE;
SELECT document FROM obs WHERE session = :s ORDER BY at DESC LIMIT 4;
INSERT INTO obs (session, at, document) VALUES (:s, 1, '{"x" * 400}');
INSERT INTO audit (session, document) VALUES (:s, '{"x" * 400}');
UPDATE session SET version = version + 1, line = '{"x" * 400}' WHERE id = :s;
COMMIT;
"""


@contextmanager
def null_handler(milliseconds: float = 0.0, many: int = NULL_REQUESTS) -> Iterator[Target]:
    """The null service, and a burst of readings at it."""
    command = [sys.executable, "-m", "tests.bench.null_service", str(milliseconds)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        yield lambda: burst(port, _readings(many), {"service": process.pid})
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _readings(many: int) -> list[Request]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    body, session = json.dumps(bodies.reading(20)), uuid4()
    return [Request("PUT", f"/v1/sessions/{session}/readings/{uuid4()}", headers, body) for _ in range(many)]


def pgbench(cluster: Cluster, folder: Path, at_once: int = 8) -> Target:
    """The statements of such a write, prepared, by PostgreSQL's own tool: the client's time counts as ours does."""
    database = f"pgbench_{uuid4().hex[:8]}"
    with cluster.as_owner() as owner:
        owner.execute(f"CREATE DATABASE {database}")
    with cluster.as_owner(database) as owner:
        owner.execute(PGBENCH_TABLES)
    script = folder / f"{database}.sql"
    script.write_text(PGBENCH_FULL)
    command: list[str | Path] = [postgres.programs(postgres.folder()) / "pgbench", "-n", "-M", "prepared", "-f", script]
    command += ["-c", str(at_once), "-j", "2", "-t", str(PGBENCH_EACH), "-h", cluster.socket, "-U", postgres.OWNER]
    many = at_once * PGBENCH_EACH

    def run() -> Burst:
        outside = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
        watch, before = Watch(postgres=cluster.pid), os.times()
        done = subprocess.run([*command, database], check=True, capture_output=True, text=True, env=outside)
        after = os.times()
        client = after.children_user + after.children_system - before.children_user - before.children_system
        database_cpu, foreign = watch.cpu()["postgres"], watch.foreign()
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        assert found, done.stdout
        parts = {"client": 1000 * client / many, "postgres": 1000 * database_cpu / many}
        latency = 1000 * at_once / float(found[1])
        return Burst(sum(parts.values()), float(found[1]), latency, latency, foreign, parts=parts)

    return run


def raw_sqlite(file: Path, library: Path | None = None, many: int = RAW_WRITES) -> Target:
    """The same write, straight into SQLite."""

    def run() -> Burst:
        watch = Watch()
        environment = {**os.environ, **({"LD_PRELOAD": str(library)} if library else {})}
        command = [sys.executable, "-m", "tests.bench.raw_sqlite", str(file), str(many)]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, env=environment)
        said = json.loads(done.stdout)
        took = sorted(said["took"])
        return Burst(
            cpu=1000 * said["cpu"] / many,
            rate=many / said["wall"],
            p50=1000 * statistics.median(took),
            p99=1000 * took[int(0.99 * (many - 1))],
            foreign=watch.foreign(),
        )

    return run


def raw_copy(cluster: Cluster, database: str) -> Target:
    """The documents of all readings of a table, as COPY gives them: milliseconds a reading, client and server."""

    def run() -> Burst:
        watch = Watch(postgres=cluster.pid, client=os.getpid())
        many, out = 0, io.BytesIO()
        with cluster.as_owner(database) as owner:
            asked = (
                "COPY (SELECT stream, position, fact_id, at, document FROM journal WHERE kind = 'reading') TO STDOUT"
            )
            with owner.cursor() as cursor, cursor.copy(asked) as rows:
                for block in rows:
                    many += 1
                    out.write(block)
                    out.seek(0)
        cpu, wall = watch.cpu(), watch.wall()
        each = {name: 1000 * used / many for name, used in cpu.items()}
        return Burst(sum(each.values()), many / wall, 0.0, 0.0, watch.foreign(), parts=each)

    return run


def asserted_durable(cluster: Cluster) -> None:
    """Commits must reach the disk, or every figure would flatter."""
    with cluster.as_owner() as owner:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            row = owner.execute(psycopg.sql.SQL("SHOW {}").format(psycopg.sql.Identifier(name))).fetchone()
            assert row == ("on",), f"PostgreSQL's {name} is {row}"
