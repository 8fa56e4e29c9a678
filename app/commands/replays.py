"""assess, and protocol replay: what was decided then, looked at again. Nothing is kept but the audit of the look."""

from collections import Counter
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import track

from app.commands.protocols import File, load
from app.commands.running import Stop, instant, operator, running
from app.db.engine import Database
from app.domain.instants import to_text
from app.domain.people import Actor
from app.services import governance, readiness
from app.services.session_work import NoSuchSession


def assess(
    session_id: Annotated[UUID, typer.Argument(metavar="SESSION_ID")],
    at: Annotated[str | None, typer.Option(help="Assess the facts in force at this instant instead.")] = None,
) -> None:
    """Run every kept assessment of a session again and compare digests; or assess it at one instant."""
    moment = instant(at)
    with running() as run:
        for clinic in run.clinics():
            actor = operator(clinic.id)
            try:
                if moment is not None:
                    _show_assessment(run.database, actor, run.now(), session_id, moment)
                else:
                    _show_replay(run.database, actor, run.now(), session_id)
            except NoSuchSession:
                continue
            return
    raise Stop(f"there is no session {session_id}")


def _show_assessment(database: Database, actor: Actor, now: datetime, session_id: UUID, at: datetime) -> None:
    found = database.read_now(readiness.assess_at, actor, now, session_id, at)
    typer.echo(f"{found.status.value} as of {to_text(found.as_of)}, digest {found.digest}")
    for finding in found.findings:
        typer.echo(f"  {finding.outcome.value:8} {finding.criterion.value}: {finding.because}")


def _show_replay(database: Database, actor: Actor, now: datetime, session_id: UUID) -> None:
    replayed = database.read_now(readiness.replay_all, actor, now, session_id)
    differing = 0
    for each in replayed:
        kept = each.kept
        said = "agrees" if each.agrees else (each.because or f"DIFFERS: now {each.again}")
        differing += not each.agrees
        typer.echo(f"{kept.number:4} {to_text(kept.as_of)} {kept.status:11} {kept.digest} {said}")
    if differing:
        raise Stop(f"{differing} of {len(replayed)} kept assessments did not come out the same")
    typer.echo(f"{len(replayed)} kept assessments, every digest agrees.")


def replay(
    file: File,
    clinic: Annotated[str | None, typer.Option(help="Name of one clinic; else every one.")] = None,
) -> None:
    """Run a draft protocol over past sessions: which flags would come earlier, later, never. Nothing is kept."""
    draft = load(file)
    counts: Counter[governance.FlagEffect] = Counter()
    screen = Console(stderr=True)
    with running() as run:
        for home in run.chosen(clinic):
            actor = operator(home.id)
            past = run.database.read_now(governance.past_sessions, actor, run.now(), draft.route)
            for session_id in track(past, home.name, console=screen, disable=not screen.is_terminal, transient=True):
                moved = run.database.read_now(governance.compare, actor, run.now(), draft, session_id)
                counts[moved.shift] += 1
                if moved.shift not in {governance.FlagEffect.SAME, governance.FlagEffect.NEITHER}:
                    typer.echo(f"{session_id}  {moved.shift.value:8} {_when(moved.pinned)} -> {_when(moved.draft)}")
    typer.echo(f"{counts.total()} past sessions of {draft.route.value} under {draft.id} version {draft.version}:")
    for shift in governance.FlagEffect:
        typer.echo(f"  {shift.value:8} {counts[shift]}")


def _when(instant: datetime | None) -> str:
    return "no flag" if instant is None else to_text(instant)
