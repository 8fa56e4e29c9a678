"""export: the record of a clinic as tables, for research."""

import hashlib
import json
import os
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO, Self
from uuid import UUID

import typer

from app import __version__
from app.commands.acting import person
from app.commands.running import Running, Stop, instant, progress, running
from app.db.work import service_actor
from app.domain.instants import to_text
from app.domain.people import Act, Actor
from app.exchange.flat import (
    TABLES,
    Disguise,
    Encoder,
    FileFormat,
    TableName,
    WholeSession,
    check_installed,
    dictionary,
    encoder,
    rows_of,
)
from app.services import flat_export, readiness
from app.services.flat_export import Asked, SessionsDue
from app.settings import read_settings

_cli = typer.Typer(help="The record in other people's formats.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Put `export` among the commands."""
    cli.add_typer(_cli, name="export")


MANIFEST, DICTIONARY = "export.json", "data-dictionary.md"


class _File:
    """One table on its way to a file; it has its name only when it is whole."""

    def __init__(self, folder: Path, table: TableName, form: FileFormat, mask: Disguise | None) -> None:
        self.table, self.name = table, f"{table.value}.{form.value}"
        self.rows = 0
        self._mask = mask
        self._path = folder / self.name
        self._part = folder / f"{self.name}.part"
        self._sum = hashlib.sha256()
        self._writer: Encoder = encoder(form, TABLES[table].shown(without_identifiers=mask is not None))
        self._out: BinaryIO = os.fdopen(_private(self._part), "wb")

    def __enter__(self) -> Self:
        self._put(self._writer.begin())
        return self

    def add(self, wholes: list[WholeSession]) -> None:
        """The rows of these sessions."""
        rows = [row for whole in wholes for row in rows_of(TABLES[self.table], whole, self._mask)]
        self.rows += len(rows)
        self._put(self._writer.rows(rows))

    def finish(self) -> dict[str, object]:
        """Give the file its name; what the manifest says of it."""
        self._put(self._writer.end())
        self._out.close()
        self._part.rename(self._path)
        return {"file": self.name, "rows": self.rows, "sha256": self._sum.hexdigest()}

    def __exit__(self, *_: object) -> None:
        self._out.close()
        self._part.unlink(missing_ok=True)

    def _put(self, content: bytes) -> None:
        self._sum.update(content)
        self._out.write(content)


def _private(path: Path) -> int:
    """A new file that only its owner reads."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _write(path: Path, text: str) -> None:
    with os.fdopen(_private(path), "w", encoding="utf-8") as out:
        out.write(text)


@_cli.command("flat")
def flat(
    clinic: Annotated[str, typer.Option(help="Name of the clinic.")],
    username: Annotated[str, typer.Option(help="Who exports: the lead or an auditor of that clinic.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="An empty or new folder.")],
    form: Annotated[FileFormat, typer.Option("--format", help="Of every file.")] = FileFormat.CSV,
    without_identifiers: Annotated[
        bool, typer.Option("--without-identifiers", help="Needs the setting EXPORT_KEY.")
    ] = False,
    since: Annotated[str | None, typer.Option(help="Sessions held at or after this instant.")] = None,
    until: Annotated[str | None, typer.Option(help="Sessions held before it.")] = None,
) -> None:
    """Write every table, the data dictionary and a manifest. The password comes on standard input."""
    settings = read_settings()
    check_installed(form)
    asked = Asked(tuple(TableName), form, without_identifiers, instant(since), instant(until))
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise Stop(f"{out} is not empty: nothing is ever overwritten")
    with running(settings) as run:
        home = run.clinic(clinic)
        actor = person(run, home, username, Act.EXPORT_RECORD, "nothing was exported")
        key = settings.export_key.get_secret_value() if settings.export_key else None
        mask = flat_export.disguise(key, home.id) if without_identifiers else None
        begun = run.now()
        pages = run.database.read_now(flat_export.begin, actor, begun, asked, mask)
        with ExitStack() as stack:
            files = [stack.enter_context(_File(out, table, form, mask)) for table in asked.tables]
            for ids in progress(pages, home.name):
                wholes = _page(run, actor, asked, ids)
                for file in files:
                    file.add(wholes)
            listed = [file.finish() for file in files]
    _write(out / DICTIONARY, dictionary())
    # last: a folder without a manifest is not a whole export
    _write(out / MANIFEST, _manifest(asked, begun, listed))
    typer.echo(f"{out}: " + ", ".join(f"{entry['file']} {entry['rows']} rows" for entry in listed))


def _page(run: Running, actor: Actor, asked: Asked, ids: list[UUID]) -> list[WholeSession]:
    now = run.now()
    try:
        return run.database.read_now(flat_export.page, actor, now, asked, ids)
    except SessionsDue as due:
        for session_id in due.session_ids:
            run.write(readiness.catch_up, service_actor(actor.clinic_id), session_id)
        return run.database.read_now(flat_export.page, actor, now, asked, ids)


def _manifest(asked: Asked, begun: datetime, listed: list[dict[str, object]]) -> str:
    document: dict[str, object] = {
        "made_by": f"infusion-vitals {__version__}",
        "format": asked.form.value,
        "identifiers": not asked.without_identifiers,
        "files": listed,
    }
    if not asked.without_identifiers:
        # true dates: they would place what was shifted
        span = asked.document()
        document |= {"exported_at": to_text(begun), "since": span["since"], "until": span["until"]}
    return json.dumps(document, indent=1) + "\n"
