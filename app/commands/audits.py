"""audit: check every link, and write anchors to be kept elsewhere."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import track

from app.commands.running import Running, Stop, operator, running
from app.db.work import NIL, NOBODY
from app.domain.audit import LOG, ChainCheck
from app.services import audit

cli = typer.Typer(help="The audit trail.", no_args_is_help=True)
OneClinic = Annotated[str | None, typer.Option("--clinic", help="Name of one clinic; else everything.")]


def _chosen(run: Running, name: str | None) -> list[tuple[UUID, str]]:
    """The clinics asked for, by id and name; the installation's own events too where none is named."""
    if name is not None:
        home = run.clinic(name)
        return [(home.id, home.name)]
    names = {clinic.id: clinic.name for clinic in run.clinics()}
    known = run.database.read_now(audit.clinics_with_events, NOBODY, run.now())
    # a clinic whose row is gone still has its events, and they are checked
    return [
        (key, names.get(key, "the installation" if key == NIL else str(key)))
        for key in {**names, **dict.fromkeys(known)}
    ]


@cli.command("verify")
def verify(
    clinic: OneClinic = None,
    anchor: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Anchors kept elsewhere: see `audit anchor`.")
    ] = None,
) -> None:
    """Check every link of every chain; name the first bad row of each, and what is not sealed yet."""
    anchors = audit.read_anchors(anchor.read_text(encoding="utf-8").splitlines()) if anchor else {}
    screen = Console(stderr=True)
    broken = 0
    with running() as run:
        chosen = _chosen(run, clinic)
        for stranger in set(anchors) - {key for key, _ in chosen} if clinic is None else ():
            broken += 1
            typer.echo(f"{stranger}: anchors know this clinic, the database does not")
        for clinic_id, name in chosen:
            actor, known = operator(clinic_id), anchors.get(clinic_id, {})
            streams = run.database.read_now(audit.streams, actor, run.now())
            # a chain that is gone altogether is missed only by its anchor
            every = [*streams, *sorted(set(known) - set(streams))]
            links = unsealed = bad = 0
            for stream in track(every, name, console=screen, disable=not screen.is_terminal, transient=True):
                check = run.database.read_now(audit.verify, actor, run.now(), stream, known)
                links += check.links
                unsealed += check.unsealed if stream == LOG else 0
                if check.bad is not None:
                    bad += 1
                    typer.echo(f"{name}: {_complaint(check)}")
            broken += bad
            run.write(audit.record_verification, actor, len(every), bad)
            waiting = f", {unsealed} events not sealed yet" if unsealed else ""
            outcome = "every link holds" if not bad else f"{bad} broken"
            typer.echo(f"{name}: {len(every)} chains, {links} links{waiting}: {outcome}.")
    if broken:
        raise Stop(f"the audit trail does not hold: {broken} broken")


def _complaint(check: ChainCheck) -> str:
    assert check.bad is not None
    event = f", event {check.bad.event_id}" if check.bad.event_id else ""
    return f"{check.stream}, link {check.bad.position}{event}: {check.bad.because}"


@cli.command("anchor")
def anchor(clinic: OneClinic = None) -> None:
    """Print the newest link of every chain, one line of JSON each. Keep it where this machine cannot write."""
    with running() as run:
        for clinic_id, _ in _chosen(run, clinic):
            actor = operator(clinic_id)
            # what waits is sealed first, so that the anchor covers everything up to now
            while run.write(audit.seal, actor):
                pass
            for each in run.database.read_now(audit.heads, actor, run.now()):
                typer.echo(each.line())
