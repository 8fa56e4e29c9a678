"""doctor: looks at everything that an operator answers for, a line each, and says what is to be done."""

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from app import __version__
from app.commands.running import Running, Stop, running
from app.commands.verifying import verifier
from app.db import clock, schema, wire
from app.db.refusals import UnsafeDatabase
from app.db.work import EVERY_CLINIC, NO_CLINIC
from app.services import audit, clinics, pulse
from app.services.pulse import Pulse
from app.settings import Settings, UnsafeSetting, read_settings

ROOM, SHARE = 2 * 1024**3, 0.1
"""Bytes, and the part of a disk, that should be free."""
AHEAD = 60.0
"""Seconds that the clinic's clock may be ahead of the wall's: it never goes back, and waits until time has come on."""
LATE = 90.0
"""Seconds that what the service does by itself may wait while it runs."""
BACKED_UP = 26 * 3600.0
"""Seconds after which there should have been another backup: a day, and the time it takes."""


@dataclass(frozen=True, slots=True)
class DoctorLine:
    """What was looked at and found. `do`: what is to be done; None where all is well."""

    about: str
    found: str
    do: str | None = None

    def __str__(self) -> str:
        stands, do = ("ok   ", "") if self.do is None else ("TO DO", f": {self.do}")
        return f"{stands}  {self.about}: {self.found}{do}"


def add_to(cli: typer.Typer) -> None:
    """Put `doctor` among the commands."""
    cli.command("doctor")(doctor)


def doctor(
    quick: Annotated[bool, typer.Option("--quick", help="Leave out the audit's chains: they take long.")] = False,
) -> None:
    """Look at settings, versions, clocks, disks, the chain, the last backup, what is late; say what is to be done."""
    to_do = 0
    for look in _looks(quick=quick):
        typer.echo(str(look))
        to_do += look.do is not None
    if to_do:
        raise Stop(f"{to_do} to be done")


def _looks(*, quick: bool) -> Iterator[DoctorLine]:
    yield DoctorLine("version", f"{__version__} on Python {platform.python_version()}")
    try:
        settings = read_settings()
    except UnsafeSetting as problem:
        yield DoctorLine("settings", str(problem), "mend that setting; nothing else can be looked at before")
        return
    yield _settings(settings)
    yield from _disks(settings)
    try:
        with running(settings) as run:
            yield from _database(run, wire.said(settings.database_url), quick=quick)
    except UnsafeDatabase as problem:
        yield DoctorLine("database", str(problem), "nothing else can be looked at before")


def _settings(settings: Settings) -> DoctorLine:
    if settings.behind_tls_proxy and settings.public_url is None:
        return DoctorLine("settings", "behind a proxy, and nobody has said under which address", "set PUBLIC_URL")
    if not settings.backup_recipients:
        do = "set BACKUP_RECIPIENTS, so that nobody has to remember them (`backup key` makes one)"
        return DoctorLine("settings", "nobody is named whose key opens the backups", do)
    if settings.backup_identity_file is not None:
        do = "take that file away, and name it only to bring a backup back"
        return DoctorLine("settings", "BACKUP_IDENTITY_FILE: the key that opens the backups is known here", do)
    return DoctorLine("settings", f"listens on {settings.host}, for {settings.address() or 'nobody by name'}")


def _disks(settings: Settings) -> Iterator[DoctorLine]:
    folders = {"the database": schema.folder_of(settings.database_url), "exports": settings.exports()}
    for name, folder in folders.items():
        if folder is None:
            continue
        there = next(one for one in (folder, *folder.parents) if one.exists())
        size = shutil.disk_usage(there)
        said = f"{size.free / 1024**3:.1f} GiB free of {size.total / 1024**3:.1f} GiB in {there}"
        full = size.free < min(ROOM, size.total * SHARE)
        yield DoctorLine(f"disk of {name}", said, "make room: a full disk refuses what nurses type" if full else None)


def _database(run: Running, reached: str, *, quick: bool) -> Iterator[DoctorLine]:
    read = run.database.read_now
    version = read(clock.version, NO_CLINIC, run.now())
    yield DoctorLine("database", f"{run.database.name} {version} {reached}, schema {schema.newest()}")
    yield _clocks(run)
    found = read(pulse.take, EVERY_CLINIC, run.now(), run.clock.wall())
    yield _duties(found)
    yield _waiting(found)
    yield _backup(found)
    life = read(clinics.life, NO_CLINIC, run.now())
    if life.restored_at is not None:
        when = f"{life.restored_at:%Y-%m-%d %H:%M} UTC"
        yield DoctorLine("restore", f"brought back at {when}; GET /v1/restored tells what has come back from tablets")
    yield DoctorLine("audit", "not looked at") if quick else _chain(run)


def _clocks(run: Running) -> DoctorLine:
    apart = run.database.read_now(clock.apart, NO_CLINIC, run.now(), run.clock.wall)
    ahead = (run.now() - run.clock.wall()).total_seconds()
    if apart > clock.APART:
        do = "set both by the same time servers: what is stamped is wrong by as much"
        return DoctorLine("clocks", f"this machine's and the database's are {apart:.1f} s apart", do)
    if ahead > AHEAD:
        do = "set this machine's clock; if it is right, the record waits until then, and nothing is lost"
        return DoctorLine("clocks", f"the record is {ahead:.0f} s ahead of this machine", do)
    return DoctorLine("clocks", "together")


def _duties(found: Pulse) -> DoctorLine:
    late = {"changes that time brings": found.lapse_age, "seals": found.seal_age}
    named = [f"{name} since {age:.0f} s" for name, age in late.items() if age > LATE]
    if named:
        return DoctorLine("duties", f"late: {', '.join(named)}", "look whether the service runs, and at /health/ready")
    return DoctorLine("duties", f"nothing late; {found.seals_waiting} to seal, {found.feed_waiting} to number")


def _waiting(found: Pulse) -> DoctorLine:
    said = (
        f"{found.patients_here} patients here, {found.sets_overdue} sets overdue, {found.items_unsent} items on"
        f" {found.tablets_unsent} tablets, {found.deliveries_waiting} deliveries waiting"
    )
    dead = f", {found.deliveries_dead} given up" if found.deliveries_dead else ""
    return DoctorLine("work", said + dead, "send them again or let them be: `webhook list`" if dead else None)


def _backup(found: Pulse) -> DoctorLine:
    if found.backup_age is None:
        return DoctorLine("backup", "there was none that was proven", "make one: `backup TO`, every day")
    hours = found.backup_age / 3600
    do = "make one: `backup TO`, every day" if found.backup_age > BACKED_UP else None
    return DoctorLine("backup", f"the last that was proven is {hours:.1f} hours old", do)


def _chain(run: Running) -> DoctorLine:
    names = run.database.read_now(audit.clinics_with_events, EVERY_CLINIC, run.now())
    verdicts = verifier(run, {}, run.clock.wall()).verdicts(names)
    broken = sum(len(verdict.broken) for verdict in verdicts.values())
    links = sum(check.links for verdict in verdicts.values() for check in verdict.checks)
    if broken:
        return DoctorLine("audit", f"{broken} do not hold", "`audit verify` names them; keep this database as it is")
    return DoctorLine("audit", f"{links} links hold")
