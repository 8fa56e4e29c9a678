"""Tablets: when each was last heard of, and which sessions it has open."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from app.db.tables import enrolments, sessions, tablet_sessions, tablets
from app.db.work import Work
from app.domain.facts import TabletContact
from app.domain.tablets import Contact


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A tablet's last heartbeat, and when it came (clinic's clock)."""

    heard_at: datetime
    unsent: int
    clock_offset_ms: int


_T, _O, _E = tablets.c, tablet_sessions.c, enrolments.c
_ONE = (_T.clinic_id == bindparam("clinic"), _T.id == bindparam("tablet"))
_HEARD = (
    update(tablets)
    .where(*_ONE)
    .values(
        heard_at=bindparam("heard"),
        unsent=bindparam("left"),
        clock_offset_ms=bindparam("offset"),
        pace=bindparam("going"),
    )
)
_LOCK = select(_T.id).where(*_ONE).with_for_update(key_share=True)
_OFFSET = select(_T.clock_offset_ms).where(*_ONE)
_OPEN = select(_O.session_id, _O.draft).where(_O.clinic_id == bindparam("clinic"), _O.tablet_id == bindparam("tablet"))
_OF_SESSION = (
    select(_T.id, _T.heard_at, _T.unsent, _O.draft, _E.id.is_not(None).label("enrolled"), _T.pace)
    .join(tablet_sessions, (_O.clinic_id == _T.clinic_id) & (_O.tablet_id == _T.id))
    .outerjoin(enrolments, (_E.clinic_id == _T.clinic_id) & (_E.id == _T.id))
    .where(_O.clinic_id == bindparam("clinic"), _O.session_id == bindparam("session"))
    .order_by(_T.id)
)
_ALL_SAID = select(_T.id, _T.heard_at, _T.unsent, _T.clock_offset_ms).where(_T.clinic_id == bindparam("clinic"))
_ALL_OPEN = (
    select(_O.tablet_id, _O.session_id).where(_O.clinic_id == bindparam("clinic")).order_by(_O.tablet_id, _O.session_id)
)
_KNOWN = select(sessions.c.id).where(
    sessions.c.clinic_id == bindparam("clinic"), sessions.c.id.in_(bindparam("these", expanding=True))
)
_ADD, _OPENED = insert(tablets), insert(tablet_sessions)
_ONE_OPEN = (
    _O.clinic_id == bindparam("clinic"),
    _O.tablet_id == bindparam("tablet"),
    _O.session_id == bindparam("session"),
)
_DRAFT = update(tablet_sessions).where(*_ONE_OPEN).values(draft=bindparam("unfinished"))
_LEFT = delete(tablet_sessions).where(*_ONE_OPEN)


def lock(work: Work, tablet_id: UUID) -> None:
    """What this tablet has open changes by nobody else until this work ends; nothing where it was never heard of."""
    work.first(_LOCK, tablet=tablet_id)


def heard(work: Work, tablet_id: UUID, contact: Contact, pace: int) -> None:
    """Writes down what a tablet says now. `pace`: clinic seconds in one of the wall's."""
    said = {"heard": work.now, "left": contact.unsent, "offset": contact.clock_offset_ms, "going": pace}
    if work.change(_HEARD, {"clinic": work.clinic_id, "tablet": tablet_id, **said}) == 0:
        row = {
            "heard_at": work.now,
            "unsent": contact.unsent,
            "clock_offset_ms": contact.clock_offset_ms,
            "pace": pace,
        }
        work.change(_ADD, {"clinic_id": work.clinic_id, "id": tablet_id, **row})


def clock_offset_ms(work: Work, tablet_id: UUID) -> int | None:
    """How far its clock was off when it was last heard of; None where it never was."""
    row = work.first(_OFFSET, tablet=tablet_id)
    return None if row is None else row.clock_offset_ms


def all_said(work: Work) -> dict[UUID, Heartbeat]:
    """The last word of every tablet of the clinic."""
    return {row.id: Heartbeat(row.heard_at, row.unsent, row.clock_offset_ms) for row in work.all(_ALL_SAID)}


def all_open(work: Work) -> dict[UUID, list[UUID]]:
    """Which sessions each tablet of the clinic has open."""
    found: dict[UUID, list[UUID]] = {}
    for row in work.all(_ALL_OPEN):
        found.setdefault(row.tablet_id, []).append(row.session_id)
    return found


def open_at(work: Work, tablet_id: UUID) -> dict[UUID, bool]:
    """The sessions a tablet has open, and whether an unfinished set of each lies on it."""
    return {row.session_id: row.draft for row in work.all(_OPEN, tablet=tablet_id)}


def known(work: Work, session_ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are sessions of the clinic."""
    return {row.id for row in work.all(_KNOWN, these=list(session_ids))}


def opened(work: Work, tablet_id: UUID, session_id: UUID, *, draft: bool) -> None:
    """The tablet has this session open from now on. `draft`: an unfinished set of it lies there."""
    row = {"clinic_id": work.clinic_id, "tablet_id": tablet_id, "session_id": session_id, "draft": draft}
    work.change(_OPENED, row)


def set_draft(work: Work, tablet_id: UUID, session_id: UUID, *, draft: bool) -> None:
    """Whether an unfinished set of a session it has open lies on the tablet now."""
    this = {"clinic": work.clinic_id, "tablet": tablet_id, "session": session_id}
    work.change(_DRAFT, {**this, "unfinished": draft})


def left(work: Work, tablet_id: UUID, session_id: UUID) -> bool:
    """The tablet no longer has this session open; whether it had."""
    return work.change(_LEFT, {"clinic": work.clinic_id, "tablet": tablet_id, "session": session_id}) > 0


def of_session(work: Work, session_id: UUID) -> tuple[TabletContact, ...]:
    """The last word of every tablet and browser that has this session open."""
    return tuple(
        TabletContact(row.id, row.heard_at, row.unsent, row.draft, bool(row.enrolled), row.pace)
        for row in work.all(_OF_SESSION, session=session_id)
    )
