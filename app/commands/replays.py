"""assess, and protocol replay: what was decided then, looked at again. Nothing is kept but the audit of the look."""

from collections import Counter
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from uuid_utils.compat import uuid7

from app.commands import protocols
from app.commands.acting import person
from app.commands.protocols import File, load
from app.commands.running import Running, Stop, instant, operator, progress, running
from app.db.engine import Database
from app.domain.instants import to_text
from app.domain.people import Act, Actor
from app.services import break_glass as openings
from app.services import governance, readiness
from app.services.session_work import NoSuchSession


def add_to(cli: typer.Typer) -> None:
    """Put `assess` and `protocol`, which also replays, among the commands."""
    cli.command("assess")(assess)
    cli.add_typer(protocols.cli, name="protocol")


def assess(
    session_id: Annotated[UUID, typer.Argument(metavar="SESSION_ID")],
    at: Annotated[str | None, typer.Option(help="Assess the facts in force at this instant instead.")] = None,
    username: Annotated[str | None, typer.Option(help="Who looks: anybody who may see the session's patient.")] = None,
    break_glass: Annotated[
        str | None, typer.Option(metavar="REASON", help="Look without such a person: audited, and shown to the lead.")
    ] = None,
) -> None:
    """Run every kept assessment of a session again and compare digests; or assess it at one instant.

    With --username the password comes on standard input.
    """
    moment = instant(at)
    with running() as run:
        for actor in _who_looks(run, username, break_glass):
            try:
                if break_glass is not None:
                    run.write(openings.open_at_console, actor, uuid7(), session_id, break_glass)
                if moment is not None:
                    _show_assessment(run.database, actor, run.now(), session_id, moment)
                else:
                    _show_replay(run.database, actor, run.now(), session_id)
            except NoSuchSession:
                continue
            return
    raise Stop(f"there is no session {session_id}")


def _who_looks(run: Running, username: str | None, reason: str | None) -> list[Actor]:
    """The person; or the operator, in each clinic that may hold the session, where somebody says why."""
    if (username is None) == (reason is None):
        raise Stop("say --username (and their password on standard input), or --break-glass with a reason")
    if username is not None:
        return [person(run, None, username, Act.READ_PATIENTS, "nothing was shown")]
    if not (reason and reason.strip()):
        raise Stop("--break-glass takes a reason in words")
    return [operator(clinic.id) for clinic in run.clinics()]


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


@protocols.cli.command("replay")
def replay(
    file: File,
    clinic: Annotated[str | None, typer.Option(help="Name of one clinic; else every one.")] = None,
) -> None:
    """Run a draft protocol over past sessions: which flags would come earlier, later, never. Nothing is kept."""
    draft = load(file)
    counts: Counter[governance.FlagEffect] = Counter()
    with running() as run:
        for home in run.chosen(clinic):
            actor = operator(home.id)
            past = run.database.read_now(governance.past_sessions, actor, run.now(), draft.route)
            for session_id in progress(past, home.name):
                moved = run.database.read_now(governance.compare, actor, run.now(), draft, session_id)
                counts[moved.shift] += 1
                if moved.shift not in {governance.FlagEffect.SAME, governance.FlagEffect.NEITHER}:
                    typer.echo(f"{session_id}  {moved.shift.value:8} {_when(moved.pinned)} -> {_when(moved.draft)}")
    typer.echo(f"{counts.total()} past sessions of {draft.route.value} under {draft.id} version {draft.version}:")
    for shift in governance.FlagEffect:
        typer.echo(f"  {shift.value:8} {counts[shift]}")


def _when(instant: datetime | None) -> str:
    return "no flag" if instant is None else to_text(instant)
