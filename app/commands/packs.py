"""pack and verify: a session to take along, and the check that nobody has changed it since."""

import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from app.commands.acting import person
from app.commands.running import Running, Stop, running
from app.db.work import service_actor
from app.domain.people import Act, Actor
from app.exchange.pack import LARGEST, CheckResult, PackContent, make_pack, verify_pack
from app.services import packs, readiness
from app.services.audit import read_anchors
from app.web import DIST, VERIFIER


def add_to(cli: typer.Typer) -> None:
    """Put `pack` and `verify` among the commands."""
    cli.command("pack")(pack)
    cli.command("verify")(verify)


def pack(
    session_id: Annotated[UUID, typer.Argument(metavar="SESSION_ID")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The new ZIP; a file that is there is not overwritten.")],
    username: Annotated[str, typer.Option(help="Who takes it: a clinician, lead or auditor of the session's clinic.")],
    *,
    with_verifier: Annotated[
        bool, typer.Option("--with-verifier", help="Lay the page that checks it, verify.html, beside it.")
    ] = False,
) -> None:
    """Take a session along: PDF, CSV and a manifest with the audit proof. The password comes on standard input."""
    page = _verifier() if with_verifier else None
    with running() as run:
        actor = person(run, None, username, Act.PACK_SESSION, "nothing was taken")
        made = make_pack(_taken(run, actor, session_id))
    # readable by whoever ran the command, and by nobody else
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(made)
    if page is not None:
        out.with_name(VERIFIER).write_bytes(page)
    typer.echo(f"{out}: {len(made)} bytes, taken by {actor.name}.")


def _verifier() -> bytes:
    """The page as it was built. It holds nothing of any session."""
    try:
        return (DIST / VERIFIER).read_bytes()
    except FileNotFoundError:
        raise Stop(f"{VERIFIER} has not been built: run `python -m app.web.build`. Nothing was taken.") from None


def _taken(run: Running, actor: Actor, session_id: UUID) -> PackContent:
    try:
        return run.database.read_now(packs.take, actor, run.now(), session_id, "zip")
    except readiness.ChangesDue:
        run.write(readiness.catch_up, service_actor(actor.clinic_id), session_id)
        return run.database.read_now(packs.take, actor, run.now(), session_id, "zip")


def verify(
    file: Annotated[Path, typer.Argument(metavar="PACK")],
    anchor: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Anchors kept elsewhere: see `audit anchor`.")
    ] = None,
    partly: Annotated[
        bool, typer.Option("--partly", help="Let a pack of another version pass, of which not all can be checked.")
    ] = False,
) -> None:
    """Check a pack, without a database: every digest, the audit chain, and that all parts carry the same record."""
    if file.stat().st_size > LARGEST:
        raise Stop(f"{file} has more than {LARGEST} bytes: no pack is so large")
    known = read_anchors(anchor.read_text(encoding="utf-8").splitlines()) if anchor else {}
    lines = verify_pack(file.read_bytes(), known)
    for line in lines:
        typer.echo(f"{line.outcome.value:11} {line.part}: {line.words}")
    failed = dict.fromkeys(line.part for line in lines if line.outcome is CheckResult.FAILED)
    if failed:
        raise Stop(f"{file} does not hold: {', '.join(failed)}")
    left = dict.fromkeys(line.part for line in lines if line.outcome is CheckResult.NOT_CHECKED)
    if left and not partly:
        # whoever forges a pack can write any version into it, and so have the most of it unchecked
        raise Stop(
            f"what was checked of {file} holds, and not all was: {', '.join(left)}."
            " Verify it with the version that made it, or say --partly"
        )
    typer.echo("What was checked holds." if left else "Every check holds.")
