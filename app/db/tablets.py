"""Tablets: when each was last heard of, and which sessions it has open."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, insert, select, update

from app.db.prepared import Prepared
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


@dataclass(frozen=True, slots=True)
class LockedTablet:
    """A tablet's row, held until this work ends. `name`: None where it is not enrolled."""

    name: str | None
    unsent: int


@dataclass(frozen=True, slots=True)
class OpenHere:
    """A session that a tablet has open. `draft`: an unfinished set of it lies there.

    `seconds`: after how many of silence the tablet counts as silent in it. The rest is the session's line.
    """

    draft: bool
    seconds: int
    listing: str
    next_change_at: datetime | None
    status: str | None
    status_since: datetime | None
    digest: str | None
    board: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class SilentTablet:
    """A tablet that counts as silent from `silent_at` on, where that is not kept yet."""

    clinic_id: UUID
    id: UUID
    silent_at: datetime
    heard_at: datetime
    pace: int
    seconds: dict[UUID, int] = field(default_factory=dict)
    """Of the sessions that it has open."""

    def since(self) -> dict[UUID, datetime]:
        """From when on it counts as silent in each of them."""
        return {this: self.heard_at + timedelta(seconds=each * self.pace) for this, each in self.seconds.items()}


_T, _O, _E, _S = tablets.c, tablet_sessions.c, enrolments.c, sessions.c
_ONE = (_T.clinic_id == bindparam("clinic"), _T.id == bindparam("tablet"))
_ENROLLED = (_E.clinic_id == _T.clinic_id) & (_E.id == _T.id)
_HEARD = (
    update(tablets)
    .where(*_ONE)
    .values(
        heard_at=bindparam("heard"),
        unsent=bindparam("left"),
        clock_offset_ms=bindparam("offset"),
        pace=bindparam("going"),
        silent_at=bindparam("silent_from"),
    )
)
_LOCK = (
    select(_T.unsent, _E.name).outerjoin(enrolments, _ENROLLED).where(*_ONE).with_for_update(key_share=True, of=tablets)
)
_OFFSET = Prepared(select(_T.clock_offset_ms).where(*_ONE))
_OPEN = (
    select(
        _O.session_id,
        _O.draft,
        _O.seconds,
        _S.listing,
        _S.next_change_at,
        _S.status,
        _S.status_since,
        _S.digest,
        _S.board,
    )
    .join(sessions, (_S.clinic_id == _O.clinic_id) & (_S.id == _O.session_id))
    .where(_O.clinic_id == bindparam("clinic"), _O.tablet_id == bindparam("tablet"))
)
_OF_SESSIONS = (
    select(_O.session_id, _T.id, _T.heard_at, _T.unsent, _O.draft, _E.id.is_not(None).label("enrolled"), _T.pace)
    .join(tablets, (_O.clinic_id == _T.clinic_id) & (_O.tablet_id == _T.id))
    .outerjoin(enrolments, _ENROLLED)
    .where(_O.clinic_id == bindparam("clinic"))
    .order_by(_T.id)
)
_OF_SESSION = Prepared(_OF_SESSIONS.where(_O.session_id == bindparam("session")))
_OF_SEVERAL = _OF_SESSIONS.where(_O.session_id.in_(bindparam("these", expanding=True)))
_SILENT = (
    select(_T.clinic_id, _T.id, _T.silent_at, _T.heard_at, _T.pace, _O.session_id, _O.seconds)
    .outerjoin(tablet_sessions, (_O.clinic_id == _T.clinic_id) & (_O.tablet_id == _T.id))
    .where(_T.silent_at.is_not(None), _T.silent_at <= bindparam("until"))
    .order_by(_T.silent_at)
)
_SILENT_HERE = _SILENT.where(_T.clinic_id == bindparam("clinic"))
_SILENT_ANYWHERE = _SILENT.limit(bindparam("limit"))
_SILENCE_FROM = update(tablets).where(*_ONE, _T.heard_at == bindparam("heard")).values(silent_at=bindparam("after"))
_SAID = select(_T.id, _T.heard_at, _T.unsent, _T.clock_offset_ms).where(
    _T.clinic_id == bindparam("clinic"), _T.id.in_(bindparam("these", expanding=True))
)
_OPEN_AT_SEVERAL = (
    select(_O.tablet_id, _O.session_id)
    .where(_O.clinic_id == bindparam("clinic"), _O.tablet_id.in_(bindparam("these", expanding=True)))
    .order_by(_O.tablet_id, _O.session_id)
)
_NAMELESS = (
    select(_T.id)
    .outerjoin(enrolments, _ENROLLED)
    .where(_T.clinic_id == bindparam("clinic"), _E.id.is_(None))
    .order_by(_T.id)
    .limit(bindparam("most"))
)
_NAMELESS_AFTER = _NAMELESS.where(_T.id > bindparam("place"))
_KNOWN = select(_S.id).where(_S.clinic_id == bindparam("clinic"), _S.id.in_(bindparam("these", expanding=True)))
_ADD, _OPENED = insert(tablets), insert(tablet_sessions)
_ONE_OPEN = (
    _O.clinic_id == bindparam("clinic"),
    _O.tablet_id == bindparam("tablet"),
    _O.session_id == bindparam("session"),
)
_DRAFT = update(tablet_sessions).where(*_ONE_OPEN).values(draft=bindparam("unfinished"))
_LEFT = delete(tablet_sessions).where(*_ONE_OPEN)
_THIS = select(_T.heard_at, _T.pace).where(*_ONE)


def lock(work: Work, tablet_id: UUID) -> LockedTablet | None:
    """What this tablet has open changes by nobody else until this work ends; None where it was never heard of."""
    row = work.first(_LOCK, tablet=tablet_id)
    return LockedTablet(row.name, row.unsent) if row else None


def heard(work: Work, tablet_id: UUID, contact: Contact, pace: int, silent_at: datetime | None) -> None:
    """Writes down what a tablet says now. `pace`: clinic seconds in one of the wall's."""
    said = {
        "heard": work.now,
        "left": contact.unsent,
        "offset": contact.clock_offset_ms,
        "going": pace,
        "silent_from": silent_at,
    }
    if work.change(_HEARD, {"clinic": work.clinic_id, "tablet": tablet_id, **said}) == 0:
        row = {
            "heard_at": work.now,
            "unsent": contact.unsent,
            "clock_offset_ms": contact.clock_offset_ms,
            "pace": pace,
            "silent_at": silent_at,
        }
        work.change(_ADD, {"clinic_id": work.clinic_id, "id": tablet_id, **row})


def last_heard(work: Work, tablet_id: UUID) -> tuple[datetime, int] | None:
    """When it was last heard of, and the clinic seconds in one of the wall's then; None where it never was."""
    row = work.first(_THIS, tablet=tablet_id)
    return None if row is None else (row.heard_at, row.pace)


def counts_as_silent(work: Work, tablet_id: UUID, heard_at: datetime, silent_at: datetime | None) -> bool:
    """From when on it counts as silent next; not where it was heard of since `heard_at`, which has said so itself."""
    values = {"clinic": work.clinic_id, "tablet": tablet_id, "heard": heard_at, "after": silent_at}
    return work.change(_SILENCE_FROM, values) > 0


def silent_anywhere(work: Work, until: datetime, limit: int) -> list[SilentTablet]:
    """Tablets of every clinic that fell silent by `until`, where that is not kept yet; longest silent first.

    The last of `limit` rows may leave sessions out: they are found in the next round.
    """
    return _silent(work.all(_SILENT_ANYWHERE, until=until, limit=limit))


def silent_here(work: Work) -> list[SilentTablet]:
    """The same of this clinic, by now."""
    return _silent(work.all(_SILENT_HERE, until=work.now))


def _silent(rows: Iterable[Row[Any]]) -> list[SilentTablet]:
    found: dict[tuple[UUID, UUID], SilentTablet] = {}
    for row in rows:
        key = (row.clinic_id, row.id)
        if key not in found:
            found[key] = SilentTablet(row.clinic_id, row.id, row.silent_at, row.heard_at, row.pace)
        if row.session_id is not None:
            found[key].seconds[row.session_id] = row.seconds
    return list(found.values())


def clock_offset_ms(work: Work, tablet_id: UUID) -> int | None:
    """How far its clock was off when it was last heard of; None where it never was."""
    row = work.first(_OFFSET, tablet=tablet_id)
    return None if row is None else row.clock_offset_ms


def nameless(work: Work, after: UUID | None, limit: int) -> list[UUID]:
    """The clinic's next tablets that were heard of and nobody enrolled, in order of their ids."""
    place = {} if after is None else {"place": after}
    return [row.id for row in work.all(_NAMELESS_AFTER if place else _NAMELESS, most=limit, **place)]


def said(work: Work, tablet_ids: Collection[UUID]) -> dict[UUID, Heartbeat]:
    """The last word of each of these tablets; one that was never heard of is left out."""
    rows = work.all(_SAID, these=list(tablet_ids)) if tablet_ids else ()
    return {row.id: Heartbeat(row.heard_at, row.unsent, row.clock_offset_ms) for row in rows}


def open_at_several(work: Work, tablet_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Which sessions each of these tablets has open."""
    found: dict[UUID, list[UUID]] = {}
    for row in work.all(_OPEN_AT_SEVERAL, these=list(tablet_ids)) if tablet_ids else ():
        found.setdefault(row.tablet_id, []).append(row.session_id)
    return found


def open_at(work: Work, tablet_id: UUID) -> dict[UUID, OpenHere]:
    """The sessions a tablet has open, each with where it stands."""
    found = work.all(_OPEN, tablet=tablet_id)
    return {row.session_id: OpenHere(**{name: getattr(row, name) for name in OpenHere.__slots__}) for row in found}


def known(work: Work, session_ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are sessions of the clinic."""
    return {row.id for row in work.all(_KNOWN, these=list(session_ids))} if session_ids else set()


def opened(work: Work, tablet_id: UUID, session_id: UUID, seconds: int, *, draft: bool) -> None:
    """The tablet has this session open from now on. `draft`: an unfinished set of it lies there."""
    row = {"clinic_id": work.clinic_id, "tablet_id": tablet_id, "session_id": session_id, "seconds": seconds}
    work.change(_OPENED, {**row, "draft": draft})


def set_draft(work: Work, tablet_id: UUID, session_id: UUID, *, draft: bool) -> None:
    """Whether an unfinished set of a session it has open lies on the tablet now."""
    this = {"clinic": work.clinic_id, "tablet": tablet_id, "session": session_id}
    work.change(_DRAFT, {**this, "unfinished": draft})


def left(work: Work, tablet_id: UUID, session_id: UUID) -> bool:
    """The tablet no longer has this session open; whether it had."""
    return work.change(_LEFT, {"clinic": work.clinic_id, "tablet": tablet_id, "session": session_id}) > 0


def of_session(work: Work, session_id: UUID) -> tuple[TabletContact, ...]:
    """The last word of every tablet and browser that has this session open."""
    return tuple(_contact(row) for row in work.all(_OF_SESSION, session=session_id))


def of_sessions(work: Work, session_ids: Collection[UUID]) -> dict[UUID, list[TabletContact]]:
    """The same of several sessions; one that none has open is left out."""
    found: dict[UUID, list[TabletContact]] = {}
    for row in work.all(_OF_SEVERAL, these=list(session_ids)) if session_ids else ():
        found.setdefault(row.session_id, []).append(_contact(row))
    return found


def _contact(row: Row[Any]) -> TabletContact:
    return TabletContact(row.id, row.heard_at, row.unsent, row.draft, bool(row.enrolled), row.pace)
