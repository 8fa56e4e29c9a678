"""The process that writes the files of an export: beside the service, so that nurses do not wait for it.

It is told everything on standard input, reads the database slice by slice and never writes it, and says on standard
output how far it has come: always after what it says is on the disk. The service keeps that, and starts another worker
from there if this one ends early.
"""

import gc
import json
import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from app.clock import ticking
from app.db.engine import Database, open_for_reading
from app.db.refusals import Unavailable
from app.db.work import service_actor
from app.domain.exports import (
    ExportFile,
    Key,
    Order,
    Progress,
    order_document,
    order_from,
    progress_document,
    progress_from,
)
from app.domain.instants import from_text, to_text
from app.exchange.observation_lines import ObservationLines
from app.services.fhir.exports import Slice, read_slice

EVERY = 1.5
"""Seconds between two words on how far it has come."""
LONGEST = 256 * 1024 * 1024
"""Bytes after which another file of the same type is begun."""
BUFFER = 1024 * 1024
TRY_AGAIN = 75
"""What it ends with where the database could not be read just then."""
GIVES_WAY = 15
"""How much nicer than the service itself the worker is to whoever else needs the processor."""


@dataclass(frozen=True, slots=True)
class ExportTask:
    """What a worker is told."""

    url: str
    folder: Path
    clinic_id: UUID
    order: Order
    instant: datetime
    progress: Progress

    def line(self) -> str:
        """As one line of JSON."""
        told = {
            "url": self.url,
            "folder": str(self.folder),
            "clinic_id": str(self.clinic_id),
            "order": order_document(self.order),
            "instant": to_text(self.instant),
            "progress": progress_document(self.progress),
        }
        return json.dumps(told) + "\n"


def task_from(line: str) -> ExportTask:
    """The inverse of `Task.line`."""
    told = json.loads(line)
    return ExportTask(
        told["url"],
        Path(told["folder"]),
        UUID(told["clinic_id"]),
        order_from(told["order"]),
        from_text(told["instant"]),
        progress_from(told["progress"]),
    )


class Files:
    """The files of one export: appended to, and told of only up to where they are safely on the disk."""

    def __init__(self, folder: Path, known: tuple[ExportFile, ...], new_name: Callable[[], str]) -> None:
        self._folder = folder
        self._done = [file for file in known if file.closed]
        self._new_name = new_name
        self._open: dict[str, tuple[ExportFile, IO[bytes]]] = {}

    def add(self, kind: str, lines: bytearray, count: int) -> None:
        """Appends whole lines."""
        file, handle = self._open.get(kind) or self._begin(kind)
        handle.write(lines)
        file = replace(file, count=file.count + count, size=file.size + len(lines))
        self._open[kind] = (file, handle)
        if file.size >= LONGEST:
            self._finish(kind)

    def _begin(self, kind: str) -> tuple[ExportFile, IO[bytes]]:
        file = ExportFile(kind, self._new_name(), 0, 0)
        descriptor = os.open(self._folder / file.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return file, os.fdopen(descriptor, "wb", buffering=BUFFER)

    def _finish(self, kind: str) -> None:
        file, handle = self._open.pop(kind)
        _settle(handle)
        handle.close()
        self._done.append(replace(file, closed=True))

    def settled(self) -> tuple[ExportFile, ...]:
        """Every file with what of it is on the disk now."""
        for _, handle in self._open.values():
            _settle(handle)
        return (*self._done, *(file for file, _ in self._open.values()))

    def abandon(self) -> None:
        """Lets go of what is open, whatever is on the disk of it."""
        for _, handle in self._open.values():
            handle.close()
        self._open.clear()

    def close(self) -> tuple[ExportFile, ...]:
        """Every file, finished."""
        for kind in list(self._open):
            self._finish(kind)
        return tuple(self._done)


def _settle(handle: IO[bytes]) -> None:
    handle.flush()
    os.fsync(handle.fileno())


def work_off(
    database: Database,
    task: ExportTask,
    tell: Callable[[Progress, bool], None],
    new_name: Callable[[], str],
    seconds: Callable[[], float] = ticking,
) -> None:
    """Reads and writes until nothing is left. `tell(progress, finished)` hears what is on the disk, now and then."""
    files = Files(task.folder, task.progress.files, new_name)
    try:
        _read_on(database, task, files, tell, seconds)
    finally:
        files.abandon()


def _read_on(
    database: Database,
    task: ExportTask,
    files: Files,
    tell: Callable[[Progress, bool], None],
    seconds: Callable[[], float],
) -> None:
    actor, templates = service_actor(task.clinic_id), ObservationLines()
    place: Key | None = task.progress.place
    units, turns, told = task.progress.units, task.progress.turns, seconds()
    while True:
        found: Slice = database.read_now(read_slice, actor, task.instant, task.order, task.instant, place, templates)
        for kind, (lines, count) in found.lines.items():
            files.add(kind, lines, count)
        place, units = found.place, units + found.units
        if place is None:
            tell(Progress(place, files.close(), units, turns), True)
            return
        if seconds() - told >= EVERY:
            tell(Progress(place, files.settled(), units, turns), False)
            told = seconds()


def main(told: IO[str], tells: IO[str]) -> int:
    """One task from `told`; each word of progress is a line of JSON on `tells`."""
    task = task_from(told.readline())
    task.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.nice(GIVES_WAY)

    def tell(progress: Progress, finished: bool) -> None:
        line: dict[str, Any] = {"progress": progress_document(progress), "finished": finished}
        tells.write(json.dumps(line) + "\n")
        tells.flush()

    # what a slice makes is gone when it is written: the collector finds nothing in it, and need not look so often
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    database = open_for_reading(task.url)
    try:
        work_off(database, task, tell, lambda: secrets.token_urlsafe(24))
    except Unavailable:
        return TRY_AGAIN
    finally:
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin, sys.stdout))
