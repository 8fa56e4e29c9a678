"""Rows about the bulk export: its rate beside a template and a raw COPY, its memory, and whether it slows down."""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from app.domain.exports import progress_from
from tests.bench.processes import Watch, cpu_seconds
from tests.bench.references import raw_copy
from tests.bench.rounds import Burst, Target, exact
from tests.bench.servers import Place
from tests.bench.stand import ENGINES, Stand
from tests.bench.table import Row
from tests.export.measure import start, task_of, template_only

KB = 1024


@dataclass(frozen=True)
class Exported:
    """One run of the worker. `points`: lines told so far, and processor seconds used, as it went on."""

    lines: int
    wall: float
    cpu: float
    database: float
    memory: float
    points: tuple[tuple[int, float], ...]
    foreign: float


def export(where: Place, clinic: UUID, folder: Path) -> Exported:
    """The service's own worker, watched as it goes on."""
    trees = {"database": where.cluster.pid} if where.cluster else {}
    watch, worker = Watch(**trees), start(task_of(where.url, folder, clinic))
    began, points, finished = time.perf_counter(), [], False
    assert worker.stdout is not None
    for line in worker.stdout:
        if not line.startswith("{"):
            code, cpu, memory = line.split()
            assert (int(code), finished) == (0, True)
            break
        said = json.loads(line)
        finished = said["finished"]
        points.append((sum(file.count for file in progress_from(said["progress"]).files), cpu_seconds([worker.pid])))
    worker.stdout.close()
    worker.wait()
    database = watch.cpu().get("database", 0.0)
    wall = time.perf_counter() - began
    return Exported(points[-1][0], wall, float(cpu), database, float(memory) / KB, tuple(points), watch.foreign())


def slope(run: Exported, none: Exported) -> float:
    """Processor time of the last tenth of the lines over that of the first, starting the process left out."""

    def at(lines: float) -> float:
        before = (0, none.cpu)
        for point in run.points:
            if point[0] >= lines:
                share = (lines - before[0]) / max(point[0] - before[0], 1)
                return before[1] + share * (point[1] - before[1])
            before = point
        return run.points[-1][1]

    return (at(run.lines) - at(0.9 * run.lines)) / max(at(0.1 * run.lines) - at(0), 1e-9)


def exports(stand: Stand) -> Iterator[Row]:
    """L5, G7, G8: a hundred thousand lines and a million, of the long tables it would be a hundred gigabytes."""
    for engine in ENGINES:
        tables = stand.tables(engine)
        yield from _of(stand, tables.where, tables.small.clinic.id, tables.large.clinic.id, tables.of)


def _of(stand: Stand, where: Place, small: UUID, large: UUID, of: str) -> Iterator[Row]:
    out = stand.folder / f"out-{where.engine}"
    none = export(where, UUID(int=1), out / "none")
    few, most = export(where, small, out / "few"), export(where, large, out / "many")
    shutil.rmtree(out / "many")
    rounds = stand.new_rounds()
    targets: dict[str, Target] = {
        "export": _rate(where, small, out, none),
        "template": _template(out / "few", few.lines),
    }
    if where.cluster is not None:
        targets["copy"] = raw_copy(where.cluster, where.database)
    rounds.run(targets, 3)
    yield Row(
        "L5a",
        of,
        rounds.figure(lambda one: one["template"].cpu / one["export"].parts["worker"], "export", "template"),
        f"{most.lines / most.wall:,.0f} lines/s by the wall",
    )
    if where.cluster is not None:
        yield Row("L5b", of, rounds.ratio("copy", "export"))
    yield Row("G7", of, exact(most.memory - few.memory), f"{few.memory:.0f} MB and {most.memory:.0f} MB")
    yield Row("G8", of, exact(slope(most, none)))


def _rate(where: Place, clinic: UUID, out: Path, none: Exported) -> Target:
    def run() -> Burst:
        found = export(where, clinic, out / "again")
        shutil.rmtree(out / "again")
        parts = {"worker": 1000 * (found.cpu - none.cpu) / found.lines, "database": 1000 * found.database / found.lines}
        return Burst(sum(parts.values()), found.lines / found.wall, 0.0, 0.0, found.foreign, parts=parts)

    return run


def _template(folder: Path, lines: int) -> Target:
    def run() -> Burst:
        watch = Watch()
        cpu = template_only(folder, lines)
        return Burst(1000 * cpu / lines, lines / max(cpu, 1e-9), 0.0, 0.0, watch.foreign())

    return run
