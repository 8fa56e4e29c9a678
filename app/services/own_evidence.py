"""The clinic's own evidence: months of sessions, gathered into groups. Nothing is kept, and nobody is named."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from app.db import clinics, own_evidence
from app.db.own_evidence import BriefRow
from app.db.work import Work
from app.domain.canonical import Document
from app.domain.errors import FieldError, Invalid
from app.domain.own_evidence.counted import CountedSession, told_in
from app.domain.people import Act, check_may

USUAL_MONTHS = 6
MOST_MONTHS = 24
MOST_SESSIONS = 20_000
"""Sessions that are held at once."""
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 1)


class BadMonths(Invalid):
    """The clinic's evidence is told of whole months, from the first to the last."""

    code = "bad-months"


@dataclass(frozen=True, slots=True)
class Months:
    """Months of the clinic's calendar, each as its first day, both inclusive; None: the usual ones."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """The sessions of these months. `under_way`: not over yet, and counted in nothing else."""

    first: date
    last: date
    sessions: list[CountedSession]
    under_way: int
    demo: bool


def read(work: Work, asked: Months) -> Collected:
    """What the clinic's own people look at; audited as read. Raises `BadMonths`."""
    found = _collected(work, asked, over=False)
    _note(work, "evidence.read", found, {})
    return found


def export(work: Work, asked: Months, form: str, *, outside: bool) -> Collected:
    """The same to be taken out of the service, audited as an export; `outside`: of the clinic too. Raises `BadMonths`.

    What leaves the clinic is of months that are over: of one that goes on two exports would tell who came between.
    """
    check_may(work.actor, Act.EXPORT_RECORD)
    found = _collected(work, asked, over=outside)
    _note(
        work, "export.begun", found, {"tables": ["evidence"], "format": form, "identifiers": False, "outside": outside}
    )
    return found


def _note(work: Work, action: str, found: Collected, more: Document) -> None:
    months = {"first_month": month_text(found.first), "last_month": month_text(found.last)}
    work.audit(action, subject="clinic", subject_id=work.clinic_id, after={**months, **more})


def month_text(first_day: date) -> str:
    """A month as it is written: 2026-03."""
    return first_day.isoformat()[:7]


def _beside(month: date, count: int) -> date:
    """The month so many later."""
    place = month.year * 12 + month.month - 1 + count
    return date(place // 12, place % 12 + 1, 1)


def _span(asked: Months, current: date, *, over: bool) -> tuple[date, date]:
    for name, month in (("first_month", asked.first), ("last_month", asked.last)):
        if month is not None and not EARLIEST <= month <= LATEST:
            raise BadMonths(errors=[FieldError(name, f"must be from {month_text(EARLIEST)} to {month_text(LATEST)}")])
    latest = _beside(current, -1) if over else current
    last = asked.last or max(asked.first or latest, latest)
    first = asked.first or _beside(last, 1 - USUAL_MONTHS)
    if last < first:
        raise BadMonths(errors=[FieldError("last_month", f"must not be before first_month, {month_text(first)}")])
    if first < _beside(last, 1 - MOST_MONTHS):
        earliest = month_text(_beside(last, 1 - MOST_MONTHS))
        raise BadMonths(
            errors=[FieldError("first_month", f"must not be before {earliest}: at most {MOST_MONTHS} months at once")]
        )
    if over and last > latest:
        raise BadMonths(
            errors=[FieldError("last_month", f"must be over to leave the clinic: at the latest {month_text(latest)}")]
        )
    return first, last


def _collected(work: Work, asked: Months, *, over: bool) -> Collected:
    clinic = clinics.get(work)
    zone = ZoneInfo(clinic.timezone if clinic else "UTC")
    first, last = _span(asked, work.now.astimezone(zone).date().replace(day=1), over=over)
    months = [first]
    while months[-1] <= last:
        months.append(_beside(months[-1], 1))
    begins = [datetime.combine(month, time(), tzinfo=zone).astimezone(UTC) for month in months]
    sessions: list[CountedSession] = []
    under_way = 0
    for row in own_evidence.briefs(work, begins[0], begins[-1]):
        under_way += not row.closed and row.dosed
        if not _counts(row):
            continue
        if len(sessions) >= MOST_SESSIONS:
            raise BadMonths(
                errors=[
                    FieldError("first_month", f"fewer months: there are more than {MOST_SESSIONS} sessions in these")
                ]
            )
        month = months[bisect_right(begins, row.at) - 1]
        sessions.append(CountedSession(month_text(month), row.patient_id, told_in(row.brief)))
    return Collected(first, last, sessions, under_way, clinics.installation(work).demo)


def _counts(row: BriefRow) -> bool:
    """Whether it is over and a dose began in it; or may have, where what became of it cannot be told."""
    return row.closed and (row.dosed or row.brief is None or row.brief.get("dose_mg") is not None)
