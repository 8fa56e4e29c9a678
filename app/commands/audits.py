"""audit: check every link and everything made from the journal, and write anchors to be kept elsewhere."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from app.commands.running import Running, Stop, operator, progress, running
from app.commands.verifying import ClinicAudit, verifier
from app.db.work import EVERY_CLINIC, NIL
from app.services import audit

_cli = typer.Typer(help="The audit trail.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Put `audit` among the commands."""
    cli.add_typer(_cli, name="audit")


OneClinic = Annotated[str | None, typer.Option("--clinic", help="Name of one clinic; else everything.")]


def _chosen(run: Running, name: str | None) -> list[tuple[UUID, str]]:
    """The clinics asked for, by id and name; the installation's own events too where none is named."""
    if name is not None:
        home = run.clinic(name)
        return [(home.id, home.name)]
    names = {clinic.id: clinic.name for clinic in run.clinics()}
    known = run.database.read_now(audit.clinics_with_events, EVERY_CLINIC, run.now())
    # a clinic whose row is gone still has its events, and they are checked
    return [
        (key, names.get(key, "the installation" if key == NIL else str(key)))
        for key in {**names, **dict.fromkeys(known)}
    ]


@_cli.command("verify")
def verify(
    clinic: OneClinic = None,
    anchor: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Anchors kept elsewhere: see `audit anchor`.")
    ] = None,
) -> None:
    """Check every link of every chain, and what was made from the journal; name what does not hold, and how."""
    anchors = audit.read_anchors(anchor.read_text(encoding="utf-8").splitlines()) if anchor else {}
    with running(with_secrets=False) as run:
        names = dict(_chosen(run, clinic))

        def watched(clinic_id: UUID, streams: Iterable[str]) -> Iterable[str]:
            return progress(list(streams), names[clinic_id])

        strangers = sorted(set(anchors) - names.keys()) if clinic is None else ()
        found = [f"{stranger}: anchors know this clinic, the database does not" for stranger in strangers]
        for key, verdict in verifier(run, anchors, run.clock.wall(), watched).verdicts(list(names)).items():
            found += [f"{names[key]}: {one}" for one in verdict.broken]
            run.write(audit.record_verification, operator(key), len(verdict.checks), len(verdict.broken))
            typer.echo(_summary(names[key], verdict))
        for one in found:
            typer.echo(one)
        if found:
            raise Stop(f"the audit trail does not hold: {len(found)} broken")


def _summary(name: str, verdict: ClinicAudit) -> str:
    checks, broken = verdict.checks, len(verdict.broken)
    links, unsealed = sum(check.links for check in checks), sum(check.unsealed for check in checks)
    waiting = f", {unsealed} events not sealed yet" if unsealed else ""
    outcome = "every link holds" if not broken else f"{broken} broken"
    return f"{name}: {len(checks)} chains, {links} links{waiting}: {outcome}."


@_cli.command("anchor")
def anchor(clinic: OneClinic = None) -> None:
    """Print the newest link of every chain, one line of JSON each. Keep it where this machine cannot write."""
    with running(with_secrets=False) as run:
        for clinic_id, _ in _chosen(run, clinic):
            actor = operator(clinic_id)
            # what waits is sealed first, so that the anchor covers everything up to now
            while run.write(audit.seal, actor):
                pass
            for each in run.database.read_now(audit.heads, actor, run.now()):
                typer.echo(each.line())
