"""import: patients and day lists from CSV or FHIR. Without --commit it only says what it would do."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from app.commands.acting import person
from app.commands.running import Running, Stop, running
from app.db.work import Work
from app.domain.events import Route
from app.domain.people import Act, Actor, Clinic
from app.exchange.intake import (
    DAY_COLUMNS,
    MOST_BYTES,
    PATIENT_COLUMNS,
    BirthDates,
    Columns,
    Row,
    csv_rows,
    day_rows,
    patient_rows,
)
from app.exchange.intake.days import DayOptions
from app.services.intake import ImportRefused, Line, Report, What, import_days, import_patients

cli = typer.Typer(help="Patients and day lists from other systems, by CSV or FHIR R4 Bundle.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV, or a FHIR R4 Bundle as JSON; UTF-8.")]
InClinic = Annotated[str, typer.Option("--clinic", help="Name of the clinic.")]
By = Annotated[str, typer.Option("--username", help="Who imports: a nurse or clinician of that clinic.")]
Commit = Annotated[bool, typer.Option("--commit", help="Keep it: every row, or none where one is wrong.")]
Dates = Annotated[BirthDates, typer.Option("--birth-dates", help="How birth dates are written in the CSV.")]
Ignored = Annotated[list[str] | None, typer.Option("--ignore", help="A column of the CSV to pass over; repeatable.")]
System = Annotated[str | None, typer.Option("--identifier-system", help="Which FHIR identifier is the record number.")]


def _is_bundle(content: bytes) -> bool:
    return content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def _content(file: Path) -> bytes:
    with file.open("rb") as source:
        return source.read(MOST_BYTES + 1)


def _columns(columns: Columns, ignored: list[str] | None) -> Columns:
    return Columns(columns.required, columns.optional, frozenset(name.strip().lower() for name in ignored or ()))


@cli.command("patients")
def patients(
    file: File,
    clinic: InClinic,
    username: By,
    commit: Commit = False,
    birth_dates: Dates = BirthDates.ISO,
    ignore: Ignored = None,
    identifier_system: System = None,
    look_alikes_seen: Annotated[
        bool, typer.Option("--look-alikes-seen", help="Somebody has looked at every look-alike named: they are others.")
    ] = False,
) -> None:
    """Add or revise patients. The password comes on standard input."""
    content = _content(file)
    bundle = _is_bundle(content)
    rows = patient_rows(content, identifier_system) if bundle else csv_rows(content, _columns(PATIENT_COLUMNS, ignore))
    written = BirthDates.ISO if bundle else birth_dates

    def verb(work: Work) -> Report:
        return import_patients(work, rows, written, commit=commit, look_alikes_seen=look_alikes_seen)

    with running() as run:
        home = run.clinic(clinic)
        _tell(_run(run, home, username, verb, commit=commit))


@cli.command("day")
def day(
    file: File,
    clinic: InClinic,
    username: By,
    commit: Commit = False,
    on: Annotated[
        str | None, typer.Option("--date", help="YYYY-MM-DD, for times of day; in the clinic's zone.")
    ] = None,
    route: Annotated[Route | None, typer.Option(help="Where a row names none.")] = None,
    protocol: Annotated[str | None, typer.Option(help="ID or ID/VERSION, where a row names none.")] = None,
    birth_dates: Dates = BirthDates.ISO,
    ignore: Ignored = None,
    identifier_system: System = None,
) -> None:
    """Plan the sessions of a day list. The password comes on standard input."""
    content = _content(file)
    bundle = _is_bundle(content)
    rows: list[Row] = (
        day_rows(content, identifier_system) if bundle else csv_rows(content, _columns(DAY_COLUMNS, ignore))
    )
    try:
        day_of = date.fromisoformat(on) if on is not None else None
    except ValueError:
        raise Stop(f"{on} is not a date such as 2026-03-08") from None
    with running() as run:
        home = run.clinic(clinic)
        written = BirthDates.ISO if bundle else birth_dates
        options = DayOptions(ZoneInfo(home.timezone), day_of, route, protocol, written)

        def verb(work: Work) -> Report:
            return import_days(work, rows, options, commit=commit)

        _tell(_run(run, home, username, verb, commit=commit))


def _run(run: Running, home: Clinic, username: str, verb: Callable[[Work], Report], *, commit: bool) -> Report:
    actor: Actor = person(run, home, username, Act.CHART, "nothing was imported")
    try:
        # a dry run goes through the door that cannot write
        return (run.database.write_now if commit else run.database.read_now)(verb, actor, run.now())
    except ImportRefused as refusal:
        _list(refusal.report)
        raise


def _tell(report: Report) -> None:
    _list(report)
    counts = ", ".join(f"{count} {what}" for what, count in report.counts().items() if count) or "no rows"
    typer.echo(f"{'Imported' if report.kept else 'Dry run, nothing was kept'}: {counts}.")
    if report.faults:
        raise Stop("some rows are wrong: mend them, for a file is imported whole or not at all")


def _list(report: Report) -> None:
    for line in report.lines:
        if line.because or line.look_alikes or line.what in {What.NEW, What.REVISED}:
            typer.echo(_said(line))
    for fault in report.faults:
        typer.echo(f"row {fault.row}, {fault.column}: {fault.message}")


def _said(line: Line) -> str:
    because = f" ({line.because})" if line.because else ""
    alike = "".join(f"\n    LOOKS LIKE {one}" for one in line.look_alikes)
    return f"row {line.row}: {line.what.value}{because}{alike}"
