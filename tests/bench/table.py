"""The table: which rows there are, what each must reach, and what a row came to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tests.bench.rounds import BUSY, Figure

Verdict = Literal["good", "must", "FAILS", "not measured", "not there", "too busy", "told"]


@dataclass(frozen=True)
class Spec:
    """What a row must reach and should. `at_least`: more is better. Both None: only told, beside the others."""

    id: str
    title: str
    must: float | None = None
    goal: float | None = None
    at_least: bool = False
    unit: str = ""
    part: bool = False
    """Shown as 1/n."""

    def reaches(self, value: float, mark: float) -> bool:
        return value >= mark if self.at_least else value <= mark

    def shown(self, value: float | None) -> str:
        if value is None:
            return "-"
        if self.part:
            return f"1/{1 / value:.1f}" if value else "0"
        digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
        return f"{value:,.{digits}f}{self.unit}"


_SPECS = (
    Spec("P1", "PostgreSQL create / GNU Health create", 1 / 4, 1 / 10, part=True),
    Spec("P3", "read 30 readings / GNU Health search_read", 1 / 6, 1 / 12, part=True),
    Spec("P4", "export, records/s / GNU Health by pages of 1,000", 4, 7, at_least=True),
    Spec("L1", "PostgreSQL create / (null + pgbench full), c=8", 9, 3.5),
    Spec("L2", "PostgreSQL create / (null + pgbench full), c=32", 9, 3.5),
    Spec("L3", "SQLite create / (null + raw SQLite FULL), c=8", 9, 3.5),
    Spec("L4a", "SQLite, 2 ms fsync: rate at c=32 / at c=1", 4, 6, at_least=True),
    Spec("L4b", "SQLite, 2 ms fsync: p99 / p50 at c=32", 6, 4),
    Spec("L5a", "export rate / template only", 0.20, 0.35, at_least=True),
    Spec("L5b", "export rate / raw COPY of the readings", 0.10, 0.25, at_least=True),
    Spec("L6", "searchset of 50 / fhir.resources validates and writes it", 1 / 30, 1 / 50, part=True),
    Spec("L7", "unchanged look, 304 / null handler", 2, 1.3),
    Spec("G1", "statements a PUT of a reading, all told", 6, 4),
    Spec("G2", "PUT at 500 readings / at 5", 1.5, 1.1),
    Spec("G3", "GET session of 500 readings / of 30", 3.5, 2.5),
    Spec("G4", "page of a FHIR search: buffers (or steps), large / small", 1.3, 1.1),
    Spec("G5", "board page of 100: buffers", 150, 110),
    Spec("G6a", "board of 10,000 active, whole snapshot: CPU", 10, 3, unit=" ms"),
    Spec("G6b", "board of 10,000 active, unchanged stream: CPU a second", 5, 1, unit=" ms"),
    Spec("G6c", "200 followers, each a heartbeat every 15 s: CPU a second", 60, 30, unit=" ms"),
    Spec("G7", "export of ten times as much: memory more", 16, 7, unit=" MB"),
    Spec("G8", "export: last tenth / first tenth", 1.2, 1.15),
    Spec("G9", "bytes kept a reading", 6000, 3000),
    Spec("G10a", "installed for running", 250, 150, unit=" MB"),
    Spec("G10b", "start to ready", 1.5, 1.0, unit=" s"),
    Spec("G10c", "at rest", 140, 100, unit=" MB"),
    Spec("T1", "tablet: tap to paint", unit=" ms"),
    Spec("T2", "tablet: save to in the record", unit=" ms"),
    Spec("T3", "tablet: bytes of the first opening", unit=" kB"),
    Spec("T4", "tablet: bytes of a day of one chair", unit=" kB"),
    Spec("T5", "tablet: processor of a board open for an hour", unit=" s"),
    Spec("cpu", "told beside: CPU a request", unit=" ms"),
    Spec("rate", "told beside: requests a second", at_least=True, unit="/s"),
)
SPECS = {spec.id: spec for spec in _SPECS}


@dataclass(frozen=True)
class Row:
    """One line: a figure, or the words that say why there is none. `of`: the engine, the size, the disk."""

    id: str
    of: str
    figure: Figure | None = None
    words: str = ""
    there: bool = True
    """Without a figure: whether what is to be measured exists at all."""

    @property
    def spec(self) -> Spec:
        return SPECS[self.id]

    @property
    def verdict(self) -> Verdict:
        """Never a pass without a figure; and a figure from a busy machine is neither a pass nor a failure."""
        if self.figure is None:
            return "not measured" if self.there else "not there"
        if self.figure.busy:
            return "too busy"
        if self.spec.must is None or self.spec.goal is None:
            return "told"
        if not self.spec.reaches(self.figure.median, self.spec.must):
            return "FAILS"
        return "good" if self.spec.reaches(self.figure.median, self.spec.goal) else "must"


def text(rows: Iterable[Row]) -> str:
    """The table as it is printed."""
    rows = list(rows)
    wide = max((len(row.of) for row in rows), default=2)
    lines = [f"{'row':5} {'what':56} {'of':{wide}} {'must':>8} {'goal':>8} {'measured':>10}  {'spread':21} verdict"]
    for row in rows:
        spec, figure = row.spec, row.figure
        measured = spec.shown(figure.median) if figure else "-"
        spread = (
            f"{spec.shown(figure.low)} .. {spec.shown(figure.high)}" if figure and figure.low != figure.high else ""
        )
        told = "" if row.verdict == "told" else row.verdict
        words = " ".join(part for part in (told, row.words, _doubts(figure)) if part)
        name = "" if row.id in ("cpu", "rate") else row.id
        lines.append(
            f"{name:5} {spec.title:56} {row.of:{wide}} {spec.shown(spec.must):>8} {spec.shown(spec.goal):>8} "
            f"{measured:>10}  {spread:21} {words}".rstrip()
        )
    return "\n".join(lines)


def _doubts(figure: Figure | None) -> str:
    if figure is None:
        return ""
    if figure.busy:
        return f"(others had {100 * figure.foreign:.0f} % of the machine; believed up to {100 * BUSY:.0f} %)"
    return "(the rounds lie far apart)" if figure.wide else ""


def failing(rows: Iterable[Row]) -> list[Row]:
    """Those beyond their must."""
    return [row for row in rows if row.verdict == "FAILS"]


def unjudged(rows: Iterable[Row]) -> list[Row]:
    """Those that have a must, and of which nobody can say whether it is reached."""
    return [
        row for row in rows if row.spec.must is not None and row.verdict in ("too busy", "not measured", "not there")
    ]


def document(rows: Iterable[Row]) -> list[dict[str, object]]:
    """For the JSON file."""
    return [
        {
            "id": row.id,
            "what": row.spec.title,
            "of": row.of,
            "must": row.spec.must,
            "goal": row.spec.goal,
            "at_least": row.spec.at_least,
            "measured": row.figure.median if row.figure else None,
            "low": row.figure.low if row.figure else None,
            "high": row.figure.high if row.figure else None,
            "foreign": row.figure.foreign if row.figure else None,
            "verdict": row.verdict,
            "words": row.words,
        }
        for row in rows
    ]
