"""The feed as kept: changes of the record that wait for their number, and the numbered ones."""

from collections.abc import Sequence
from heapq import merge
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, func, insert, select, union, update

from app.db.claims import claim
from app.db.journal import entry_of
from app.db.tables import feed, journal, sessions, streams
from app.db.work import Work
from app.domain.feed import PUBLISHED, FeedItem
from app.domain.journal import REVISED, session_of, session_stream, subject_id_of, subject_of, told

BATCH = 100
"""Of how many streams what is new is numbered at a time: the writer must not be held up for long."""

_J, _F = journal.c, feed.c
_MOVED = (sessions, streams)
_WAITING = union(*(select(table.c.clinic_id).distinct().where(table.c.position > table.c.numbered) for table in _MOVED))
_SESSIONS_MOVED = (
    select(sessions.c.id, sessions.c.position, sessions.c.numbered)
    .where(sessions.c.clinic_id == bindparam("clinic"), sessions.c.position > sessions.c.numbered)
    .order_by(sessions.c.id)
    .limit(BATCH)
    # one that is being written to is numbered next time: nobody waits for it, and it waits for nobody
    .with_for_update(skip_locked=True)
)
_STREAMS_MOVED = (
    select(streams.c.stream, streams.c.position, streams.c.numbered)
    .where(streams.c.clinic_id == bindparam("clinic"), streams.c.position > streams.c.numbered)
    .order_by(streams.c.stream)
    .limit(BATCH)
)
_NEW = (
    select(_J.id, _J.stream, _J.position, _J.action)
    .where(
        _J.clinic_id == bindparam("clinic"),
        _J.stream == bindparam("of_stream"),
        _J.position > bindparam("from_position"),
        _J.position <= bindparam("to_position"),
    )
    .order_by(_J.position)
)
_LAST = select(_F.position).where(_F.clinic_id == bindparam("clinic")).order_by(_F.position.desc()).limit(1)
_NUMBER = insert(feed)
_SESSION_NUMBERED = (
    update(sessions)
    .where(sessions.c.clinic_id == bindparam("clinic"), sessions.c.id == bindparam("this"))
    .values(numbered=bindparam("to"))
)
_STREAM_NUMBERED = (
    update(streams)
    .where(streams.c.clinic_id == bindparam("clinic"), streams.c.stream == bindparam("this"))
    .values(numbered=bindparam("to"))
)


def items() -> Select[Any]:
    """Every numbered change of this work's clinic, for a caller to narrow."""
    return (
        select(
            _F.position.label("place"),
            journal,
            # a session never changes its patient
            func.coalesce(_J.patient_id, sessions.c.patient_id).label("whose"),
        )
        .join(journal, (_J.clinic_id == _F.clinic_id) & (_J.stream == _F.stream) & (_J.position == _F.entry))
        .outerjoin(sessions, (sessions.c.clinic_id == _J.clinic_id) & (sessions.c.id == _J.session_id))
        .where(_F.clinic_id == bindparam("clinic"))
        .order_by(_F.position)
    )


_PAGE = items().where(_F.position > bindparam("place")).limit(bindparam("most"))


def item_of(row: Row[Any]) -> FeedItem:
    """A row of `items` as a value."""
    entry = entry_of(row)
    return FeedItem(
        position=row.place,
        id=entry.id,
        kind=entry.action,
        at=entry.recorded_at,
        session_id=session_of(entry.stream),
        patient_id=row.whose,
        subject=subject_of(entry.kind),
        subject_id=subject_id_of(entry),
        revision=entry.revision if entry.kind in REVISED else None,
        values=told(entry),
    )


def waiting(work: Work) -> tuple[UUID, ...]:
    """Every clinic in which something waits for its number."""
    return tuple(row[0] for row in work.all(_WAITING))


def number(work: Work) -> int:
    """Numbers what is new in this clinic's streams, a batch of them at most; in how many something was new.

    None where another process is doing so at this moment. Two that number at once cannot fork the feed: a position
    exists once, and so does an entry.
    """
    if not claim(work, "feed"):
        return 0
    # Of one stream the order is that of its positions, given under the row's lock. Between streams it is that of the
    # entries' ids, which tell when each was made: a patient is told before their session.
    moved = [
        *((session_stream(row.id), row.id, row, _SESSION_NUMBERED) for row in work.all(_SESSIONS_MOVED)),
        *((row.stream, row.stream, row, _STREAM_NUMBERED) for row in work.all(_STREAMS_MOVED)),
    ]
    runs = [
        work.all(_NEW, of_stream=stream, from_position=row.numbered, to_position=row.position)
        for stream, _, row, _ in moved
    ]
    place = last(work) if runs else 0
    told_now = [one for one in merge(*runs, key=lambda one: one.id) if one.action in PUBLISHED]
    rows = [
        {"clinic_id": work.clinic_id, "position": place + offset, "stream": one.stream, "entry": one.position}
        for offset, one in enumerate(told_now, 1)
    ]
    if rows:
        work.change(_NUMBER, rows)
    for _, this, row, statement in moved:
        work.change(statement, {"clinic": work.clinic_id, "this": this, "to": row.position}, of_record=False)
    return len(runs)


def last(work: Work) -> int:
    """The newest position of this clinic, 0 where nothing has been numbered."""
    row = work.first(_LAST)
    return 0 if row is None else row.position


def page(work: Work, after: int, limit: int) -> Sequence[FeedItem]:
    """What follows the position `after`, in order."""
    return [item_of(row) for row in work.all(_PAGE, place=after, most=limit)]
