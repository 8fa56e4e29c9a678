"""restored: what the operator says after the database was brought back from a backup."""

from typing import Annotated
from uuid import uuid4

import typer

from app.commands.running import instant, operator, running
from app.db.work import NIL
from app.services import clinics


def add_to(cli: typer.Typer) -> None:
    """Put `restored` among the commands."""
    cli.command("restored")(restored)


def restored(
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="INSTANT", help="When that backup was begun; else three days ago.")
    ] = None,
) -> None:
    """Say that this database was brought back from a backup, before it is served again.

    What it held since the backup is gone, and its numbers will be given anew: whoever follows the feed is told to begin
    from the start, instead of passing over what comes under numbers they have seen; and tablets offer again what they
    have sent since. `restore` says this by itself.
    """
    with running() as run:
        run.write(clinics.begin_anew, operator(NIL), uuid4(), run.clock.wall(), instant(as_of))
    typer.echo("Noted: whoever follows the feed will be told to begin from its start.")
