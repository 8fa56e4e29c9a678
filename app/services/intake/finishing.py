"""How an import ends: on record, and kept exactly as it was reported or not at all.

A report has a plan: a digest of the file and of all that the report says of it, values among them. Whoever commits
names the plan they have seen. It is worked out again from the record as it is then, and has to be the same. Where
nothing is left to do, any plan is good: an answer that was lost can be asked for again.
"""

from dataclasses import dataclass, replace

from app.db.work import Work
from app.domain.canonical import Json, digest
from app.domain.documents import header_document, patient_document
from app.domain.errors import Conflict
from app.domain.people import Act, Role, check_may, may
from app.services.intake.outcomes import AcceptedRow, Alike, Report


class ImportRefused(Conflict):
    """Nothing was imported: see the rows named."""

    code = "import-refused"

    def __init__(self, report: Report, detail: str | None = None) -> None:
        super().__init__(detail)
        self.report = replace(report, kept=False)


class ImportMovedOn(ImportRefused):
    """Nothing was imported: it would be another report now. The record has moved on since, or it is another file."""

    code = "import-moved-on"


@dataclass(frozen=True, slots=True)
class SeenReport:
    """`source`: the SHA-256 of the file. `plan`: that of the report somebody has seen, None where nobody has yet."""

    source: str
    plan: str | None = None


def may_import(work: Work) -> None:
    """Raises `RoleMayNot`: it takes the lead; or, at the command line, somebody who charts."""
    role = work.actor.role
    check_may(work.actor, Act.CHART if isinstance(role, Role) and may(role, Act.CHART) else Act.IMPORT)


def finish(work: Work, kind: str, report: Report, *, look_alikes_seen: bool, seen: SeenReport | None = None) -> Report:
    """Audits the look or the import. Raises `ImportRefused` where it may not be kept as it stands."""
    if seen is not None:
        report = replace(report, plan=_plan(kind, seen.source, report))
        if report.kept and report.plan != seen.plan and (report.faults or report.keeps_something):
            raise ImportMovedOn(report)
    if report.kept and report.faults:
        raise ImportRefused(report)
    if report.kept and report.unseen_look_alikes and not look_alikes_seen:
        raise ImportRefused(
            report, "Nothing was imported: some new patients look like others. Look at each, then say so."
        )
    work.audit(
        "import.kept" if report.kept else "import.tried",
        subject="clinic",
        subject_id=work.clinic_id,
        after={"of": kind, **report.counts(), "shown": _shown(report), "file": seen.source if seen else None},
    )
    return report


def _shown(report: Report) -> list[str]:
    """Who of the record can be seen in the report."""
    alike = {one.id for line in report.lines for one in line.look_alikes if one.id is not None}
    return sorted(str(one) for one in alike | {line.session.patient_id for line in report.lines if line.session})


def _plan(kind: str, source: str, report: Report) -> str:
    return digest(
        {
            "of": kind,
            "file": source,
            "lines": [_line(line) for line in report.lines],
            "faults": [[fault.row, fault.column, fault.message] for fault in report.faults],
            "passed": [[passed.because, list(passed.rows)] for passed in report.passed],
        }
    )


def _line(line: AcceptedRow) -> Json:
    return [
        line.row,
        line.what.value,
        line.because,
        list(line.notes),
        [_alike(one) for one in line.look_alikes],
        patient_document(line.patient) if line.patient else None,
        header_document(line.session) if line.session else None,
    ]


def _alike(one: Alike) -> Json:
    return [str(one.id), list(one.because), patient_document(one.patient) if one.patient else None]
