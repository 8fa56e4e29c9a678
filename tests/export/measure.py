"""What an export costs: memory at two sizes, its rate beside a loop that only fills in a template, a nurse's write.

    python -m tests.export.measure [sqlite|postgresql] [SESSIONS]

Each session is told as some 300 Observations; 3400 sessions are a million. Goals: at most 16 MB more for ten times as
many, at least 0.20 of the template's rate in processor time, and a write at most 1.5 times as slow meanwhile.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from app.db.engine import Database, migrate, open_database
from app.domain.exports import Level, Order, Progress, progress_from
from app.jobs.export_worker import ExportTask
from tests import factories, postgres
from tests.export.filling import fill
from tests.services.ward import Ward

ROOT = Path(__file__).parents[2]
WORKER = "app.jobs.export_worker"
OBSERVATIONS = ("Observation",)
MB = 1024


@dataclass(frozen=True)
class Run:
    """One worker's run: lines and bytes, seconds by the wall and of the processor, and its largest memory in kB."""

    lines: int
    size: int
    wall: float
    cpu: float
    memory: int


def task_of(url: str, folder: Path, clinic_id: UUID, types: tuple[str, ...] = OBSERVATIONS) -> ExportTask:
    order = Order(Level.SYSTEM, types, "measured")
    return ExportTask(url, folder, clinic_id, order, factories.at(10**6), Progress())


ALONE = """
import resource, subprocess, sys
code = subprocess.run([sys.executable, "-m", sys.argv[1]], check=False).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss, flush=True)
"""
"""Starts the worker from a program that holds nothing: a process begins with the memory of whoever starts it."""


def start(task: ExportTask, module: str = WORKER) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, "-c", ALONE, module], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdin is not None
    worker.stdin.write(task.line())
    worker.stdin.close()
    return worker


def finish(worker: subprocess.Popen[str], began: float) -> Run:
    """Waits for it; what it cost is what the kernel says of this one process."""
    assert worker.stdout is not None
    *told, last = worker.stdout
    worker.stdout.close()
    worker.wait()
    code, cpu, memory = last.split()
    assert int(code) == 0
    end = json.loads(told[-1])
    assert end["finished"]
    files = progress_from(end["progress"]).files
    lines, size = sum(file.count for file in files), sum(file.size for file in files)
    return Run(lines, size, time.perf_counter() - began, float(cpu), int(memory))


def export(task: ExportTask, module: str = WORKER) -> Run:
    began = time.perf_counter()
    return finish(start(task, module), began)


def template_only(folder: Path, lines: int) -> float:
    """Processor seconds of a loop that fills one line's template so many times and writes it, and reads nothing."""
    (file,) = folder.iterdir()
    with file.open(encoding="utf-8") as lines_of:
        sample = next(line for line in lines_of if json.loads(line)["id"].endswith("-hr"))
    told = json.loads(sample)
    template = sample.replace("%", "%%")
    values: list[object] = [told["id"], told["subject"]["reference"], told["encounter"]["reference"]]
    values += [told["effectiveDateTime"], told["issued"]]
    for value in values:
        template = template.replace(str(value), "%s")
    slots = tuple(str(values[number % len(values)]) for number in range(template.count("%s")))
    began = time.process_time()
    with tempfile.TemporaryFile(buffering=MB * MB) as file:
        for _ in range(lines):
            file.write((template % slots).encode())
    return time.process_time() - began


class Nurse:
    """Somebody who types readings into sessions under way, one after the other."""

    def __init__(self, database: Database, sessions: int = 24) -> None:
        self._ward = Ward(database)
        self._sessions = []
        for _ in range(sessions):
            session_id = self._ward.plan(self._ward.add_patient())
            self._ward.treat(session_id)
            self._sessions.append(session_id)
        self._minute = 41.0

    def types(self, rounds: int) -> list[float]:
        """Seconds that each of so many rounds of readings took to be kept."""
        found = []
        for _ in range(rounds):
            self._minute += 1
            for session_id in self._sessions:
                began = time.perf_counter()
                self._ward.reading(session_id, self._minute)
                found.append(time.perf_counter() - began)
        return found


@contextmanager
def place(engine: str) -> Iterator[str]:
    """An empty database on this engine."""
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            url = f"sqlite:///{folder}/measured.db"
            migrate(url)
            yield url
            return
        postgres.begin()
        try:
            yield postgres.make("measured")
        finally:
            postgres.end()


def meanwhile(url: str, task: ExportTask, rounds: int) -> tuple[float, float]:
    """Median seconds of a write with nothing else under way, and while an export runs."""
    database = open_database(url)
    nurse = Nurse(database)
    nurse.types(2)
    quiet = nurse.types(rounds)
    worker, began = start(task), time.perf_counter()
    busy: list[float] = []
    while worker.poll() is None and len(busy) < 100 * len(quiet):
        busy += nurse.types(1)
        if time.perf_counter() - began > 600:
            worker.kill()
    assert worker.stdout is not None
    worker.stdout.close()
    worker.wait()
    quiet += nurse.types(rounds)
    database.close()
    return statistics.median(quiet), statistics.median(busy)


def main(engine: str, sessions: int) -> None:
    with place(engine) as url, tempfile.TemporaryDirectory() as out:
        database = open_database(url)
        few, many = fill(database, sessions // 10), fill(database, sessions)
        database.close()
        none = export(task_of(url, Path(out) / "none", UUID(int=1)))
        small = export(task_of(url, Path(out) / "few", few.id))
        large = export(task_of(url, Path(out) / "many", many.id))
        template = template_only(Path(out) / "few", large.lines)
        print(f"{engine}: {small.lines} and {large.lines} Observations, {large.size / large.lines:.0f} bytes each")
        more = (large.memory - small.memory) / MB
        print(f"memory {small.memory / MB:.1f} MB and {large.memory / MB:.1f} MB: {more:+.1f} MB")
        cpu = large.cpu - none.cpu
        print(f"processor {1e6 * cpu / large.lines:.2f} us each, template {1e6 * template / large.lines:.2f} us")
        print(f"rate {template / cpu:.2f} of the template's; {large.lines / large.wall:.0f} a second by the wall")
        quiet, busy = meanwhile(url, task_of(url, Path(out) / "again", many.id), 6)
        print(f"a nurse's write {1e3 * quiet:.1f} ms, meanwhile {1e3 * busy:.1f} ms: {busy / quiet:.2f} times")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite", int(sys.argv[2]) if len(sys.argv) > 2 else 3400)
