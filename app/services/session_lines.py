"""Sessions found and told in a line each: by patient, days, chair, signer and state; and a patient's last one.

A line is shown as it lies there: nothing is worked out for it, however many there are.
"""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.db import clinics, session_search
from app.db.session_search import SessionPlace, SoughtSessions
from app.db.sessions import BoardRow
from app.db.work import Work
from app.domain.errors import FieldError, Invalid
from app.domain.instants import from_text_or_none
from app.domain.numbers import decimal
from app.services.board import chair_key
from app.services.boards import patient_of
from app.services.clinics import zone_of
from app.services.session_work import NoSuchSession

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
MOST_SIGNERS = 500
AMOUNTS = ("dose_mg", "weight_kg", "mg_per_kg")
INSTANTS = ("dose_ended_at", "flag_at", "closed_at", "signed_at")
OF_BOARD = ("route", "chair", "open_notices", "failed")
NOT_TOLD: dict[str, Any] = {
    "protocol": None,
    **dict.fromkeys(AMOUNTS),
    **dict.fromkeys(INSTANTS),
    "minutes_to_flag": None,
    "minutes_to_leaving": None,
    "withdrawn": None,
    "decision": None,
    "signed_by": None,
    "signed_afterwards": None,
    "concerns": None,
    "symptoms": None,
    "medications": None,
    "oxygen": None,
    "pauses": None,
}
"""A brief that cannot be told: nothing of it is known, and nothing is taken for none."""

log = logging.getLogger(__name__)


class BadDays(Invalid):
    """Sessions are found by days of the clinic, from the first to the last."""

    code = "bad-days"


@dataclass(frozen=True, slots=True)
class Days:
    """Days of the clinic's calendar, both inclusive; None: no bound."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class FoundSessions:
    """A page of lines, where it goes on, who may be asked for as signer, and whether this is a demo."""

    items: list[dict[str, Any]]
    following: SessionPlace | None
    signers: list[tuple[UUID, str]]
    demo: bool


def search(
    work: Work, sought: SoughtSessions, chair: str | None, days: Days, after: SessionPlace | None, limit: int
) -> FoundSessions:
    """Sessions as sought, newest first, audited as read. Raises `BadDays`."""
    since, until = span_of(work, days)
    asked = replace(sought, chair_key=chair_key(chair) if chair else None, since=since, until=until)
    rows, following = session_search.search(work, asked, after, limit)
    work.audit(
        "sessions.searched",
        subject="clinic",
        subject_id=work.clinic_id,
        patient_id=sought.patient_id,
        after={
            "first_day": days.first.isoformat() if days.first else None,
            "last_day": days.last.isoformat() if days.last else None,
            "chair": chair,
            "signer": str(sought.signer_id) if sought.signer_id else None,
            "state": sought.state,
            "sessions": [str(row.id) for row in rows],
        },
    )
    items = [line(work, row) for row in rows]
    return FoundSessions(
        items, following, session_search.signers(work, MOST_SIGNERS), demo=clinics.installation(work).demo
    )


def span_of(work: Work, days: Days) -> tuple[datetime | None, datetime | None]:
    """The instants at which the first day begins and the last one is over, by the clinic's zone."""
    named = {"first_day": days.first, "last_day": days.last}
    wrong = [
        FieldError(name, f"must be from {EARLIEST.isoformat()} to {LATEST.isoformat()}")
        for name, day in named.items()
        if day is not None and not EARLIEST <= day <= LATEST
    ]
    if not wrong and days.first is not None and days.last is not None and days.last < days.first:
        wrong = [FieldError("last_day", f"must not be before first_day, {days.first.isoformat()}")]
    if wrong:
        raise BadDays(errors=wrong)
    if days.first is None and days.last is None:
        return None, None
    zone = zone_of(work)
    since = None if days.first is None else _begin(days.first, zone)
    return since, None if days.last is None else _begin(days.last + timedelta(days=1), zone)


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def before(work: Work, session_id: UUID) -> dict[str, Any] | None:
    """The patient's last session before this one in which a dose began, as a line; audited as read.

    None where there is none. Raises `NoSuchSession`.
    """
    found = session_search.dosed_before(work, session_id)
    if found is None:
        raise NoSuchSession
    patient_id, row = found
    work.audit(
        "session.before-read",
        subject="session",
        subject_id=session_id,
        session_id=session_id,
        patient_id=patient_id,
        after={"sessions": [] if row is None else [str(row.id)]},
    )
    return None if row is None else line(work, row)


def line(work: Work, row: BoardRow) -> dict[str, Any]:
    """A session in a line. `told`: whether what became of it can be read; else nothing of that is known."""
    shown, kept = row.line.board or {}, row.line
    patient = {name: value for name, value in patient_of(work, row).items() if name != "revision"}
    told = _brief(row)
    return {
        "id": row.id,
        "patient": patient,
        "state": kept.state,
        "at": kept.at,
        "course_id": kept.course_id,
        "planned_at": _instant(shown.get("planned_at")),
        "had_left_at": _instant(shown.get("had_left_at")),
        "dose_started_at": kept.dose_started_at,
        "peaks": shown.get("peaks"),
        **{name: shown.get(name) for name in OF_BOARD},
        "told": told is not None,
        **(NOT_TOLD if told is None else told),
    }


def _brief(row: BoardRow) -> dict[str, Any] | None:
    kept = row.line.brief
    if kept is None:
        return None
    try:
        amounts = {name: None if kept[name] is None else decimal(kept[name]) for name in AMOUNTS}
        instants = {name: from_text_or_none(kept[name]) for name in INSTANTS}
        return {name: kept[name] for name in NOT_TOLD} | amounts | instants
    except Exception as error:  # noqa: BLE001 - one line that cannot be read takes nobody else's away
        log.error("line-unreadable", extra={"kind": type(error).__name__, "session": str(row.id)})
        return None


def _instant(text: Any) -> datetime | None:
    try:
        return from_text_or_none(text)
    except (ValueError, TypeError):
        return None
