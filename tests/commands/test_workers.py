"""Several processes behind one socket, on PostgreSQL: any answers any request, and one that dies loses nothing."""

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import pytest

from app.clock import SystemClock
from app.commands.running import Running, Stop
from app.commands.serving import check_clocks
from app.db.engine import Database, open_database
from app.db.work import service_actor
from app.domain.events import EventKind
from app.domain.people import Role, Staff
from app.jobs import clock as clock_job
from app.services import staff
from app.services.duties import Duty
from app.services.passwords import hash_now
from tests import keys
from tests.api.bodies import reading
from tests.api.test_stream import Follower
from tests.commands.test_serving import ROOT, environment, run
from tests.crash.charting import a_moment_ago
from tests.crash.test_kill import find_halves, kept_ids
from tests.factories import NOON, PASSWORD
from tests.services.test_rebuilding import otherwise
from tests.services.ward import Ward

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"])  # a SQLite file is served by one process

FEW = 3
"""Workers."""


@contextmanager
def several(folder: Path, database_url: str, count: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service of several processes: who started them, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--workers", str(count)],
        cwd=ROOT,
        env=environment(folder, DATABASE_URL=database_url, EXPORT_FOLDER=str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert found, first
        yield process, found[0]
    finally:
        if process.poll() is None:
            # one that is held still would end no more by itself, and its output would never be over
            for worker in workers_of(process):
                os.kill(worker, signal.SIGCONT)
            process.kill()
        process.communicate()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Their process numbers, from the operating system."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(number) for number in children.split()]


def wait_for(what: Callable[[], bool], seconds: float = 60.0) -> None:
    last = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < last, "it did not come about"
        time.sleep(0.05)


def post(url: str, path: str, body: dict) -> int:
    """The status, over a connection of its own: whichever process takes it."""
    return httpx2.post(f"{url}{path}", json=body, timeout=60).status_code


def test_they_know_one_first_run_and_one_lock_out_and_end_together(tmp_path: Path, database_url: str):
    with several(tmp_path, database_url, 2) as (process, url):
        assert process.stdout is not None
        token = [process.stdout.readline() for _ in range(4)][3].strip()

        def attempt(number: int) -> int:
            lead = {"username": f"lead-{number}", "name": "Lena", "password": PASSWORD}
            body = {"token": token, "clinic": f"Clinic {number}", "signing": "password", "lead": lead}
            return post(url, "/v1/first-run", body)

        with ThreadPoolExecutor(6) as pool:
            assert sorted(pool.map(attempt, range(6))) == [201, 409, 409, 409, 409, 409]
        assert attempt(7) == 409
        wrong = [post(url, "/v1/sign-in", {"username": "nobody", "password": "x"}) for _ in range(12)]
        assert set(wrong[:5]) == {401}
        assert set(wrong[10:]) == {429}

        crew = workers_of(process)
        assert len(crew) == 2
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, "", "")
        assert not any(Path(f"/proc/{pid}").exists() for pid in crew)


def test_killed_the_one_that_started_them_takes_them_along(tmp_path: Path, database_url: str):
    with several(tmp_path, database_url, 2) as (process, _):
        crew = workers_of(process)
        process.kill()
        process.wait()
        wait_for(lambda: not any(running(pid) for pid in crew))


def running(pid: int) -> bool:
    """Whether the process has not ended, though nobody may have asked yet how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@dataclass
class Nurse:
    """A tablet that charts over HTTP, and sends again what it heard no answer to."""

    url: str
    token: str
    session_id: UUID
    stop: threading.Event
    acknowledged: list[UUID] = field(default_factory=list)
    unheard: int = 0

    def chart(self) -> None:
        while not self.stop.is_set():
            reading_id = uuid4()
            body = reading(0, measured_at=a_moment_ago())
            while not self._put(reading_id, body):
                self.unheard += 1
            self.acknowledged.append(reading_id)

    def _put(self, reading_id: UUID, body: dict) -> bool:
        try:
            status = self.put(reading_id, body)
        except httpx2.TransportError:
            return False
        assert status in {200, 201}
        return True

    def put(self, reading_id: UUID, body: dict) -> int:
        """The status of the answer."""
        address = f"{self.url}/v1/sessions/{self.session_id}/readings/{reading_id}"
        bearer = {"Authorization": f"Bearer {self.token}"}
        return httpx2.put(address, json=body, headers=bearer, timeout=30).status_code


def test_one_killed_at_any_moment_loses_nothing_and_another_takes_its_place(tmp_path: Path, database_url: str):
    chance = random.Random(14)
    database = open_database(database_url, keys=keys.PLACE)
    ward = Ward(database)
    sessions = [ward.plan(ward.add_patient()) for _ in range(2)]
    nurse = Staff("nurse", "Nora Nurse", Role.NURSE)
    who = service_actor(ward.clinic.id)
    database.write_now(staff.add, who, NOON, uuid4(), nurse, hash_now(PASSWORD))

    with several(tmp_path, database_url, FEW) as (process, url):
        signed_in = httpx2.post(f"{url}/v1/sign-in", json={"username": "nurse", "password": PASSWORD}, timeout=60)
        token, over = signed_in.json()["access_token"], threading.Event()
        tablets = [Nurse(url, token, session_id, over) for session_id in sessions]
        with ThreadPoolExecutor(len(tablets)) as pool:
            charting = [pool.submit(tablet.chart) for tablet in tablets]
            try:
                killed = []
                for _ in range(4):
                    before = sum(len(tablet.acknowledged) for tablet in tablets)
                    wait_for(lambda before=before: sum(len(tablet.acknowledged) for tablet in tablets) > before + 4)
                    time.sleep(chance.random() * 0.1)
                    killed.append(chance.choice(workers_of(process)))
                    os.kill(killed[-1], signal.SIGKILL)
                    wait_for(lambda: len([pid for pid in workers_of(process) if running(pid)]) == FEW)
            finally:
                over.set()
            for one in charting:
                one.result()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        # a worker's end is told, and no two did the same piece of a duty: one would have been refused, and tried again
        assert "worker-ended" in err
        assert "terminating" not in err

    acknowledged = {reading_id for tablet in tablets for reading_id in tablet.acknowledged}
    now = datetime.now(UTC)
    assert acknowledged == database.read_now(kept_ids, who, now)
    assert database.read_now(find_halves, who, now, sessions) == []
    assert otherwise(database, ward.clinic.id, now) == []
    database.close()


def shown_or_over(screen: Follower, session_id: UUID, before: int) -> Callable[[], bool]:
    """Whether a session has come once more, or the screen was let go."""
    return lambda: screen.seen(str(session_id)) > before or screen.ended.is_set()


def test_what_one_writes_the_board_of_another_shows(tmp_path: Path, database_url: str):
    database = open_database(database_url, keys=keys.PLACE)
    ward = Ward(database)
    session_id = ward.plan(ward.add_patient())
    ward.event(session_id, -30, EventKind.CHECKED_IN)
    nurse = Staff("nurse", "Nora Nurse", Role.NURSE)
    database.write_now(staff.add, service_actor(ward.clinic.id), NOON, uuid4(), nurse, hash_now(PASSWORD))
    database.close()
    with several(tmp_path, database_url, 2) as (process, url):
        signed_in = httpx2.post(f"{url}/v1/sign-in", json={"username": "nurse", "password": PASSWORD}, timeout=60)
        token = signed_in.json()["access_token"]
        one, other = workers_of(process)
        tablet, took = Nurse(url, token, session_id, threading.Event()), []
        screen = None
        for _ in range(20):
            if screen is None or screen.ended.is_set():
                # while one is held still, the other takes every connection
                os.kill(other, signal.SIGSTOP)
                # whoever waits for what one holds may wait longer than a screen would
                screen = Follower(url, token, silence=300).start()
                os.kill(other, signal.SIGCONT)
            os.kill(one, signal.SIGSTOP)
            before = screen.seen(str(session_id))
            status = tablet.put(uuid4(), reading(0, measured_at=a_moment_ago()))
            began = time.monotonic()
            os.kill(one, signal.SIGCONT)
            if status == 503:
                continue  # it was held still in the midst of a transaction, and what that held could not be had
            assert status == 201
            screen.wait(shown_or_over(screen, session_id, before))
            if screen.ended.is_set():
                continue  # it was held still in the midst of a look, which took too long: who followed comes back
            took.append(time.monotonic() - began)
            if len(took) == 3:
                break
        assert len(took) == 3
        assert min(took) < 2, "a busy machine may be late now and then, and not each time"


def test_a_file_and_a_server_without_room_refuse_several(tmp_path: Path, database_url: str):
    code, err = run(tmp_path, "serve", "--workers", "2")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "PostgreSQL" in err
    code, err = run(tmp_path, "serve", "--workers", "60", DATABASE_URL=database_url)
    assert (code, len(err.splitlines())) == (1, 1)
    assert "max_connections" in err


class Ahead(SystemClock):
    """A machine whose clock is wrong."""

    def wall(self) -> datetime:
        return super().wall() + timedelta(seconds=3)


def test_a_machine_whose_clock_is_wrong_serves_nobody(database_url: str):
    database = open_database(database_url, keys=keys.PLACE)
    check_clocks(Running(database, SystemClock()))
    with pytest.raises(Stop, match=r"[23]\.\d s apart"):
        check_clocks(Running(database, Ahead()))
    database.close()


async def one_turn(database: Database, machine: SystemClock) -> None:
    stop = asyncio.Event()
    stop.set()
    await clock_job.run(Duty("clock"), database, SystemClock(), stop, machine=machine)


def test_and_one_that_goes_wrong_later_is_told_of(database_url: str, caplog: pytest.LogCaptureFixture):
    database = open_database(database_url, keys=keys.PLACE)
    for machine, told in ((SystemClock(), []), (Ahead(), ["ClocksApart"])):
        caplog.clear()
        asyncio.run(one_turn(database, machine))
        assert [record.kind for record in caplog.records if record.msg == "job-failed"] == told
    database.close()
