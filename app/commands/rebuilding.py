"""rebuild: what is derived from the journal is held against it, and made anew where it differs."""

from typing import Annotated

import typer

from app.commands.running import Running, Stop, operator, running
from app.db.work import service_actor
from app.domain.people import Actor
from app.services import readiness, rebuilding


def add_to(cli: typer.Typer) -> None:
    """Put `rebuild` among the commands."""
    cli.command("rebuild")(rebuild)


def rebuild(
    check: Annotated[bool, typer.Option("--check", help="Say what differs, and change nothing.")] = False,
) -> None:
    """Make the board's lines and the look-up rows anew from the journal; say what was not as it says."""
    differing = looked = 0
    with running(with_secrets=False) as run:
        for clinic in run.clinics():
            actor = operator(clinic.id)
            found = [*_rest(run, actor, mend=not check), *_lines(run, actor, mend=not check)]
            for what in found:
                typer.echo(f"{clinic.name}: {what}")
            differing += len(found)
            looked += 1
    if check and differing:
        raise Stop(f"{differing} differ from the journal: run `infusion-vitals rebuild`")
    typer.echo(f"{looked} clinics: {f'{differing} made anew' if differing else 'all as the journal says'}.")


def _lines(run: Running, actor: Actor, *, mend: bool) -> list[str]:
    found = []
    for session_id in run.database.read_now(rebuilding.session_ids, actor, run.now()):
        if mend:
            run.write(readiness.catch_up, service_actor(actor.clinic_id), session_id)
        if not run.write(rebuilding.line, actor, session_id, mend=mend):
            found.append(f"the line of session {session_id}")
    return found


def _rest(run: Running, actor: Actor, *, mend: bool) -> list[str]:
    found: list[str] = run.write(rebuilding.rest, actor, mend=mend)
    return found
