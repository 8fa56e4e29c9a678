"""import: patients and day lists from CSV or FHIR. Without --commit it only says what it would do."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Self
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
    CountedIn,
    Incoming,
    UnreadableFile,
    csv_rows,
    day_rows,
    patient_rows,
)
from app.exchange.intake.days import DayOptions
from app.services.intake import AcceptedRow, Alike, ImportRefused, Report, What, import_days, import_patients

SPANS = 12
"""Row numbers, or spans of them, said in one line."""
FEW = 20
"""So many rows of which the same is to be said have a line each."""

_cli = typer.Typer(help="Patients and day lists from other systems, by CSV or FHIR R4 Bundle.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Put `import` among the commands."""
    cli.add_typer(_cli, name="import")


File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV, or a FHIR R4 Bundle as JSON; UTF-8.")]
InClinic = Annotated[str, typer.Option("--clinic", help="Name of the clinic.")]
By = Annotated[str, typer.Option("--username", help="Who imports: a nurse or clinician of that clinic.")]
Commit = Annotated[bool, typer.Option("--commit", help="Keep it: every row, or none where one is wrong.")]
Dates = Annotated[BirthDates, typer.Option("--birth-dates", help="How birth dates are written in the CSV.")]
Ignored = Annotated[list[str] | None, typer.Option("--ignore", help="A column of the CSV to pass over; repeatable.")]
System = Annotated[str | None, typer.Option("--identifier-system", help="Which FHIR identifier is the record number.")]


@dataclass(frozen=True, slots=True)
class _File:
    """A file to import: its name, its bytes, and whether it is JSON."""

    name: str
    content: bytes

    @classmethod
    def at(cls, path: Path) -> Self:
        with path.open("rb") as source:
            # a byte more than is taken says that it is too large, however large it is
            return cls(path.name, source.read(MOST_BYTES + 1))

    @property
    def is_bundle(self) -> bool:
        return self.content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"["))

    def read(self, rows: Callable[[bytes], Incoming]) -> Incoming:
        """The rows. Raises `Stop`, naming the file."""
        try:
            return rows(self.content)
        except UnreadableFile as refusal:
            raise Stop(f"{self.name}: {refusal.detail}") from None


@_cli.command("patients")
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
    deceased_seen: Annotated[
        bool, typer.Option("--deceased-seen", help="Somebody has looked at every patient named as deceased: take them.")
    ] = False,
) -> None:
    """Add or revise patients. The password comes on standard input."""
    source = _File.at(file)
    written = BirthDates.ISO if source.is_bundle else birth_dates
    with running() as run:
        home = run.clinic(clinic)
        today = run.now().date()
        incoming = source.read(
            (lambda content: patient_rows(content, identifier_system, today))
            if source.is_bundle
            else (lambda content: csv_rows(content, PATIENT_COLUMNS.passing_over(ignore or ())))
        )

        def verb(work: Work) -> Report:
            return import_patients(
                work,
                incoming,
                written,
                commit=commit,
                look_alikes_seen=look_alikes_seen,
                deceased_seen=deceased_seen,
            )

        _tell(source.name, _run(run, home, username, verb, source.name, commit=commit))


@_cli.command("day")
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
    source = _File.at(file)
    try:
        day_of = date.fromisoformat(on) if on is not None else None
    except ValueError:
        raise Stop(f"{on} is not a date such as 2026-03-08") from None
    written = BirthDates.ISO if source.is_bundle else birth_dates
    with running() as run:
        home = run.clinic(clinic)
        options = DayOptions(ZoneInfo(home.timezone), day_of, route, protocol, written)
        today = run.now().date()
        incoming = source.read(
            (lambda content: day_rows(content, identifier_system, today))
            if source.is_bundle
            else (lambda content: csv_rows(content, DAY_COLUMNS.passing_over(ignore or ())))
        )

        def verb(work: Work) -> Report:
            return import_days(work, incoming, options, commit=commit)

        _tell(source.name, _run(run, home, username, verb, source.name, commit=commit))


def _run(
    run: Running, home: Clinic, username: str, verb: Callable[[Work], Report], name: str, *, commit: bool
) -> Report:
    actor: Actor = person(run, home, username, Act.CHART, "nothing was imported")
    try:
        # a dry run reads, and so cannot write
        return run.write(verb, actor) if commit else run.database.read_now(verb, actor, run.now())
    except ImportRefused as refusal:
        _list(name, refusal.report)
        raise


def _tell(name: str, report: Report) -> None:
    _list(name, report)
    words = {"passed": "passed over"}
    counts = ", ".join(f"{count:,} {words.get(what, what)}" for what, count in report.counts().items() if count)
    typer.echo(f"{'Imported' if report.kept else 'Dry run, nothing was kept'}: {counts or 'no rows'}.")
    if report.faults:
        raise Stop("some rows are wrong: mend them, for a file is imported whole or not at all")


def _list(name: str, report: Report) -> None:
    """Each row by what it comes to; many alike are said in one line."""
    taken: dict[str, list[int]] = defaultdict(list)
    for line in report.lines:
        if line.because or line.look_alikes or line.notes or line.what in {What.NEW, What.REVISED}:
            taken[f": {_said(line)}"].append(line.row)
    wrong: dict[str, list[int]] = defaultdict(list)
    for fault in report.faults:
        wrong[f", {fault.column}: {fault.message}"].append(fault.row)
    passed = {f": passed over: {one.because}": one.rows for one in report.passed}
    for said, rows in [*_singly(taken), *passed.items(), *_singly(wrong)]:
        typer.echo(f"{name}: {_numbered(report.unit, rows)}{said}")


def _singly(alike: Mapping[str, Sequence[int]]) -> list[tuple[str, Sequence[int]]]:
    """What is said, and of which rows: of one each in the order of the file, then of those that are many."""
    few = [(said, [row]) for said, rows in alike.items() if len(rows) <= FEW for row in rows]
    many = [(said, rows) for said, rows in alike.items() if len(rows) > FEW]
    return [*sorted(few, key=lambda one: one[1]), *many]


def _numbered(unit: CountedIn, rows: Sequence[int]) -> str:
    """Rows by number, those that follow each other as a span: the first spans, and how many more there are."""
    spans: list[tuple[int, int]] = []
    for row in sorted({*rows}):
        if spans and row == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], row)
        else:
            spans.append((row, row))
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in spans[:SPANS]]
    left = sum(last - first + 1 for first, last in spans[SPANS:])
    if len(spans) == 1 and spans[0][0] == spans[0][1]:
        return f"{unit} {shown[0]}"
    return f"{unit.named(shown)}{f' and {left:,} more' if left else ''}"


def _said(line: AcceptedRow) -> str:
    because = f" ({line.because})" if line.because else ""
    more = [f"LOOKS LIKE {_named(one)}" for one in line.look_alikes] + [f"NOTE {one}" for one in line.notes]
    return f"{line.what.value}{because}" + "".join(f"\n    {one}" for one in more)


def _named(one: Alike) -> str:
    return "another row of this file" if one.id is None else f"patient {one.id}: {', '.join(one.because)}"
