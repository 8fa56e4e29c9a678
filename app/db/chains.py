"""Sealing the log, and holding journal and log against their hashes."""

from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, func, insert, select, union, update

from app.db.audit import log_event
from app.db.journal import PAGE, of_stream
from app.db.tables import journal, log_events, log_links, log_pending, sessions, streams
from app.db.work import Work
from app.domain import journal as journals
from app.domain.audit import LOG, AuditEvent, ChainCheck, Head, Link, next_link, verify
from app.domain.journal import session_of, session_stream

BATCH = 1000
"""How much one seal takes at a time: the writer must not be held up for long."""

_E, _L, _J, _S, _T = log_events.c, log_links.c, journal.c, sessions.c, streams.c
_OURS = _L.clinic_id == bindparam("clinic")
_NEWEST = select(log_links).where(_OURS).order_by(_L.position.desc()).limit(1)
_WAITING = union(
    select(log_pending.c.clinic_id).distinct(),
    select(_S.clinic_id).distinct().where(_S.position > _S.sealed),
    select(_T.clinic_id).distinct().where(_T.position > _T.sealed),
)
_PENDING = (
    select(log_events)
    .join(log_pending, (log_pending.c.clinic_id == _E.clinic_id) & (log_pending.c.event_id == _E.id))
    .where(log_pending.c.clinic_id == bindparam("clinic"))
    .order_by(log_pending.c.event_id)
    .limit(BATCH)
)
_SESSIONS_MOVED = (
    select(_S.id, _S.position, _S.hash)
    .where(_S.clinic_id == bindparam("clinic"), _S.position > _S.sealed)
    .order_by(_S.id)
    .limit(BATCH)
)
_STREAMS_MOVED = (
    select(_T.stream, _T.position, _T.hash)
    .where(_T.clinic_id == bindparam("clinic"), _T.position > _T.sealed)
    .order_by(_T.stream)
    .limit(BATCH)
)
_ADD_LINKS = insert(log_links)
_NO_LONGER_PENDING = delete(log_pending).where(
    log_pending.c.clinic_id == bindparam("clinic"), log_pending.c.event_id == bindparam("event")
)
_SESSION_SEALED = (
    update(sessions)
    .where(_S.clinic_id == bindparam("clinic"), _S.id == bindparam("this"))
    .values(sealed=bindparam("to"))
)
_STREAM_SEALED = (
    update(streams)
    .where(_T.clinic_id == bindparam("clinic"), _T.stream == bindparam("this"))
    .values(sealed=bindparam("to"))
)


def _link_row(clinic_id: UUID, link: Link) -> dict[str, Any]:
    return {
        "clinic_id": clinic_id,
        "position": link.position,
        "event_id": link.event_id,
        "head_stream": link.head.stream if link.head else None,
        "head_position": link.head.position if link.head else None,
        "head_hash": link.head.hash if link.head else None,
        "prev_hash": link.prev,
        "hash": link.hash,
    }


def _link(row: Row[Any]) -> Link:
    head = None if row.head_stream is None else Head(row.head_stream, row.head_position, row.head_hash)
    return Link(LOG, row.position, row.event_id, head, row.prev_hash, row.hash)


# --- sealing ---------------------------------------------------------------------------------------------------------


def waiting(work: Work) -> tuple[UUID, ...]:
    """Every clinic (the nil one too) in which something waits to be sealed."""
    return tuple(row[0] for row in work.all(_WAITING))


def seal(work: Work) -> int:
    """Links what waits of this clinic, a batch at most; how many links were made.

    First the events of the log, then the head of every stream of the journal that moved since the last seal. Two
    sealers at once cannot fork the chain: a position exists once.
    """
    events = [log_event(row) for row in work.all(_PENDING)]
    moved_sessions, moved_streams = work.all(_SESSIONS_MOVED), work.all(_STREAMS_MOVED)
    heads = [Head(row.stream, row.position, row.hash) for row in moved_streams]
    heads += [Head(session_stream(row.id), row.position, row.hash) for row in moved_sessions]
    if not events and not heads:
        return 0
    newest = head(work, LOG)
    links: list[Link] = []
    to_link: list[AuditEvent | Head] = [*events, *heads]
    for one in to_link:
        link = next_link(newest, LOG, one)
        newest = Head(LOG, link.position, link.hash)
        links.append(link)
    work.change(_ADD_LINKS, [_link_row(work.clinic_id, link) for link in links])
    clinic = work.clinic_id
    for statement, values in (
        (_NO_LONGER_PENDING, [{"clinic": clinic, "event": event.id} for event in events]),
        (_SESSION_SEALED, [{"clinic": clinic, "this": row.id, "to": row.position} for row in moved_sessions]),
        (_STREAM_SEALED, [{"clinic": clinic, "this": row.stream, "to": row.position} for row in moved_streams]),
    ):
        if values:
            work.change(statement, values)
    return len(links)


# --- verifying -------------------------------------------------------------------------------------------------------

_ALL_CLINICS = union(select(_E.clinic_id).distinct(), select(_J.clinic_id).distinct())
_STREAMS = union(
    select(_J.stream).where(_J.clinic_id == bindparam("clinic")),
    select(_T.stream).where(_T.clinic_id == bindparam("clinic")),
    select(_L.head_stream).where(_OURS, _L.head_stream.is_not(None)),
)
_SESSION_IDS = select(_S.id).where(_S.clinic_id == bindparam("clinic"))
_SESSION_HEAD = select(_S.position, _S.hash).where(_S.clinic_id == bindparam("clinic"), _S.id == bindparam("session"))
_STREAM_HEAD = select(_T.position, _T.hash).where(
    _T.clinic_id == bindparam("clinic"), _T.stream == bindparam("of_stream")
)
_LAST = (
    select(_J.position, _J.hash)
    .where(_J.clinic_id == bindparam("clinic"), _J.stream == bindparam("of_stream"))
    .order_by(_J.position.desc())
    .limit(1)
)
_SEALS = select(log_links).where(_OURS, _L.head_stream == bindparam("of_stream")).order_by(_L.position)
_CHAIN = (
    select(*(_L[name].label(f"link_{name}") for name in _L.keys()), log_events)  # noqa: SIM118 - columns, not a dict
    .outerjoin(log_events, (_L.clinic_id == _E.clinic_id) & (_L.event_id == _E.id))
    .where(_OURS)
    .order_by(_L.position)
)
_UNLINKED = (
    select(func.count())
    .select_from(log_events)
    .outerjoin(log_links, (_L.clinic_id == _E.clinic_id) & (_L.event_id == _E.id))
    .where(_E.clinic_id == bindparam("clinic"), _L.position.is_(None))
)


def clinics_with_events(work: Work) -> tuple[UUID, ...]:
    """Every clinic that journal or log knows, the nil one (the installation's own) among them."""
    return tuple(sorted(row[0] for row in work.all(_ALL_CLINICS)))


def all_streams(work: Work) -> tuple[str, ...]:
    """Every stream of this clinic that any row knows of, the log first."""
    found = {row[0] for row in work.all(_STREAMS)} | {session_stream(row.id) for row in work.all(_SESSION_IDS)}
    return (LOG, *sorted(found))


def head(work: Work, stream: str) -> Head | None:
    """The newest of a stream or of the log, None where it holds nothing."""
    row = work.first(_NEWEST) if stream == LOG else work.first(_LAST, of_stream=stream)
    return None if row is None else Head(stream, row.position, row.hash)


def seals_of(work: Work, stream: str) -> tuple[Link, ...]:
    """The links of the log that hold a head of this stream, oldest first."""
    return tuple(_link(row) for row in work.all(_SEALS, of_stream=stream))


def _log(work: Work) -> Generator[tuple[Link, AuditEvent | None], None, None]:
    """The links of the log in order, each with its event where it holds one; a page of rows in memory at a time."""
    for row in work.flow(_CHAIN, PAGE):
        holds = row.link_head_stream is not None
        link = Link(
            stream=LOG,
            position=row.link_position,
            event_id=row.link_event_id,
            head=Head(row.link_head_stream, row.link_head_position, row.link_head_hash) if holds else None,
            prev=row.link_prev_hash,
            hash=row.link_hash,
        )
        yield link, None if row.id is None else log_event(row)


def _anchors_within(work: Work, stream: str) -> dict[int, str]:
    """What the database itself knows of a stream from elsewhere: the log's seals, and the stream's row."""
    session_id = session_of(stream)
    row = (
        work.first(_STREAM_HEAD, of_stream=stream)
        if session_id is None
        else work.first(_SESSION_HEAD, session=session_id)
    )
    held = {row.position: row.hash} if row is not None and row.position else {}
    return held | {link.head.position: link.head.hash for link in seals_of(work, stream) if link.head}


def verify_stream(work: Work, stream: str, outside: Mapping[int, str] | None = None) -> ChainCheck:
    """Checks one stream of this clinic, or its log. `outside`: anchors of it kept elsewhere; they outrank our own."""
    # closed here and now: a verifier that stops at a bad row leaves the rest unread
    if stream == LOG:
        unlinked = work.first(_UNLINKED)
        with closing(_log(work)) as links:
            return verify(LOG, links, dict(outside or {}), unlinked[0] if unlinked else 0)
    anchors = _anchors_within(work, stream) | dict(outside or {})
    with closing(of_stream(work, stream)) as entries:
        return journals.verify(stream, entries, anchors)
