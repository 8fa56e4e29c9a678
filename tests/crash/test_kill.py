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

from app.db import assessments, audit
from app.db.engine import open_database
from app.db.tables import audit_events, feed_pending, readings
from app.db.tables import sessions as sessions_table
from app.db.work import Work, service_actor
from app.domain.events import EventKind
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
        self.session_ids = [ward.plan(ward.add_patient()) for _ in range(SESSIONS)]
        for session_id in self.session_ids:
            ward.event(session_id, -30, EventKind.CHECKED_IN)
        database.close()
        self.acknowledged: set[UUID] = set()
        ids = [str(self.clinic_id), *map(str, self.session_ids)]
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
        database = open_database(self.url)
        found = database.read_now(find_halves, service_actor(self.clinic_id), datetime.now(UTC), self.session_ids)
        database.close()
        return found


def kept_ids(work: Work) -> set[UUID]:
    return {row.id for row in work.all(select(readings.c.id).where(readings.c.clinic_id == work.clinic_id))}


def find_halves(work: Work, session_ids: list[UUID]) -> list[str]:
    return [fault for session_id in session_ids for fault in halves_of(work, session_id)]


def halves_of(work: Work, session_id: UUID) -> Iterator[str]:
    """A reading belongs together with its audit event, that event's link, the assessment and the session's row."""
    kept = {str(row.id) for row in work.all(select(readings.c.id).where(readings.c.session_id == session_id))}
    told = select(audit_events.c.subject_id).where(
        audit_events.c.session_id == session_id, audit_events.c.action == "reading.recorded"
    )
    audited = {row.subject_id for row in work.all(told)}
    if kept != audited:
        yield f"{len(kept)} readings kept, {len(audited)} audited"
    waiting = select(audit_events.c.subject_id).join(
        feed_pending,
        (feed_pending.c.clinic_id == audit_events.c.clinic_id) & (feed_pending.c.event_id == audit_events.c.id),
    )
    news = {
        row.subject_id
        for row in work.all(
            waiting.where(audit_events.c.session_id == session_id, audit_events.c.action == "reading.recorded")
        )
    }
    if kept != news:
        yield f"{len(kept)} readings kept, {len(news)} of them wait to be told"
    verdict = audit.verify_stream(work, f"session:{session_id}")
    if not verdict.holds:
        yield str(verdict.bad)
    row = work.first(select(sessions_table).where(sessions_table.c.id == session_id))
    latest = assessments.latest(work, session_id)
    assert row is not None
    assert latest is not None
    assert verdict.head is not None
    if (row.chain_position, row.chain_hash) != (verdict.head.position, verdict.head.hash):
        yield f"the session's row knows link {row.chain_position}, its chain ends at {verdict.head.position}"
    if row.digest != latest.digest:
        yield "the session's row shows another assessment than the latest"
    assessed = {reading["id"] for reading in latest.document["inputs"]["readings"]}
    if assessed != kept:
        yield f"{len(kept)} readings kept, {len(assessed)} assessed"


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


def test_the_harness_sees_news_that_is_kept_in_a_transaction_of_its_own(database_url):
    harness = Harness(database_url, 97, "--feed-apart")
    halves: list[str] = []
    for _ in range(CONTROL_KILLS):
        harness.kill_one()
        halves = harness.halves()
        if halves:
            break
    harness.stop()
    assert [half for half in halves if "wait to be told" in half], "a harness that cannot fail proves nothing"


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
