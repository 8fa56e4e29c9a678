"""The audit as kept: pages of it, its seals, and its chains for the verifier."""

from collections.abc import Generator, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, insert, select, union, update

from app.db.tables import MOVED, audit_events, audit_links, audit_pending, sessions
from app.db.work import Work, link_row
from app.domain.audit import CLINIC_STREAM, AuditEvent, Head, Link, Verdict, next_link, session_stream, verify

BATCH = 1000
"""How much one seal takes at a time: the writer must not be held up for long."""
PAGE = 500
"""Rows a verifier holds at once."""


class Conditions(Protocol):
    """Which events: all conditions given must hold. `since` inclusive, `until` exclusive, by the clinic's clock."""

    @property
    def session_id(self) -> UUID | None: ...
    @property
    def patient_id(self) -> UUID | None: ...
    @property
    def actor_id(self) -> UUID | None: ...
    @property
    def action(self) -> str | None: ...
    @property
    def since(self) -> datetime | None: ...
    @property
    def until(self) -> datetime | None: ...


_E, _L = audit_events.c, audit_links.c
_FIELDS = tuple(AuditEvent.__slots__)
_HELD = (_L.clinic_id == _E.clinic_id) & (_L.event_id == _E.id)

_HEAD = (
    select(audit_links)
    .where(_L.clinic_id == bindparam("clinic"), _L.stream == bindparam("of_stream"))
    .order_by(_L.position.desc())
    .limit(1)
)
_WAITING = union(select(audit_pending.c.clinic_id).distinct(), select(sessions.c.clinic_id).distinct().where(MOVED))
_PENDING = (
    select(audit_events)
    .join(
        audit_pending,
        (audit_pending.c.clinic_id == _E.clinic_id) & (audit_pending.c.event_id == _E.id),
    )
    .where(audit_pending.c.clinic_id == bindparam("clinic"))
    .order_by(audit_pending.c.event_id)
    .limit(BATCH)
)
_MOVED_ONES = (
    select(sessions.c.id, sessions.c.chain_position, sessions.c.chain_hash)
    .where(sessions.c.clinic_id == bindparam("clinic"), MOVED)
    .order_by(sessions.c.id)
    .limit(BATCH)
)
_ADD_LINKS = insert(audit_links)
_NO_LONGER_PENDING = delete(audit_pending).where(
    audit_pending.c.clinic_id == bindparam("clinic"), audit_pending.c.event_id == bindparam("event")
)
_SEALED = (
    update(sessions)
    .where(sessions.c.clinic_id == bindparam("clinic"), sessions.c.id == bindparam("session"))
    .values(sealed_position=bindparam("to"))
)
_CHAIN = (
    select(
        *(_L[name].label(f"link_{name}") for name in _L.keys()),  # noqa: SIM118 - a collection of columns, not a dict
        audit_events,
    )
    .outerjoin(audit_events, _HELD)
    .where(_L.clinic_id == bindparam("clinic"), _L.stream == bindparam("of_stream"))
    .order_by(_L.position)
)
_UNLINKED = (
    select(func.count())
    .select_from(audit_events)
    .outerjoin(audit_links, _HELD)
    .where(_E.clinic_id == bindparam("clinic"), _E.stream == bindparam("of_stream"), _L.position.is_(None))
)
_UNLINKED_OF_SESSION = _UNLINKED.where(_E.session_id == bindparam("session"))
_STREAMS = union(
    select(_L.stream).where(_L.clinic_id == bindparam("clinic")),
    select(_L.head_stream).where(_L.clinic_id == bindparam("clinic"), _L.head_stream.is_not(None)),
    select(_E.stream).where(_E.clinic_id == bindparam("clinic")),
)
_SEALED_HEADS = select(_L.head_position, _L.head_hash).where(
    _L.clinic_id == bindparam("clinic"), _L.head_stream == bindparam("of_stream")
)
_SEALS = (
    select(audit_links)
    .where(_L.clinic_id == bindparam("clinic"), _L.head_stream == bindparam("of_stream"))
    .order_by(_L.position)
)
_ROW_HEAD = select(sessions.c.chain_position, sessions.c.chain_hash).where(
    sessions.c.clinic_id == bindparam("clinic"), sessions.c.id == bindparam("session")
)
_ALL_CLINICS = select(_E.clinic_id).distinct()


def _event(row: Row[Any]) -> AuditEvent:
    return AuditEvent(**{name: getattr(row, name) for name in _FIELDS})


def _where(work: Work, conditions: Conditions) -> list[ColumnElement[bool]]:
    """All conditions but `until`."""
    where: list[ColumnElement[bool]] = [_E.clinic_id == work.clinic_id]
    for column, value in (
        (_E.session_id, conditions.session_id),
        (_E.patient_id, conditions.patient_id),
        (_E.actor_id, conditions.actor_id),
        (_E.action, conditions.action),
    ):
        if value is not None:
            where.append(column == value)
    if conditions.since is not None:
        where.append(_E.at >= conditions.since)
    return where


def page(work: Work, conditions: Conditions, after: UUID | None, limit: int) -> tuple[list[AuditEvent], UUID | None]:
    """Events newest first, and where to go on."""
    where = _where(work, conditions)
    if conditions.until is not None:
        where.append(_E.at < conditions.until)
    if after is not None:
        where.append(_E.id < after)
    rows = work.all(select(audit_events).where(*where).order_by(_E.id.desc()).limit(limit + 1))
    events = [_event(row) for row in rows[:limit]]
    return events, events[-1].id if len(rows) > limit else None


# --- sealing ---------------------------------------------------------------------------------------------------------


def waiting(work: Work) -> tuple[UUID, ...]:
    """Every clinic (the nil one too) in which something waits to be sealed."""
    return tuple(row[0] for row in work.all(_WAITING))


def head(work: Work, stream: str) -> Head | None:
    """The newest link of a chain, None where it has none."""
    row = work.first(_HEAD, of_stream=stream)
    return None if row is None else Head(stream, row.position, row.hash)


def seal(work: Work) -> int:
    """Links what waits of this clinic, a batch at most; how many links were made.

    First the events of the clinic's stream, then the head of every session chain that moved since the last seal. Two
    sealers at once cannot fork the chain: a position exists once.
    """
    events = [_event(row) for row in work.all(_PENDING)]
    moved = work.all(_MOVED_ONES)
    if not events and not moved:
        return 0
    newest = head(work, CLINIC_STREAM)
    heads = [Head(session_stream(row.id), row.chain_position, row.chain_hash) for row in moved]
    links: list[Link] = []
    to_link: list[AuditEvent | Head] = [*events, *heads]
    for entry in to_link:
        link = next_link(newest, CLINIC_STREAM, entry)
        newest = Head(CLINIC_STREAM, link.position, link.hash)
        links.append(link)
    work.change(_ADD_LINKS, [link_row(work.clinic_id, link) for link in links])
    if events:
        work.change(_NO_LONGER_PENDING, [{"clinic": work.clinic_id, "event": event.id} for event in events])
    if moved:
        work.change(_SEALED, [{"clinic": work.clinic_id, "session": row.id, "to": row.chain_position} for row in moved])
    return len(links)


# --- verifying -------------------------------------------------------------------------------------------------------


def clinics_with_events(work: Work) -> tuple[UUID, ...]:
    """Every clinic the audit knows, the nil one (the installation's own events) among them."""
    return tuple(sorted(row[0] for row in work.all(_ALL_CLINICS)))


def streams(work: Work) -> tuple[str, ...]:
    """Every chain of this clinic that any row knows of, the clinic's own first."""
    found = {row[0] for row in work.all(_STREAMS)}
    return (CLINIC_STREAM, *sorted(found - {CLINIC_STREAM}))


def entries(work: Work, stream: str) -> Generator[tuple[Link, AuditEvent | None], None, None]:
    """The links of one chain in order, each with its event where it holds one; a page of rows in memory at a time."""
    for row in work.flow(_CHAIN, PAGE, of_stream=stream):
        holds_head = row.link_head_stream is not None
        link = Link(
            stream=row.link_stream,
            position=row.link_position,
            event_id=row.link_event_id,
            head=Head(row.link_head_stream, row.link_head_position, row.link_head_hash) if holds_head else None,
            prev=row.link_prev_hash,
            hash=row.link_hash,
        )
        yield link, None if row.id is None else _event(row)


def seals_of(work: Work, stream: str) -> tuple[Link, ...]:
    """The links of the clinic's own chain that hold a head of this session's chain, oldest first."""
    return tuple(
        Link(
            stream=row.stream,
            position=row.position,
            event_id=None,
            head=Head(row.head_stream, row.head_position, row.head_hash),
            prev=row.prev_hash,
            hash=row.hash,
        )
        for row in work.all(_SEALS, of_stream=stream)
    )


def anchors_within(work: Work, stream: str) -> dict[int, str]:
    """What the database itself knows of a session's chain from elsewhere: the clinic's seals, and the session's row."""
    session_id = _session_of(stream)
    if session_id is None:
        return {}
    held: dict[int, str] = {}
    row = work.first(_ROW_HEAD, session=session_id)
    if row is not None and row.chain_position:
        held[row.chain_position] = row.chain_hash
    return held | {found.head_position: found.head_hash for found in work.all(_SEALED_HEADS, of_stream=stream)}


def verify_stream(work: Work, stream: str, outside: Mapping[int, str] | None = None) -> Verdict:
    """Checks one chain of this clinic. `outside`: anchors of this chain kept elsewhere; they outrank our own."""
    session_id = _session_of(stream)
    row = (
        work.first(_UNLINKED, of_stream=stream)
        if session_id is None
        else work.first(_UNLINKED_OF_SESSION, of_stream=stream, session=session_id)
    )
    anchors = anchors_within(work, stream) | dict(outside or {})
    # closed here and now: a verifier that stops at a bad row leaves the rest unread
    with closing(entries(work, stream)) as found:
        return verify(stream, found, anchors, row[0] if row else 0)


def _session_of(stream: str) -> UUID | None:
    kind, _, name = stream.partition(":")
    return UUID(name) if kind == "session" else None


# --- in order of arrival ---------------------------------------------------------------------------------------------


def events_after(work: Work, conditions: Conditions, after: UUID | None, limit: int) -> list[AuditEvent]:
    """The next events, oldest first. `until` is inclusive here, for whoever tells the record as of an instant."""
    where = _where(work, conditions)
    if conditions.until is not None:
        where.append(_E.at <= conditions.until)
    if after is not None:
        where.append(_E.id > after)
    return [_event(row) for row in work.all(select(audit_events).where(*where).order_by(_E.id).limit(limit))]


def event(work: Work, event_id: UUID) -> AuditEvent | None:
    """One event."""
    row = work.first(select(audit_events).where(_E.clinic_id == work.clinic_id, _E.id == event_id))
    return None if row is None else _event(row)
