"""Sessions: the look-up row with what the board needs, its lock, and the whole record of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, insert, or_, select, update

from app.db import journal
from app.db.line_changes import marked
from app.db.prepared import Prepared
from app.db.refusals import MovedOn
from app.db.session_records import load
from app.db.tables import sessions
from app.db.work import NOTHING_KEPT, Work
from app.domain.audit import Head
from app.domain.canonical import Document
from app.domain.documents import header_from
from app.domain.facts import START
from app.domain.journal import Kind, session_stream
from app.domain.records import Kept, SessionHeader
from app.domain.sessions import CLOSED, SessionState

__all__ = [
    "BoardRow",
    "DueSession",
    "Line",
    "Listing",
    "LockedSession",
    "active_of",
    "add",
    "all_ids",
    "board",
    "due_for_change",
    "find_header",
    "header_history",
    "headers_of",
    "load",
    "lock",
    "planned_among",
    "planned_of",
    "sessions_of",
    "write_line",
]

Listing = Literal["planned", "active", "closed", "afterwards"]
"""`afterwards`: it is charted after the patient had left, and is not closed yet."""
MOST_NAMED = 500
"""Ids in one statement."""


@dataclass(frozen=True, slots=True)
class Line:
    """The session's line: what is derived from its record, kept for look-ups. `board`: what the board shows.

    `at`: by which instant it stands among others (`stands_at`); `chair_key`: the chair, folded to be looked for;
    `signer_id`: who signed last; `brief`: what became of it.
    """

    revision: int
    """The header's."""
    course_id: UUID | None
    state: str
    active: bool
    due_at: datetime | None
    overdue_at: datetime | None
    next_change_at: datetime | None
    status: str | None
    status_since: datetime | None
    digest: str | None
    board: Mapping[str, Any] | None
    at: datetime | None
    chair_key: str | None
    signer_id: UUID | None
    dose_started_at: datetime | None
    brief: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class LockedSession:
    """The row of a session that nobody else can change until this work ends."""

    id: UUID
    version: int
    patient_id: UUID
    line: Line
    listing: str

    @property
    def next_change_at(self) -> datetime | None:
        """When time alone changes something."""
        return self.line.next_change_at


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One line of a list of sessions."""

    id: UUID
    version: int
    patient_id: UUID
    line: Line


@dataclass(frozen=True, slots=True)
class DueSession:
    """A session in which time alone changes something at `at`."""

    clinic_id: UUID
    id: UUID
    at: datetime


_S = sessions.c
_ONE = (_S.clinic_id == bindparam("clinic"), _S.id == bindparam("this"))
_ADD = insert(sessions)
_LOCK = Prepared(select(sessions).where(*_ONE).with_for_update(key_share=True))
_LINE_WRITTEN = marked(
    update(sessions)
    .where(*_ONE, _S.version == bindparam("expected"))
    .values(
        version=_S.version + 1,
        listing=bindparam("as_listing"),
        position=bindparam("as_position"),
        hash=bindparam("as_hash"),
        **{
            name: bindparam(f"as_{name}")
            for name in (
                "revision",
                "course_id",
                "state",
                "due_at",
                "overdue_at",
                "next_change_at",
                "status",
                "status_since",
                "digest",
                "board",
                "at",
                "chair_key",
                "signer_id",
                "dose_started_at",
                "brief",
            )
        },
    )
)
_WRITE_LINE = {name: Prepared(statement) for name, statement in _LINE_WRITTEN.items()}
_IS_DUE = marked(
    update(sessions)
    .where(
        *_ONE,
        _S.listing.in_(["planned", "active"]),
        or_(_S.next_change_at.is_(None), _S.next_change_at > bindparam("due_from")),
    )
    .values(next_change_at=bindparam("due_from"))
)
_OF_THE_PATIENT = (
    select(_S.id, _S.board)
    .where(_S.clinic_id == bindparam("clinic"), _S.patient_id == bindparam("patient"))
    .order_by(_S.id)
    .with_for_update(key_share=True)
)
_SHOWN_AS = marked(update(sessions).where(*_ONE).values(board=bindparam("as_board")))
_LIST = select(sessions).where(_S.clinic_id == bindparam("clinic"), _S.listing == bindparam("listing"))
_UP = _LIST.order_by(_S.id).limit(bindparam("limit"))
_UP_AFTER = _LIST.where(_S.id > bindparam("after")).order_by(_S.id).limit(bindparam("limit"))
_DOWN = _LIST.order_by(_S.id.desc()).limit(bindparam("limit"))
_DOWN_AFTER = _LIST.where(_S.id < bindparam("after")).order_by(_S.id.desc()).limit(bindparam("limit"))
_THESE = select(sessions).where(_S.clinic_id == bindparam("clinic"), _S.id.in_(bindparam("these", expanding=True)))
_PLAIN = (_S.id, _S.version, _S.patient_id, _S.revision, _S.state, _S.listing)
_DUE = (
    select(_S.clinic_id, _S.id, _S.next_change_at)
    .where(_S.next_change_at.is_not(None), _S.next_change_at <= bindparam("until"))
    .order_by(_S.next_change_at)
    .limit(bindparam("limit"))
)
_ACTIVE_OF = select(_S.id).where(
    _S.clinic_id == bindparam("clinic"), _S.patient_id == bindparam("patient"), _S.listing == "active"
)
_CLOSED = select(_S.id).where(_S.clinic_id == bindparam("clinic"), _S.listing == "closed").order_by(_S.id)
_EVERY = select(_S.id).where(_S.clinic_id == bindparam("clinic")).order_by(_S.id)
_PLANNED_AMONG = select(_S.id).where(
    _S.clinic_id == bindparam("clinic"), _S.listing == "planned", _S.id.in_(bindparam("these", expanding=True))
)
_PLANNED_OF = select(_S.id).where(
    _S.clinic_id == bindparam("clinic"), _S.listing == "planned", _S.patient_id == bindparam("patient")
)
_OF_PATIENT = (
    select(_S.id).where(_S.clinic_id == bindparam("clinic"), _S.patient_id == bindparam("patient")).order_by(_S.id)
)


def listing_of(line: Line) -> Listing:
    """The list that a session of this line is in."""
    return _listing(line.state, active=line.active)


def _listing(state: str, *, active: bool) -> Listing:
    if active:
        return "active"
    if state == SessionState.PLANNED:
        return "planned"
    return "closed" if state in CLOSED else "afterwards"


def find_header(work: Work, session_id: UUID) -> Kept[SessionHeader] | None:
    """The newest revision of the header."""
    return journal.newest(work, Kind.SESSION, session_id, header_from)


def header_history(work: Work, session_id: UUID) -> tuple[Kept[SessionHeader], ...]:
    """Every revision, oldest first."""
    return journal.revisions(work, Kind.SESSION, session_id, header_from)


def add(work: Work, session_id: UUID, header: SessionHeader) -> None:
    """The row of a new session: planned, version 0, nothing kept yet."""
    row: dict[str, Any] = {
        "clinic_id": work.clinic_id,
        "id": session_id,
        "revision": 1,
        "patient_id": header.patient_id,
        "course_id": header.course_id,
        "version": 0,
        "state": "planned",
        "listing": "planned",
        "at": header.planned_at or work.now,
        "changed": 0,
        **NOTHING_KEPT,
    }
    work.change(_ADD, row)
    work.holds(Head(session_stream(session_id), 0, START))


def lock(work: Work, session_id: UUID) -> LockedSession | None:
    """The session's row, held until this work ends; None where the clinic has no such session."""
    row = work.first(_LOCK, this=session_id)
    if row is None:
        return None
    work.holds(Head(session_stream(session_id), row.position, row.hash))
    return LockedSession(row.id, row.version, row.patient_id, _line(row), row.listing)


def _line(row: Row[Any]) -> Line:
    return Line(
        revision=row.revision,
        course_id=row.course_id,
        state=row.state,
        active=row.listing == "active",
        due_at=row.due_at,
        overdue_at=row.overdue_at,
        next_change_at=row.next_change_at,
        status=row.status,
        status_since=row.status_since,
        digest=row.digest,
        board=row.board,
        at=row.at,
        chair_key=row.chair_key,
        signer_id=row.signer_id,
        dose_started_at=row.dose_started_at,
        brief=row.brief,
    )


def write_line(work: Work, session_id: UUID, expected_version: int, line: Line) -> int:
    """Rewrites the line, and returns the new version. Raises `MovedOn` where the version is another one."""
    values = {f"as_{name}": getattr(line, name) for name in Line.__slots__ if name != "active"}
    values["as_listing"] = listing_of(line)
    head = work.head(session_stream(session_id))
    values |= {"as_position": head.position, "as_hash": head.hash}
    values |= {"clinic": work.clinic_id, "this": session_id, "expected": expected_version}
    if work.change(_WRITE_LINE[work.dialect], values) != 1:
        raise MovedOn
    work.is_written(head)
    return expected_version + 1


def board(work: Work, status: Listing, after: UUID | None, limit: int) -> tuple[list[BoardRow], UUID | None]:
    """One list of sessions, and where to go on: by id, which is by age; closed ones newest first."""
    down = status == "closed"
    statement = (_DOWN_AFTER if down else _UP_AFTER) if after else (_DOWN if down else _UP)
    place = {"after": after} if after else {}
    rows = lines(work, statement, listing=status, limit=limit + 1, **place)
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def these(work: Work, ids: Sequence[UUID]) -> list[BoardRow]:
    """The lines of these sessions."""
    found: list[BoardRow] = []
    for start in range(0, len(ids), MOST_NAMED):
        found += lines(work, _THESE, these=ids[start : start + MOST_NAMED])
    return found


def lines(work: Work, statement: Select[Any], **values: Any) -> list[BoardRow]:
    """Lines as they lie there. Where one cannot be read, each by itself, and of that one what can be."""
    try:
        return [BoardRow(row.id, row.version, row.patient_id, _line(row)) for row in work.all(statement, **values)]
    except (ValueError, OverflowError):
        plain = work.all(statement.with_only_columns(*_PLAIN), **values)
        return [_alone(work, row) for row in plain if row.id is not None]


def _alone(work: Work, plain: Row[Any]) -> BoardRow:
    try:
        row = work.first(select(sessions).where(*_ONE), this=plain.id)
        assert row is not None, "its id has just been read"
        return BoardRow(row.id, row.version, row.patient_id, _line(row))
    except (ValueError, OverflowError):
        nothing = dict.fromkeys(name for name in Line.__slots__ if name not in ("revision", "state", "active"))
        line = Line(revision=plain.revision, state=plain.state, active=plain.listing == "active", **nothing)
        return BoardRow(plain.id, plain.version, plain.patient_id, line)


def due_for_change(work: Work, until: datetime, limit: int) -> list[DueSession]:
    """Sessions of every clinic in which time alone has changed something by `until`, longest due first."""
    return [DueSession(row.clinic_id, row.id, row.next_change_at) for row in work.all(_DUE, until=until, limit=limit)]


def is_due(work: Work, session_id: UUID, at: datetime) -> None:
    """Something has changed at `at` that is not worked out yet: no flag of it is met until it has been."""
    work.change(_IS_DUE[work.dialect], {"clinic": work.clinic_id, "this": session_id, "due_from": at})


def shows_patient(work: Work, patient_id: UUID, patient: Document) -> None:
    """The lines of a patient's sessions show them as they are called now. One that cannot be read stays as it is."""
    for row in work.all(_OF_THE_PATIENT, patient=patient_id):
        if row.board is not None:
            values = {"clinic": work.clinic_id, "this": row.id, "as_board": {**row.board, "patient": patient}}
            work.change(_SHOWN_AS[work.dialect], values)


def closed_ids(work: Work) -> list[UUID]:
    """Every closed session of the clinic, in order of their ids."""
    return [row.id for row in work.all(_CLOSED)]


def all_ids(work: Work) -> list[UUID]:
    """Every session of the clinic, in order of their ids."""
    return [row.id for row in work.all(_EVERY)]


def active_of(work: Work, patient_id: UUID) -> UUID | None:
    """The patient's active session; there is at most one (the database sees to it)."""
    row = work.first(_ACTIVE_OF, patient=patient_id)
    return None if row is None else row.id


def planned_of(work: Work, patient_id: UUID) -> tuple[UUID, ...]:
    """The patient's sessions that are planned and have not begun."""
    return tuple(row.id for row in work.all(_PLANNED_OF, patient=patient_id))


def planned_among(work: Work, these: Sequence[UUID]) -> set[UUID]:
    """Which of these are sessions that are planned and have not begun."""
    found: set[UUID] = set()
    for start in range(0, len(these), MOST_NAMED):
        found |= {row.id for row in work.all(_PLANNED_AMONG, these=these[start : start + MOST_NAMED])}
    return found


def headers_of(work: Work, patient_id: UUID) -> dict[UUID, tuple[Kept[SessionHeader], ...]]:
    """The patient's sessions, each with every revision of its header, oldest first."""
    ids = sessions_of(work, patient_id)
    found = journal.FactRevisions(work, ids, [Kind.SESSION])
    return {session_id: found.of(session_id, Kind.SESSION, header_from) for session_id in ids}


def sessions_of(work: Work, patient_id: UUID) -> tuple[UUID, ...]:
    """The patient's sessions, in order of their ids."""
    return tuple(row.id for row in work.all(_OF_PATIENT, patient=patient_id))
