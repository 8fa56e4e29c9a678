"""Sessions as somebody looks for them, newest first, found by reading a bounded number of rows of one index.

The condition that tells most leads, by its own index; the others are looked at in turn, so many rows at once: where
these do not fill a page, it says how far it came, and the next one goes on there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, select, tuple_

from app.db.sessions import BoardRow, these
from app.db.tables import sessions, staff
from app.db.work import Work

IN_TURN = 400
"""Rows of the index that one page looks at."""
LEADING = ("patient_id", "signer_id", "chair_key", "state")
"""Columns with an index of their own, the one that usually names fewest first."""

_S = sessions.c
_OURS = _S.clinic_id == bindparam("clinic")
_LOOKED_AT = select(_S.id, _S.at, _S.patient_id, _S.signer_id, _S.chair_key, _S.state).order_by(
    _S.at.desc(), _S.id.desc()
)
_BEFORE = (
    select(_S.id)
    .where(
        _OURS,
        _S.patient_id == bindparam("patient"),
        tuple_(_S.at, _S.id) < tuple_(bindparam("at", type_=_S.at.type), bindparam("this", type_=_S.id.type)),
        _S.dose_started_at.is_not(None),
    )
    .order_by(_S.at.desc(), _S.id.desc())
    .limit(1)
)
_PLACE = select(_S.at, _S.patient_id).where(_OURS, _S.id == bindparam("this"))
_GIVEN = (
    select(_S.course_id, func.count(_S.dose_started_at).label("given"))
    .where(_OURS, _S.patient_id == bindparam("patient"), _S.course_id.in_(bindparam("courses", expanding=True)))
    .group_by(_S.course_id)
)
_SIGNERS = (
    select(staff.c.id, staff.c.name)
    .where(staff.c.clinic_id == bindparam("clinic"), staff.c.role == "clinician")
    .order_by(staff.c.name, staff.c.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class SoughtSessions:
    """What is looked for; None: any. `since` inclusive, `until` exclusive, by the instant a session stands at."""

    patient_id: UUID | None = None
    signer_id: UUID | None = None
    chair_key: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def named(self) -> dict[str, Any]:
        """The columns that are to hold a certain value, the leading one first."""
        asked = {name: getattr(self, name) for name in LEADING}
        return {name: value for name, value in asked.items() if value is not None}


@dataclass(frozen=True, slots=True)
class SessionPlace:
    """Where a page ended."""

    at: datetime
    id: UUID


def search(
    work: Work, sought: SoughtSessions, after: SessionPlace | None, limit: int
) -> tuple[list[BoardRow], SessionPlace | None]:
    """The next sessions that are as sought, newest first, and where to go on; None at the end of all."""
    named = sought.named
    many = limit + 1 if len(named) <= 1 else IN_TURN
    rows = work.all(_statement(sought, after), **_values(sought, after), most=many)
    meant = [row for row in rows if all(getattr(row, name) == value for name, value in named.items())]
    found = meant[:limit]
    ended = len(meant) <= limit and len(rows) < many
    last = found[-1] if len(meant) > limit else (rows[-1] if rows else None)
    place = None if ended or last is None else SessionPlace(last.at, last.id)
    return in_order(work, [row.id for row in found]), place


def _statement(sought: SoughtSessions, after: SessionPlace | None) -> Select[Any]:
    where: list[ColumnElement[bool]] = [_OURS]
    where += [_S[name] == bindparam("leading") for name in list(sought.named)[:1]]
    if sought.since is not None:
        where.append(_S.at >= bindparam("since"))
    if sought.until is not None:
        where.append(_S.at < bindparam("until"))
    if after is not None:
        behind = tuple_(bindparam("from_at", type_=_S.at.type), bindparam("from_id", type_=_S.id.type))
        where.append(tuple_(_S.at, _S.id) < behind)
    return _LOOKED_AT.where(*where).limit(bindparam("most"))


def _values(sought: SoughtSessions, after: SessionPlace | None) -> dict[str, Any]:
    values: dict[str, Any] = {"leading": next(iter(sought.named.values()))} if sought.named else {}
    values |= {name: at for name in ("since", "until") if (at := getattr(sought, name)) is not None}
    return values | ({} if after is None else {"from_at": after.at, "from_id": after.id})


def in_order(work: Work, ids: Sequence[UUID]) -> list[BoardRow]:
    """The lines of these sessions, in this order."""
    found = {row.id: row for row in these(work, ids)} if ids else {}
    return [found[this] for this in ids if this in found]


def dosed_before(work: Work, session_id: UUID) -> tuple[UUID, BoardRow | None] | None:
    """Whose this session is, and that patient's last one before it in which a dose began; None: no such session."""
    place = work.first(_PLACE, this=session_id)
    if place is None:
        return None
    row = work.first(_BEFORE, patient=place.patient_id, at=place.at, this=session_id)
    return place.patient_id, None if row is None else next(iter(in_order(work, [row.id])), None)


def given_in(work: Work, patient_id: UUID, courses: Collection[UUID]) -> dict[UUID, int]:
    """In how many sessions of each of these courses a dose began."""
    rows = work.all(_GIVEN, patient=patient_id, courses=list(courses)) if courses else ()
    return {row.course_id: row.given for row in rows}


def signers(work: Work, most: int) -> list[tuple[UUID, str]]:
    """Who may sign in this clinic, or could: clinicians' accounts, by name."""
    return [(row.id, row.name) for row in work.all(_SIGNERS, most=most)]
