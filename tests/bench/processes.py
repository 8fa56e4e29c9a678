"""Processor time and memory of whole process trees, and of the machine, as /proc has them."""

import os
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
MB = 1024 * 1024


@dataclass(frozen=True)
class Process:
    """One line of the process table. `used`: ticks of its own and of the children it has buried."""

    pid: int
    parent: int
    used: int


def _process(pid: int) -> Process | None:
    try:
        # the name may hold spaces and brackets; what follows the last one is plain
        said = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Process(pid, int(said[1]), sum(int(part) for part in said[11:15]))


def tree(root: int) -> list[Process]:
    """The process and all that hang off it."""
    found = [one for name in PROC.iterdir() if name.name.isdigit() and (one := _process(int(name.name)))]
    children: dict[int, list[Process]] = defaultdict(list)
    for one in found:
        children[one.parent].append(one)
    whole = [one for one in found if one.pid == root]
    for one in whole:
        whole += children[one.pid]
    return whole


def cpu_seconds(roots: Iterable[int]) -> float:
    """Processor seconds that these trees have used, those of their ended children included."""
    return sum(one.used for root in roots for one in tree(root)) / TICK


def machine_busy() -> tuple[float, float]:
    """Seconds all cores together have been busy, and seconds they have had (since the machine started)."""
    said = [int(part) for part in (PROC / "stat").read_text().splitlines()[0].split()[1:9]]
    idle = said[3] + said[4]
    return (sum(said) - idle) / TICK, sum(said) / TICK


class Watch:
    """What the trees named, and everybody else, use of the machine from here on."""

    def __init__(self, **trees: int) -> None:
        self._trees = trees
        self._began = time.perf_counter()
        self._used = {name: cpu_seconds([root]) for name, root in trees.items()}
        self._ours = cpu_seconds([os.getpid()])
        self._busy, self._had = machine_busy()

    def cpu(self) -> dict[str, float]:
        """Processor seconds of each tree since."""
        return {name: cpu_seconds([root]) - self._used[name] for name, root in self._trees.items()}

    def wall(self) -> float:
        """Seconds since."""
        return time.perf_counter() - self._began

    def foreign(self) -> float:
        """The part of the machine (0 to 1) that was busy with what is neither these trees nor the benchmark.

        The benchmark's own tree holds whatever it started; a tree that hangs off another process is added once.
        """
        mine = {one.pid for one in tree(os.getpid())}
        used = cpu_seconds([os.getpid()]) - self._ours
        used += sum(cpu for name, cpu in self.cpu().items() if self._trees[name] not in mine)
        busy, had = machine_busy()
        return max(0.0, busy - self._busy - used) / max(had - self._had, 1 / TICK)


def rss(root: int) -> float:
    """Megabytes of memory in use by the tree, shared pages counted in each process."""
    total = 0
    for one in tree(root):
        found = [
            line for line in (PROC / str(one.pid) / "status").read_text().splitlines() if line.startswith("VmRSS:")
        ]
        total += sum(int(line.split()[1]) for line in found)
    return total * 1024 / MB
