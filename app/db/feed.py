"""The feed as kept: changes of the record that wait for their number, and the numbered ones."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, delete, func, insert, select

from app.db.tables import audit_events, feed, feed_pending, sessions
from app.db.work import Work
from app.domain.feed import FeedItem

BATCH = 1000
"""How much is numbered at a time: the writer must not be held up for long."""

_E, _F = audit_events.c, feed.c
_WAITING = select(feed_pending.c.clinic_id).distinct()
_PENDING = (
    select(feed_pending.c.event_id, feed_pending.c.revision)
    .where(feed_pending.c.clinic_id == bindparam("clinic"))
    .order_by(feed_pending.c.chain_position, feed_pending.c.event_id)
    .limit(BATCH)
)
_LAST = select(_F.position).where(_F.clinic_id == bindparam("clinic")).order_by(_F.position.desc()).limit(1)
_NUMBER = insert(feed)
_NO_LONGER_PENDING = delete(feed_pending).where(
    feed_pending.c.clinic_id == bindparam("clinic"), feed_pending.c.event_id == bindparam("event")
)


def items() -> Select[Any]:
    """Every numbered change of this work's clinic, for a caller to narrow."""
    return (
        select(
            _F.position,
            _F.revision,
            _E.id,
            _E.action,
            _E.at,
            _E.session_id,
            # a session never changes its patient
            func.coalesce(_E.patient_id, sessions.c.patient_id).label("patient_id"),
            _E.subject,
            _E.subject_id,
            _E.after,
        )
        .join(audit_events, (_E.clinic_id == _F.clinic_id) & (_E.id == _F.event_id))
        .outerjoin(sessions, (sessions.c.clinic_id == _E.clinic_id) & (sessions.c.id == _E.session_id))
        .where(_F.clinic_id == bindparam("clinic"))
        .order_by(_F.position)
    )


_PAGE = items().where(_F.position > bindparam("place")).limit(bindparam("most"))


def item_of(row: Row[Any]) -> FeedItem:
    """A row of `items` as a value."""
    return FeedItem(
        position=row.position,
        id=row.id,
        kind=row.action,
        at=row.at,
        session_id=row.session_id,
        patient_id=row.patient_id,
        subject=row.subject,
        subject_id=row.subject_id,
        revision=row.revision,
        values=row.after,
    )


def waiting(work: Work) -> tuple[UUID, ...]:
    """Every clinic in which something waits for its number."""
    return tuple(row[0] for row in work.all(_WAITING))


def number(work: Work) -> int:
    """Numbers what waits in this clinic, a batch at most; how many.

    Two that number at once cannot fork the feed: a position exists once, and so does an event.
    """
    # The order of one session's changes is that of its chain, whose positions are given under the session's row lock:
    # whoever sees one of them sees, committed, every earlier one, however the ids of several processes interleave.
    pending = work.all(_PENDING)
    if not pending:
        return 0
    place = last(work)
    rows = [
        {"clinic_id": work.clinic_id, "position": place + offset, "event_id": row.event_id, "revision": row.revision}
        for offset, row in enumerate(pending, 1)
    ]
    work.change(_NUMBER, rows)
    work.change(_NO_LONGER_PENDING, [{"clinic": work.clinic_id, "event": row.event_id} for row in pending])
    return len(rows)


def last(work: Work) -> int:
    """The newest position of this clinic, 0 where nothing has been numbered."""
    row = work.first(_LAST)
    return 0 if row is None else row.position


def page(work: Work, after: int, limit: int) -> Sequence[FeedItem]:
    """What follows the position `after`, in order."""
    return [item_of(row) for row in work.all(_PAGE, place=after, most=limit)]
