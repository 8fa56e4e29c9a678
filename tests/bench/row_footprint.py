"""Rows about what it takes to have the service at all: disk, start, memory at rest."""

import re
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from tests.bench.load import ROOT
from tests.bench.processes import MB, Watch, rss
from tests.bench.rounds import exact, figure
from tests.bench.stand import ENGINES, Stand
from tests.bench.table import Row

OWN = ("app", "migrations")
NOT_RUN = ("node_modules", "src", "__pycache__", "public")


def installed() -> float:
    """Megabytes of what requirements.txt brings and of our own files, as `make install` and `make web` leave them."""
    names = re.findall(r"^([A-Za-z0-9_.\[\],-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    total = 0
    for name in names:
        try:
            files = metadata.distribution(name.partition("[")[0]).files or []
        except metadata.PackageNotFoundError:
            continue  # for another system or Python
        total += sum(_size(Path(str(file.locate()))) for file in files if file.suffix != ".pyc")
    for folder in OWN:
        total += sum(
            path.stat().st_size
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and not set(path.relative_to(ROOT).parts) & set(NOT_RUN)
        )
    return total / MB


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def footprint(stand: Stand) -> Iterator[Row]:
    """G10."""
    yield Row("G10a", "", exact(installed()))
    for engine in ENGINES:
        where, ready, rest = stand.place(engine), [], []
        watch = Watch()
        for _ in range(3):
            with stand.served(where) as service:
                ready.append(service.ready)
                time.sleep(2)
                rest.append(rss(service.process.pid))
        # the first start finds nothing in the disk's cache
        yield Row("G10b", engine, figure(ready[1:], watch.foreign()), f"the first time {ready[0]:.1f} s")
        yield Row("G10c", engine, figure(rest[1:]))
