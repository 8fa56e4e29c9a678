"""What calls: the lines in which something does, and what is known of each such thing. Housekeeping, not record."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, bindparam, delete, or_, select, type_coerce, update

from app.db import sessions as kept_sessions
from app.db.sessions import BoardRow
from app.db.tables import alerts, clinics, sessions
from app.db.work import Work
from app.domain.alerting import Called

Thing = tuple[UUID, str]
"""A session, and the name of what calls in it."""
_A, _S = alerts.c, sessions.c
_OURS = _A.clinic_id == bindparam("clinic")
_ONE = (_OURS, _A.session_id == bindparam("session"), _A.alert == bindparam("name"))
_LOCK = select(clinics.c.id).where(clinics.c.id == bindparam("clinic")).with_for_update(key_share=True)
# canonical JSON has one spelling: no text that somebody typed reads like this, for its quotes are escaped
_SEVERE = type_coerce(_S.board, Text).like('%"acknowledge":true%')
_CALLING = select(sessions).where(
    _S.clinic_id == bindparam("clinic"), _S.listing == "active", or_(_SEVERE, _S.overdue_at < bindparam("now"))
)
_KNOWN = select(alerts).where(_OURS)
_CALL = update(alerts).where(*_ONE).values(calls=_A.calls + 1)
_SEE = update(alerts).where(*_ONE, _A.seen_at.is_(None)).values(seen_at=bindparam("wall"))
_FORGET = delete(alerts).where(*_ONE)


def lock(work: Work) -> None:
    """What calls in this clinic stays as it is until this work ends."""
    work.first(_LOCK)


def calling(work: Work) -> list[BoardRow]:
    """The lines of active sessions in which something calls, or may."""
    return kept_sessions.lines(work, _CALLING, now=work.now)


def known(work: Work) -> Mapping[Thing, Called]:
    """What is known of whatever calls, or did."""
    return {(row.session_id, row.alert): Called(row.noticed_at, row.calls, row.seen_at) for row in work.all(_KNOWN)}


def notice(work: Work, things: Iterable[Thing], wall: datetime) -> None:
    """These have begun to call."""
    for session_id, name in things:
        work.insert(alerts, session_id=session_id, alert=name, noticed_at=wall, calls=0, seen_at=None)


def count_call(work: Work, thing: Thing) -> None:
    """It is about to call tablets that are not looked at."""
    work.change(_CALL, _named(work, thing))


def see(work: Work, thing: Thing, wall: datetime) -> None:
    """Somebody has seen it; the first word stands."""
    work.change(_SEE, {**_named(work, thing), "wall": wall})


def forget(work: Work, things: Iterable[Thing]) -> None:
    """These call no more."""
    for thing in things:
        work.change(_FORGET, _named(work, thing))


def _named(work: Work, thing: Thing) -> dict[str, object]:
    return {"clinic": work.clinic_id, "session": thing[0], "name": thing[1]}
