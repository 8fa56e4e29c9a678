"""The report of a file as it is answered: counts, what is wrong, what is passed over, and what each row comes to."""

from enum import StrEnum
from typing import Any

from app.api.contract import Out
from app.api.patients import LookAlikeOut, PatientContent
from app.api.strict import Instant
from app.domain.documents import patient_document
from app.domain.events import Route
from app.exchange.intake import CountedIn, Passed
from app.services.intake import AcceptedRow, Alike, Report, What

MOST_SPANS = 100


class CountsOut(Out):
    """Rows by what they come to; `passed`: not for us; `wrong`: with a fault."""

    new: int
    revised: int
    same: int
    left: int
    passed: int
    wrong: int


class WrongOut(Out):
    """One thing wrong, and what would be right; never a value."""

    row: int
    column: str
    message: str


class SpanOut(Out):
    first: int
    last: int


class PassedOut(Out):
    """Rows that are not for us, all for one reason: how many, and which: the first hundred spans of them."""

    because: str
    count: int
    rows: list[SpanOut]


class AlikeOut(Out):
    """`patient` None: another row of this file."""

    patient: LookAlikeOut | None


class PlannedOut(Out):
    """The session that a row comes to."""

    planned_at: Instant | None
    chair: str | None
    route: Route
    protocol: str
    version: int


class LineOut(Out):
    """One row without a fault. `because`: why nothing is done; `notes`: what to know though it is taken."""

    row: int
    what: What
    because: str
    patient: PatientContent | None
    session: PlannedOut | None
    look_alikes: list[AlikeOut]
    notes: list[str]


class Imports(StrEnum):
    PATIENTS = "patients"
    DAYS = "days"


class ImportReportOut(Out):
    """Every row of a file. `kept`: it was committed. `unit`: what rows are counted in; a CSV's header is row 1.

    `plan` is named by whoever commits this file as it is reported here. `look_alikes`: a commit has to say that
    somebody has looked at those who look like others.
    """

    of: Imports
    kept: bool
    plan: str
    unit: CountedIn
    counts: CountsOut
    look_alikes: bool
    wrong: list[WrongOut]
    passed: list[PassedOut]
    lines: list[LineOut]


def report_view(of: Imports, report: Report) -> dict[str, Any]:
    """A report as shown."""
    return {
        "of": of.value,
        "kept": report.kept,
        "plan": report.plan,
        "unit": report.unit.value,
        "counts": report.counts(),
        "look_alikes": report.unseen_look_alikes,
        "wrong": [{"row": one.row, "column": one.column, "message": one.message} for one in report.faults],
        "passed": [_passed(one) for one in report.passed],
        "lines": [_line(line) for line in report.lines],
    }


def _passed(passed: Passed) -> dict[str, Any]:
    spans: list[dict[str, int]] = []
    for row in passed.rows:
        if spans and row == spans[-1]["last"] + 1:
            spans[-1]["last"] = row
        elif len(spans) < MOST_SPANS:
            spans.append({"first": row, "last": row})
        else:
            break
    return {"because": passed.because, "count": len(passed.rows), "rows": spans}


def _line(line: AcceptedRow) -> dict[str, Any]:
    session = line.session
    return {
        "row": line.row,
        "what": line.what.value,
        "because": line.because,
        "patient": patient_document(line.patient) if line.patient else None,
        "session": {
            "planned_at": session.planned_at,
            "chair": session.chair,
            "route": session.route.value,
            "protocol": session.protocol_id,
            "version": session.protocol_version,
        }
        if session
        else None,
        "look_alikes": [{"patient": _alike(one)} for one in line.look_alikes],
        "notes": line.notes,
    }


def _alike(one: Alike) -> dict[str, Any] | None:
    if one.patient is None:
        return None
    return {"id": one.id, **patient_document(one.patient), "because": one.because}
