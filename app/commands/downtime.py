"""downtime-sheet: the sheets that a ward charts on by hand, laid into a folder before they are needed."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from app.commands.acting import person
from app.commands.running import running
from app.domain.people import Act
from app.exchange.downtime import print_sheets
from app.services import downtime

SHEETS, BLANK = "downtime-sheets.pdf", "downtime-blank.pdf"


def add_to(cli: typer.Typer) -> None:
    """Put `downtime-sheet` among the commands."""
    cli.command("downtime-sheet")(lay)


def lay(
    clinic: Annotated[str, typer.Option(help="Name of the clinic.")],
    username: Annotated[str, typer.Option(help="Who takes them: anybody of the clinic who may see patients.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where they lie; those of the last time are replaced.")],
) -> None:
    """Print a sheet for every session under way, and blank ones. The password comes on standard input.

    Run it every few minutes and the newest sheets lie in FOLDER when the service does not answer. Each says when it was
    printed, and each time is on record as a look at those patients.
    """
    with running() as run:
        home = run.clinic(clinic)
        actor = person(run, home, username, Act.READ_PATIENTS, "nothing was printed")
        sheets = run.database.read_now(downtime.read, actor, run.now())
        blank = run.database.read_now(downtime.blank, actor, run.now())
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace(out / SHEETS, print_sheets(sheets))
    _replace(out / BLANK, print_sheets(blank))
    count = len(sheets.under_way)
    typer.echo(f"{out / SHEETS}: {count} session{'' if count == 1 else 's'} under way, taken by {actor.name}.")


def _replace(path: Path, data: bytes) -> None:
    """The whole new file under this name, or still the old one; only its owner reads it."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    part = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
