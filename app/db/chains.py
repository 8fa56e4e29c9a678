"""Sealing the log, and holding journal and log against their hashes."""

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, insert, select, union, update

from app.db.audit import log_event
from app.db.claims import claim
from app.db.journal import PAGE, of_stream
from app.db.tables import journal, log_events, log_links, log_pending, sessions, streams
from app.db.work import Work
from app.domain import tampering
from app.domain.audit import LOG, AuditEvent, BadRow, ChainCheck, Head, Link, Tail, next_link, verify
from app.domain.journal import Entry, session_of, session_stream
from app.domain.tampering import Faulty, Known

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

    First the events of the log, then the head of every stream of the journal that moved since the last seal. None
    where another process is sealing at this moment. Two at once cannot fork the chain: a position exists once.
    """
    if not claim(work, "seals"):
        return 0
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
            work.change(statement, values, of_record=False)
    return len(links)


# --- verifying -------------------------------------------------------------------------------------------------------

_ALL_CLINICS = union(select(_E.clinic_id).distinct(), select(_J.clinic_id).distinct())
_STREAMS = union(
    select(_J.stream).where(_J.clinic_id == bindparam("clinic")),
    select(_T.stream).where(_T.clinic_id == bindparam("clinic")),
    select(_L.head_stream).where(_OURS, _L.head_stream.is_not(None)),
)
_SESSION_IDS = select(_S.id).where(_S.clinic_id == bindparam("clinic"))
_SESSION_HEAD = select(_S.position, _S.hash, _S.sealed).where(
    _S.clinic_id == bindparam("clinic"), _S.id == bindparam("session")
)
_STREAM_HEAD = select(_T.position, _T.hash, _T.sealed).where(
    _T.clinic_id == bindparam("clinic"), _T.stream == bindparam("of_stream")
)
_SESSION_NAMED = select(_J.position, _J.id, _J.session_id).where(
    _J.clinic_id == bindparam("clinic"), _J.stream == bindparam("of_stream"), _J.session_id.is_not(None)
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
_PART = _CHAIN.where(_L.position > bindparam("place")).limit(bindparam("most"))
_AT_PLACE = select(_L.hash).where(_OURS, _L.position == bindparam("place"))
_UNLINKED = (
    select(log_events, log_pending.c.event_id.label("in_line"))
    .outerjoin(log_links, (_L.clinic_id == _E.clinic_id) & (_L.event_id == _E.id))
    .outerjoin(log_pending, (log_pending.c.clinic_id == _E.clinic_id) & (log_pending.c.event_id == _E.id))
    .where(_E.clinic_id == bindparam("clinic"), _L.position.is_(None))
    .order_by(_E.id)
)
_LOST = (
    select(log_pending.c.event_id)
    .outerjoin(log_events, (_E.clinic_id == log_pending.c.clinic_id) & (_E.id == log_pending.c.event_id))
    .where(log_pending.c.clinic_id == bindparam("clinic"), _E.id.is_(None))
)


def clinics_with_events(work: Work) -> tuple[UUID, ...]:
    """Every clinic that journal or log knows, the nil one (the installation's own) among them."""
    return tuple(sorted(row[0] for row in work.all(_ALL_CLINICS)))


def all_streams(work: Work) -> tuple[str, ...]:
    """Every stream of this clinic that any row knows of, the log first."""
    found = {row[0] for row in work.all(_STREAMS)} | {session_stream(row.id) for row in work.all(_SESSION_IDS)}
    return (LOG, *sorted(found))


def _page(column: Any, clinic: Any) -> Any:
    """The next names of streams in a column, in order."""
    wanted = (clinic == bindparam("clinic"), column > bindparam("name"))
    return select(column).where(*wanted).distinct().order_by(column).limit(bindparam("most"))


_NAMED_IN = (_page(_J.stream, _J.clinic_id), _page(_T.stream, _T.clinic_id), _page(_L.head_stream, _L.clinic_id))
_SESSIONS_PAGE = _page(_S.id, _S.clinic_id)
_FIRST_SESSION, _LAST_SESSION = session_stream(UUID(int=0)), session_stream(UUID(int=2**128 - 1))


def streams_after(work: Work, name: str, most: int) -> list[str]:
    """The next streams of this clinic that any row knows of, in the order of their names; never the log."""
    found = {row[0] for asked in _NAMED_IN for row in work.all(asked, name=name, most=most)}
    if name < _LAST_SESSION:
        first = session_of(name) if name >= _FIRST_SESSION else None
        ids = work.all(_SESSIONS_PAGE, name=first or UUID(int=0), most=most)
        found |= {session_stream(row.id) for row in ids}
    return sorted(found)[:most]


_STREAM_HEADS = select(_T.stream, _T.position, _T.hash).where(_T.clinic_id == bindparam("clinic"), _T.position > 0)
_SESSION_HEADS = select(_S.id, _S.position, _S.hash).where(_S.clinic_id == bindparam("clinic"), _S.position > 0)


def heads(work: Work) -> list[Head]:
    """The newest of the log and of every stream, by the streams' own rows: few statements, however many there are."""
    newest = head(work, LOG)
    streams_ = [Head(row.stream, row.position, row.hash) for row in work.all(_STREAM_HEADS)]
    sessions_ = [Head(session_stream(row.id), row.position, row.hash) for row in work.all(_SESSION_HEADS)]
    others = sorted([*streams_, *sessions_], key=lambda one: one.stream)
    return [*([] if newest is None else [newest]), *others]


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
        yield _linked(row)


def _linked(row: Row[Any]) -> tuple[Link, AuditEvent | None]:
    holds = row.link_head_stream is not None
    link = Link(
        stream=LOG,
        position=row.link_position,
        event_id=row.link_event_id,
        head=Head(row.link_head_stream, row.link_head_position, row.link_head_hash) if holds else None,
        prev=row.link_prev_hash,
        hash=row.link_hash,
    )
    return link, None if row.id is None else log_event(row)


def _known(work: Work, stream: str, outside: Mapping[int, str] | None) -> Known:
    """What the database itself knows of a stream from elsewhere, and what is kept outside of it."""
    session_id = session_of(stream)
    row = (
        work.first(_STREAM_HEAD, of_stream=stream)
        if session_id is None
        else work.first(_SESSION_HEAD, session=session_id)
    )
    return Known(
        row=None if row is None else Head(stream, row.position, row.hash),
        seals={link.head.position: link.head.hash for link in seals_of(work, stream) if link.head},
        outside=outside or {},
        sealed=None if row is None else row.sealed,
    )


def verify_stream(
    work: Work, stream: str, outside: Mapping[int, str] | None = None, wall: datetime | None = None
) -> ChainCheck:
    """Checks one stream of this clinic, or its log. `outside`: anchors of it kept elsewhere; they outrank our own.

    `wall`: the wall clock, where it counts how old what is not sealed is.
    """
    if stream == LOG:
        with closing(_log(work)) as links:
            return verify(LOG, links, outside, _tail(work), wall)
    # closed here and now: a verifier that fails leaves the rest unread
    with closing(of_stream(work, stream)) as entries:
        check = tampering.verify(stream, entries, _known(work, stream, outside), wall)
    return replace(check, wrong=(*check.wrong, *_named_otherwise(work, stream)))


def verify_part(work: Work, after: int, most: int, wall: datetime) -> tuple[ChainCheck, int | None]:
    """Checks the links of the log after a position, so many at most; and where to go on, None at the end."""
    links = [_linked(row) for row in work.all(_PART, place=after, most=most)]
    follows = work.first(_AT_PLACE, place=after)
    before = None if after == 0 else Head(LOG, after, "" if follows is None else follows.hash)
    is_end = len(links) < most
    check = verify(LOG, links, None, _tail(work) if is_end else None, wall, before)
    return check, None if is_end else links[-1][0].position


def faulty(work: Work, check: ChainCheck, outside: Mapping[int, str] | None = None) -> Faulty:
    """A stream that does not hold, whole, to be explained."""
    entries: list[Entry] = list(of_stream(work, check.stream))
    return Faulty(work.clinic_id, check.stream, entries, _known(work, check.stream, outside), check)


def _tail(work: Work) -> Tail:
    """What of the log no link holds yet."""
    behind = [(row.in_line is not None, log_event(row)) for row in work.all(_UNLINKED)]
    return Tail(
        waiting=tuple(event for in_line, event in behind if in_line),
        loose=tuple(event for in_line, event in behind if not in_line),
        lost=tuple(row.event_id for row in work.all(_LOST)),
    )


def _named_otherwise(work: Work, stream: str) -> list[BadRow]:
    """Entries whose row names another session than its stream: the one column that no hash covers."""
    own = session_of(stream)
    return [
        BadRow(row.position, row.id, f"its row names the session {row.session_id}, and its stream another")
        for row in work.all(_SESSION_NAMED, of_stream=stream)
        if row.session_id != own
    ]
