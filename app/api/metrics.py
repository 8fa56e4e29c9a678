"""What /metrics shows: what was answered, what the service does by itself, and how the clinics' work stands.

Route templates and numbers: nothing of any patient, no ids, no names.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fastapi import Request, Response

from app.api.frame import Frame, Shared
from app.db.work import EVERY_CLINIC
from app.services import pulse
from app.services.pulse import Pulse


async def show_metrics(request: Request, shared: Shared) -> Response:
    """Counters and gauges in Prometheus' text form."""
    found = await shared.database.read(pulse.take, EVERY_CLINIC, shared.clock.now(), shared.clock.wall())
    parts = (request.app.state.counts.lines(), _duty_lines(shared), _pulse_lines(found), _disk_lines(shared))
    lines = [line for part in parts for line in part]
    return Response("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def _gauge(name: str, text: str, values: Mapping[str, float]) -> Iterator[str]:
    """One metric; the keys of `values` are its labels, as they are written."""
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} gauge"
    for labels, value in values.items():
        yield f"{name}{labels} {value}"


def _duty_lines(shared: Frame) -> Iterable[str]:
    # not `job`: that label is Prometheus' own, who would call ours by another name
    reports = {f'{{duty="{report.name}"}}': report for report in (duty.report() for duty in shared.duties)}
    apart = {duty: report.apart for duty, report in reports.items()}
    oldest = {duty: report.oldest_seconds or 0 for duty, report in reports.items()}
    quiet = {duty: report.quiet_seconds for duty, report in reports.items()}
    yield from _gauge("job_items_apart", "Items that a duty failed at and tries again.", apart)
    yield from _gauge("job_oldest_apart_seconds", "Since when the longest of them waits.", oldest)
    yield from _gauge("job_quiet_seconds", "Since the duty last finished a round.", quiet)


def _pulse_lines(found: Pulse) -> Iterable[str]:
    for name, text, value in (
        ("sessions_active", "Patients who are here.", found.patients_here),
        ("sets_overdue", "Patients here whose set is overdue.", found.sets_overdue),
        ("tablets_unsent", "Tablets that said they hold something unsent.", found.tablets_unsent),
        ("tablet_items_unsent", "What they hold, as last said.", found.items_unsent),
        ("lapse_due_seconds", "Since when the oldest change that time brings is due.", found.lapse_age),
        ("seals_waiting", "Log events and streams that no seal holds yet.", found.seals_waiting),
        ("seal_waiting_seconds", "Since when the oldest log event waits for its seal.", found.seal_age),
        ("feed_streams_waiting", "Streams with changes that have no number yet.", found.feed_waiting),
        ("webhook_deliveries_waiting", "Deliveries that wait.", found.deliveries_waiting),
        ("webhook_deliveries_dead", "Deliveries that were given up.", found.deliveries_dead),
        ("webhook_waiting_seconds", "Since when the oldest delivery waits.", found.delivery_age),
    ):
        yield from _gauge(name, text, {"": value})
    # none at all where there was none: an alert asks for its absence
    age = {} if found.backup_age is None else {"": found.backup_age}
    yield from _gauge("backup_age_seconds", "Since the last backup that was proven by bringing it back.", age)


def _disk_lines(shared: Frame) -> Iterable[str]:
    sizes = {f'{{place="{name}"}}': shutil.disk_usage(folder) for name, folder in _folders(shared).items()}
    free = {place: size.free for place, size in sizes.items()}
    yield from _gauge("disk_free_bytes", "Room left where the service keeps files.", free)
    total = {place: size.total for place, size in sizes.items()}
    yield from _gauge("disk_total_bytes", "Room there is at all.", total)


def _folders(shared: Frame) -> dict[str, Path]:
    wanted = {"exports": shared.export_folder, "database": shared.database_folder}
    return {name: _there(folder) for name, folder in wanted.items() if folder is not None}


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that was made already."""
    return next(one for one in (folder, *folder.parents) if one.exists())
