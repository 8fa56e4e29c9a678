"""A writer killed at any moment has lost nothing it acknowledged, and left no half of anything behind."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from app.db import chains, feed, session_records
from app.db.engine import open_database
from app.db.tables import feed as feed_table
from app.db.tables import journal
from app.db.tables import sessions as sessions_table
from app.db.work import Work, service_actor
from app.domain.events import EventKind
from app.domain.feed import PUBLISHED
from app.domain.journal import Kind, session_stream
from app.domain.readiness.inputs import inputs_digest
from tests.services.test_rebuilding import otherwise
from tests.services.ward import Ward

PARTS, KILLS = 4, 50
"""200 kills an engine, in parts that several workers can share."""
CONTROL_KILLS = 60
SESSIONS = 6
ROOT = Path(__file__).parent.parent.parent


class Harness:
    """One database, one program that forks writers, and what it was told."""

    def __init__(self, url: str, seed: int, *flags: str) -> None:
        self.url = url
        self.chance = random.Random(seed)
        database = open_database(url)
        ward = Ward(database)
        self.clinic_id = ward.clinic.id
        apart, *self.session_ids = [ward.plan(ward.add_patient()) for _ in range(1 + SESSIONS)]
        for session_id in (apart, *self.session_ids):
            ward.event(session_id, -30, EventKind.CHECKED_IN)
        database.close()
        self.acknowledged: set[UUID] = set()
        ids = map(str, [self.clinic_id, apart, *self.session_ids])
        self.program = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.writer", url, *ids, *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def _line(self) -> list[str]:
        assert self.program.stdout is not None
        line = self.program.stdout.readline()
        assert line, "the program ended by itself"
        return line.split()

    def kill_one(self) -> None:
        """Starts a writer, waits until it keeps readings, and kills it some moment later."""
        assert self.program.stdin is not None
        self.program.stdin.write("\n")
        self.program.stdin.flush()
        pid, killed, told = 0, False, 0
        while True:
            match self._line():
                case ["writer", number]:
                    pid = int(number)
                case ["kept", reading_id]:
                    self.acknowledged.add(UUID(reading_id))
                    told += 1
                case ["gone", how]:
                    assert killed, f"the writer ended before it was killed: {how}"
                    return
            if pid and told and not killed:
                time.sleep(self.chance.random() * 0.04)
                os.kill(pid, signal.SIGKILL)
                killed = True

    def stop(self) -> None:
        assert self.program.stdin is not None
        self.program.stdin.close()
        self.program.wait(timeout=30)
        assert self.program.stdout is not None
        self.program.stdout.close()

    def lost(self) -> set[UUID]:
        """Acknowledged readings that the record does not have."""
        database = open_database(self.url)
        found = database.read_now(kept_ids, service_actor(self.clinic_id), datetime.now(UTC))
        database.close()
        return self.acknowledged - found

    def halves(self) -> list[str]:
        """Whatever was kept in part."""
        database, who = open_database(self.url), service_actor(self.clinic_id)
        # what the next start does first: number what waits
        while database.write_now(feed.number, who, datetime.now(UTC)):
            pass
        found = database.read_now(find_halves, who, datetime.now(UTC), self.session_ids)
        found += otherwise(database, self.clinic_id, datetime.now(UTC))
        database.close()
        return found


def kept_ids(work: Work) -> set[UUID]:
    found = select(journal.c.fact_id).where(
        journal.c.clinic_id == work.clinic_id, journal.c.kind == Kind.READING.value, journal.c.revision == 1
    )
    rows = [UUID(row.fact_id) for row in work.all(found)]
    assert len(rows) == len(set(rows)), "a reading is kept twice"
    return set(rows)


def find_halves(work: Work, session_ids: list[UUID]) -> list[str]:
    verdicts = {stream: chains.verify_stream(work, stream) for stream in chains.all_streams(work)}
    broken = [f"{stream}: {verdict.bad}" for stream, verdict in verdicts.items() if not verdict.holds]
    return broken + [fault for session_id in session_ids for fault in halves_of(work, session_id)]


def halves_of(work: Work, session_id: UUID) -> Iterator[str]:
    """A reading belongs together with the head of its stream, its place in the feed, the assessment and the line."""
    stream = session_stream(session_id)
    entries = work.all(select(journal.c.position, journal.c.action).where(journal.c.stream == stream))
    published = sorted(entry.position for entry in entries if entry.action in PUBLISHED)
    told = sorted(row.entry for row in work.all(select(feed_table.c.entry).where(feed_table.c.stream == stream)))
    if told != published:
        yield f"{len(published)} entries to be told, {len(told)} told"
    verdict = chains.verify_stream(work, stream)
    row = work.first(select(sessions_table).where(sessions_table.c.id == session_id))
    record = session_records.load(work, session_id)
    assert row is not None
    assert record is not None
    assert record.assessment is not None
    assert verdict.head is not None
    if (row.position, row.hash) != (verdict.head.position, verdict.head.hash):
        yield f"the session's row knows entry {row.position}, its stream ends at {verdict.head.position}"
    if row.numbered != row.position:
        yield f"numbered up to {row.numbered} of {row.position}"
    if row.digest != record.assessment.digest:
        yield "the session's row shows another assessment than the latest"
    if record.assessment.judged != record.position:
        yield f"judged is {record.assessment.judged}, the newest fact is at {record.position}"
    if record.assessment.inputs != inputs_digest(record.facts()):
        yield "the latest assessment is of other facts than those in force"


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_acknowledged_is_lost_and_nothing_is_half_kept(database_url, part):
    harness = Harness(database_url, seed=part)
    for _ in range(KILLS):
        harness.kill_one()
    harness.stop()
    print(f"{KILLS} kills, {len(harness.acknowledged)} readings acknowledged")
    assert len(harness.acknowledged) > KILLS
    assert harness.lost() == set()
    assert harness.halves() == []


def test_the_harness_sees_a_writer_that_answers_before_its_commit(database_url):
    harness = Harness(database_url, 99, "--answer-first")
    lost: set[UUID] = set()
    for _ in range(CONTROL_KILLS):
        harness.kill_one()
        lost = harness.lost()
        if lost:
            break
    harness.stop()
    assert lost, "a harness that cannot fail proves nothing"


def test_the_harness_sees_a_head_that_moves_in_a_transaction_of_its_own(database_url):
    harness = Harness(database_url, 97, "--head-apart")
    halves: list[str] = []
    for _ in range(CONTROL_KILLS):
        harness.kill_one()
        halves = harness.halves()
        if halves:
            break
    harness.stop()
    assert [half for half in halves if "its stream ends at" in half], "a harness that cannot fail proves nothing"
    assert [half for half in halves if "to be told" in half], "and the feed would never have told of it"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_file_is_whole_after_kills(database_url):
    harness = Harness(database_url, seed=98)
    for _ in range(10):
        harness.kill_one()
    harness.stop()
    database = open_database(database_url)
    checked = database.read_now(
        lambda work: work._connection.exec_driver_sql("PRAGMA integrity_check").scalar(),
        service_actor(harness.clinic_id),
        datetime.now(UTC),
    )
    database.close()
    assert checked == "ok"
