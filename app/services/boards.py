"""The board as it is read: a page of a list, and what changed since a look.

A line is shown as it lies there, at the instant of the look: what time or a tablet's silence has ended is not met,
whether or not anybody has come to keep that. A line that cannot be read says so, and stands in nobody's way.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db import clinics, line_changes, patients, sessions, tablets
from app.db.sessions import BoardRow, Listing
from app.db.work import Work
from app.domain.assessment import Status
from app.domain.canonical import Document
from app.domain.instants import from_text_or_none, to_text
from app.services.board import look_version, patient_shown

Item = dict[str, Any]
AT_ONCE = 500
"""Lines in one statement."""
UNREADABLE = "what the board shows of this session cannot be read"
SHOWN: Mapping[str, Any] = {
    "route": None,
    "chair": None,
    "planned_at": None,
    "had_left_at": None,
    "phase": None,
    "phase_since": None,
    "planned_minutes": None,
    "last_set": None,
    "concerns": [],
    "peaks": None,
    "signed": None,
    "to_start": None,
    "open_notices": 0,
    "not_met": [],
    "unknown": [],
    "failed": ["line"],
}
"""What a line's document holds beside the patient; here as it is shown where that cannot be read."""
BEFORE: Mapping[str, Any] = {"vital": None, "value": None, "measured_at": None}
"""What a line that was kept before concerns named their value does not say of them."""

log = logging.getLogger(__name__)


def page(work: Work, status: Listing, after: UUID | None, limit: int) -> tuple[list[Item], UUID | None, bool]:
    """Sessions of one status, audited as read; the next cursor; and whether this is a demo's."""
    rows, following = sessions.board(work, status, after, limit)
    work.audit("board.read", subject="board", subject_id=status, after={"sessions": [str(row.id) for row in rows]})
    silent = fallen_silent(work)
    items = [_item(work, row, silent.get(row.id)) for row in rows]
    return items, following, clinics.installation(work).demo


def follow(work: Work) -> None:
    """Audits that somebody follows the board from now on: every change of it is shown to them."""
    work.audit("board.followed", subject="board", subject_id="active")


def read_whole(work: Work, count: int) -> None:
    """Audits that somebody read the whole board, with so many sessions: those that were active then."""
    work.audit("board.read", subject="board", subject_id="active", after={"count": count})


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the board found. `mark`: where the next one goes on. `items`: None for a session no longer active.

    `silent`: the sessions in which a tablet counts as silent, and since when, where that is not kept yet.
    """

    mark: int
    items: dict[UUID, Item | None]
    silent: dict[UUID, datetime]


def look(work: Work, mark: int | None, silent: Mapping[UUID, datetime], turning: Collection[UUID]) -> Look:
    """The active sessions that changed since a look under `mark`, or all where there was none.

    `silent`: as the last look found it; `turning`: those that time alone has changed since. Followers are audited where
    they begin.
    """
    now_silent = fallen_silent(work)
    if mark is None:
        here = line_changes.from_here(work)
        rows = _all_active(work)
    else:
        here, written = line_changes.since(work, mark)
        moved = {this for this in silent.keys() | now_silent.keys() if silent.get(this) != now_silent.get(this)}
        rows = sessions.these(work, sorted({*written, *turning, *moved}))
    items = {row.id: _item(work, row, now_silent.get(row.id)) if row.line.active else None for row in rows}
    return Look(here, items, now_silent)


def _all_active(work: Work) -> Iterable[BoardRow]:
    after: UUID | None = None
    while True:
        rows, after = sessions.board(work, "active", after, AT_ONCE)
        yield from rows
        if after is None:
            return


def fallen_silent(work: Work) -> dict[UUID, datetime]:
    """The sessions in which a tablet counts as silent by now, and since when, where that is not kept yet."""
    found: dict[UUID, datetime] = {}
    for tablet in tablets.silent_here(work):
        for session_id, at in tablet.since().items():
            if at <= work.now:
                found[session_id] = min(at, found.get(session_id, at))
    return found


def _item(work: Work, row: BoardRow, silent_at: datetime | None) -> Item:
    try:
        return _shown(row, row.line.board or {}, work.now, silent_at)
    except Exception as error:  # noqa: BLE001 - one line that cannot be read takes nobody else's away
        log.error("line-unreadable", extra={"kind": type(error).__name__, "session": str(row.id)})
        unreadable = {"status": Status.CANNOT_TELL, "status_because": UNREADABLE, "lapses_at": None, "digest": None}
        return {**_shown(row, {**SHOWN, "patient": _patient(work, row.patient_id)}, work.now, None), **unreadable}


def patient_of(work: Work, row: BoardRow) -> Mapping[str, Any]:
    """The patient as a line shows them; by their own sheet where the line cannot be read."""
    shown = (row.line.board or {}).get("patient")
    return shown if isinstance(shown, Mapping) else _patient(work, row.patient_id)


def _patient(work: Work, patient_id: UUID) -> Document:
    """The patient by their own sheet; without a name where not even that can be read."""
    try:
        found = patients.find(work, patient_id)
        assert found is not None, "a session has a patient"
        return patient_shown(patient_id, found.value, found.revision)
    except (ValueError, KeyError, TypeError, AssertionError):
        nothing: Document = {"family_name": "?", "given_name": "?", "given_names": [], "birth_date": None}
        return {"id": str(patient_id), **nothing, "record_number": "?", "revision": 0}


def _shown(row: BoardRow, shown: Mapping[str, Any], now: datetime, silent_at: datetime | None) -> Item:
    line = row.line
    # where all is met, whatever time changes next ends it
    lapses_at = line.next_change_at if line.status == Status.MET else None
    ended = [at for at in (lapses_at, silent_at) if at is not None and at <= now and line.status == Status.MET]
    lapsed_at = min(ended, default=None)
    because = (
        f"this session has not been worked out since its flag lapsed at {to_text(lapsed_at)}" if lapsed_at else None
    )
    patient = dict(shown["patient"])
    return {
        "id": row.id,
        "version": look_version(row.version, patient.pop("revision")),
        "patient": patient,
        "state": line.state,
        "due_at": line.due_at,
        "overdue_at": line.overdue_at,
        "overdue": line.overdue_at is not None and line.overdue_at < now,
        "status": Status.CANNOT_TELL if lapsed_at else line.status,
        "status_since": lapsed_at or line.status_since,
        "status_because": because,
        "lapses_at": lapses_at,
        "digest": line.digest,
        **{name: shown[name] for name in SHOWN},
        "concerns": [{**BEFORE, **concern} for concern in shown["concerns"]],
        "planned_at": from_text_or_none(shown["planned_at"]),
        "had_left_at": from_text_or_none(shown["had_left_at"]),
    }
