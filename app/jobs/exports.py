"""The exporter: takes up one ordered export at a time, has a worker write its files, and clears away what expired."""

import asyncio
import json
import logging
import re
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import app
from app.clock import Clock, moment
from app.db import exports
from app.db.engine import Database
from app.db.schema import absolute
from app.db.work import EVERY_CLINIC, Work, service_actor
from app.domain.exports import Export, ExportState, Progress, progress_from
from app.jobs.export_worker import TRY_AGAIN, ExportTask
from app.jobs.loop import on_call
from app.services.duties import Duty

EVERY = timedelta(seconds=1)
HELD = timedelta(seconds=20)
"""How long a worker's silence is believed before another takes its export over."""
ROOT = Path(app.__file__).parent.parent
WORKER = "app.jobs.export_worker"
"""The program that is started beside the service."""
TURNS = 10
"""How often an export is taken up again whose worker was ended by something else than itself."""
LINE = 16 * 1024 * 1024
"""Bytes of the longest word of progress."""

_NAMED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """Where the record is, where files go, how long an export waits before it reads, and how long it is kept."""

    url: str
    folder: Path
    settle: timedelta
    keeps: timedelta

    def folder_of(self, export_id: UUID) -> Path:
        """Where the files of one export lie."""
        return self.folder.absolute() / str(export_id)


async def run(
    plan: ExportSettings, holder: UUID, duty: Duty, database: Database, clock: Clock, stop: asyncio.Event
) -> None:
    """Works off what is ordered until `stop` is set; what is under way then is given back, to be gone on with."""
    try:
        await clear_strays(plan, database, clock)
    except Exception as error:  # noqa: BLE001  # files that lie too long keep no export from being written
        log.error("job-failed", extra={"job": duty.name, "kind": type(error).__name__})
    await on_call(duty, lambda: step(plan, holder, database, clock, stop, duty), EVERY, stop)


async def step(
    plan: ExportSettings, holder: UUID, database: Database, clock: Clock, stop: asyncio.Event, duty: Duty | None = None
) -> bool:
    """Clears away what expired, then works on the oldest export that waits, to its end. Whether there was one."""
    duty = duty or Duty("exports")
    if duty.apart:
        # one that was taken back meanwhile asks for nothing any more
        known = await database.read(exports.not_ended, EVERY_CLINIC, clock.now())
        duty.keep_only(frozenset(export.id for export in known))
    await _clear_expired(plan, database, clock, duty)
    if stop.is_set():
        return False
    wall = clock.wall()
    found = await database.read(exports.waiting, EVERY_CLINIC, clock.now(), wall, wall - plan.settle, duty.waiting)
    if found is None:
        return False
    export = replace(found, progress=found.progress.taken_over())
    actor = service_actor(export.clinic_id)

    async def turn() -> bool:
        if not await database.write(exports.take, actor, moment(clock), export, holder, wall, wall + HELD):
            return False
        await _Turn(plan, holder, database, clock, export, duty).work(stop)
        return True

    return any(await duty.guard(export.id, turn))


class _Turn:
    """One worker's turn at one export."""

    def __init__(
        self, plan: ExportSettings, holder: UUID, database: Database, clock: Clock, export: Export, duty: Duty
    ) -> None:
        self._plan, self._holder, self._database, self._clock, self._export = plan, holder, database, clock, export
        self._actor = service_actor(export.clinic_id)
        self._duty = duty

    async def work(self, stop: asyncio.Event) -> None:
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", WORKER, cwd=ROOT, stdin=PIPE, stdout=PIPE, limit=LINE
        )
        over = False
        try:
            over = await self._follow(worker, stop)
        finally:
            if worker.returncode is None:
                worker.kill()
            await worker.wait()
            if not over:
                await self._let_go()

    async def _follow(self, worker: Process, stop: asyncio.Event) -> bool:
        """Whether the export is over, one way or another."""
        assert worker.stdin is not None
        assert worker.stdout is not None
        export = self._export
        task = ExportTask(
            absolute(self._plan.url),
            self._plan.folder_of(export.id),
            export.clinic_id,
            export.order,
            export.transaction_time,
            export.progress,
        )
        worker.stdin.write(task.line().encode())
        await worker.stdin.drain()
        stopping = asyncio.create_task(stop.wait())
        try:
            while True:
                line = asyncio.create_task(worker.stdout.readline())
                await asyncio.wait({line, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if stopping.done():
                    line.cancel()
                    return False
                if not line.result():
                    return await self._ended_early(await worker.wait())
                told = json.loads(line.result())
                progress = progress_from(told["progress"])
                if told["finished"]:
                    return await self._finish(progress, ExportState.DONE)
                if not await self._carry_on(progress):
                    await asyncio.to_thread(_remove, self._plan.folder_of(export.id))
                    return True
        finally:
            stopping.cancel()

    async def _ended_early(self, code: int) -> bool:
        """A worker that was killed, or found the database away, has a successor; one that failed by itself has none."""
        again = (code < 0 or code == TRY_AGAIN) and self._export.progress.turns < TURNS
        return False if again else await self._finish(self._export.progress, ExportState.FAILED)

    async def _carry_on(self, progress: Progress) -> bool:
        self._duty.done()
        until = self._clock.wall() + HELD
        return await self._database.write(
            exports.carry_on, self._actor, moment(self._clock), self._export.id, self._holder, progress, until
        )

    async def _finish(self, progress: Progress, state: ExportState) -> bool:
        expires = self._clock.wall() + self._plan.keeps
        kept = await self._database.write(
            _finish, self._actor, moment(self._clock), self._export.id, self._holder, progress, state, expires
        )
        if state is ExportState.FAILED:
            log.error("export-failed", extra={"export": str(self._export.id)})
        if not kept or state is ExportState.FAILED:
            await asyncio.to_thread(_remove, self._plan.folder_of(self._export.id))
        return True

    async def _let_go(self) -> None:
        await self._database.write(exports.let_go, self._actor, moment(self._clock), self._export.id, self._holder)


def _finish(
    work: Work, export_id: UUID, holder: UUID, progress: Progress, state: ExportState, expires: datetime
) -> bool:
    kept = exports.finish(work, export_id, holder, progress, state=state, expires=expires)
    if kept:
        counts: dict[str, int] = {}
        for file in progress.files:
            counts[file.type] = counts.get(file.type, 0) + file.count
        work.audit(f"export.{state.value}", subject="export", subject_id=export_id, after={"counts": counts})
    return kept


# --- clearing away ---------------------------------------------------------------------------------------------------


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _end(work: Work, export_id: UUID) -> None:
    if exports.end(work, export_id):
        work.audit("export.expired", subject="export", subject_id=export_id)


async def _clear_expired(plan: ExportSettings, database: Database, clock: Clock, duty: Duty) -> None:
    async def clear(export: Export) -> None:
        await database.write(_end, service_actor(export.clinic_id), moment(clock), export.id)
        await asyncio.to_thread(_remove, plan.folder_of(export.id))

    expired = await database.read(exports.expired, EVERY_CLINIC, clock.now(), clock.wall())
    await duty.each({export.id: export for export in expired}, clear)


async def clear_strays(plan: ExportSettings, database: Database, clock: Clock) -> None:
    """Removes the files of exports that have ended, and what lies longer than exports are kept.

    What this database does not know may be another's that shares the folder.
    """
    folders = {UUID(folder.name): folder for folder in plan.folder.glob("*-*-*-*-*") if _NAMED.fullmatch(folder.name)}
    states = await database.read(exports.states, EVERY_CLINIC, clock.now(), folders)
    too_old = (clock.wall() - plan.keeps).timestamp()
    for this, folder in folders.items():
        if states.get(this) is ExportState.ENDED or (this not in states and folder.stat().st_mtime < too_old):
            await asyncio.to_thread(_remove, folder)
