"""What SQLite itself takes for a write of this kind: one durable commit each, no service around it.

    python -m tests.bench.raw_sqlite FILE MANY

A look at the session, its last four readings, a reading and an audit row inserted, the session's row written, committed
with synchronous=FULL. Prints one JSON line: seconds of processor and of the wall, and each commit's seconds.
"""

import json
import sys
import time

from pysqlite3 import dbapi2

TABLES = """
CREATE TABLE IF NOT EXISTS session (id INTEGER PRIMARY KEY, version INTEGER, line TEXT) STRICT;
CREATE TABLE IF NOT EXISTS obs (id INTEGER PRIMARY KEY, session INTEGER, at INTEGER, document TEXT) STRICT;
CREATE INDEX IF NOT EXISTS obs_of ON obs (session, at);
CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY, session INTEGER, document TEXT) STRICT;
"""
SESSIONS = 64
DOCUMENT = "x" * 400


def opened(file: str) -> dbapi2.Connection:
    """The file with its tables; every setting as the service has it."""
    found = dbapi2.connect(file, isolation_level=None)
    (mode,) = found.execute("PRAGMA journal_mode=WAL").fetchone()
    found.execute("PRAGMA synchronous=FULL")
    assert (mode, found.execute("PRAGMA synchronous").fetchone()[0]) == ("wal", 2)
    found.executescript(TABLES)
    found.executemany("INSERT OR IGNORE INTO session VALUES (?, 0, '')", [(one,) for one in range(SESSIONS)])
    return found


def write(database: dbapi2.Connection, number: int) -> None:
    """One write."""
    session = number % SESSIONS
    database.execute("BEGIN IMMEDIATE")
    database.execute("SELECT version, line FROM session WHERE id = ?", [session]).fetchone()
    database.execute("SELECT document FROM obs WHERE session = ? ORDER BY at DESC LIMIT 4", [session]).fetchall()
    database.execute("INSERT INTO obs (session, at, document) VALUES (?, ?, ?)", [session, number, DOCUMENT])
    database.execute("INSERT INTO audit (session, document) VALUES (?, ?)", [session, DOCUMENT])
    database.execute("UPDATE session SET version = version + 1, line = ? WHERE id = ?", [DOCUMENT, session])
    database.execute("COMMIT")


if __name__ == "__main__":
    database = opened(sys.argv[1])
    took = []
    began, used = time.perf_counter(), time.process_time()
    for number in range(int(sys.argv[2])):
        before = time.perf_counter()
        write(database, number)
        took.append(time.perf_counter() - before)
    print(json.dumps({"cpu": time.process_time() - used, "wall": time.perf_counter() - began, "took": took}))
