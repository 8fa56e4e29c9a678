"""restored: what the operator says after the database was brought back from a backup."""

from uuid import uuid4

import typer

from app.commands.running import operator, running
from app.db.work import NIL
from app.services import clinics


def restored() -> None:
    """Say that this database was brought back from a backup, before it is served again.

    What it held since the backup is gone, and its numbers will be given anew: whoever follows the feed is told to begin
    from the start, instead of passing over what comes under numbers they have seen.
    """
    with running() as run:
        run.write(clinics.begin_anew, operator(NIL), uuid4())
    typer.echo("Noted: whoever follows the feed will be told to begin from its start.")
