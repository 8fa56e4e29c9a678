"""Work: one unit of keeping, on one connection, for one actor in one clinic.

It refuses to end where something of the record was kept and no audit event says so. It never commits: the engine does,
and lets the answer go only afterwards.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Executable, Row, Table, bindparam, insert, select, update
from sqlalchemy.sql.dml import UpdateBase

from app.db.refusals import UnauditedWork
from app.db.tables import audit_events, audit_links, audit_pending, sessions
from app.domain.audit import CLINIC_STREAM, START, AuditEvent, Head, Link, next_link, session_stream
from app.domain.canonical import Document
from app.domain.people import Actor, Itself
from app.domain.records import Signer

NIL = UUID(int=0)
SERVICE = "infusion-vitals"


def service_actor(clinic_id: UUID) -> Actor:
    """The service itself, acting in one clinic."""
    return Actor(clinic_id=clinic_id, staff_id=None, name=SERVICE, role=Itself.SERVICE)


NOBODY = service_actor(NIL)
"""The service where no clinic is known yet: sign-in look-ups, the list of clinics, what is due anywhere."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the audit takes the wall clock and new ids from."""

    wall: Callable[[], datetime]
    new_id: Callable[[], UUID]


_HEAD = (
    select(sessions.c.chain_position, sessions.c.chain_hash)
    .where(sessions.c.clinic_id == bindparam("clinic"), sessions.c.id == bindparam("session"))
    .with_for_update(key_share=True)
)
_MOVE_HEAD = (
    update(sessions)
    .where(sessions.c.clinic_id == bindparam("clinic"), sessions.c.id == bindparam("session"))
    .values(chain_position=bindparam("position"), chain_hash=bindparam("hash"))
)
_ADD_EVENT = insert(audit_events)
_ADD_LINK = insert(audit_links)
_ADD_PENDING = insert(audit_pending)


class Work:
    """What a verb is given: who acts, when by the clinic's clock, and the way to the tables of their clinic."""

    def __init__(self, connection: Connection, actor: Actor, now: datetime, sources: Sources) -> None:
        self.actor = actor
        self.now = now
        self._connection = connection
        self._sources = sources
        self._kept: set[str] = set()
        self._noted: list[AuditEvent] = []
        self._heads: dict[UUID, Head] = {}

    @property
    def clinic_id(self) -> UUID:
        """The one clinic this work can see."""
        return self.actor.clinic_id

    @property
    def signer(self) -> Signer:
        """The actor as they are called now, for what is kept under their name."""
        return Signer(staff_id=self.actor.staff_id, name=self.actor.name, role=self.actor.called)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._connection.dialect.name

    # --- for app.db alone ---------------------------------------------------------------------------------------------

    def all(self, statement: Executable, **values: Any) -> Sequence[Row[Any]]:
        """Every row. `clinic` is always bound to this work's clinic."""
        return self._connection.execute(statement, {"clinic": self.clinic_id, **values}).all()

    def first(self, statement: Executable, **values: Any) -> Row[Any] | None:
        """The first row, None where there is none."""
        return self._connection.execute(statement, {"clinic": self.clinic_id, **values}).first()

    def flow(self, statement: Executable, page: int, **values: Any) -> Iterator[Row[Any]]:
        """Rows as they come, `page` at a time, so that memory stays flat however many there are."""
        bound = {"clinic": self.clinic_id, **values}
        with self._connection.execute(statement, bound, execution_options={"yield_per": page}) as rows:
            yield from rows

    def change(self, statement: UpdateBase, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> int:
        """Inserts, updates or deletes; how many rows it met."""
        table = statement.table
        if isinstance(table, Table) and table.info["record"]:
            self._kept.add(table.name)
        result = self._connection.execute(statement, values)
        return result.rowcount

    def insert(self, table: Table, **values: Any) -> None:
        """One row into a table of this clinic, `clinic_id` filled in."""
        self.change(_insert(table), {"clinic_id": self.clinic_id, **values})

    def stamp(self, document: Document, reason: str | None = None) -> dict[str, Any]:
        """The columns of whatever is kept: its document, and who, when, where and why."""
        signer = self.signer
        return {
            "document": document,
            "recorded_at": self.now,
            "by_id": signer.staff_id,
            "by_name": signer.name,
            "by_role": signer.role,
            "tablet_id": self.actor.tablet_id,
            "reason": reason,
        }

    def holds_head(self, session_id: UUID, position: int, hash_: str) -> None:
        """A locked session row was read: its chain goes on from here."""
        self._heads[session_id] = Head(session_stream(session_id), position, hash_)

    # --- the audit ----------------------------------------------------------------------------------------------------

    def audit(
        self,
        action: str,
        *,
        subject: str,
        subject_id: UUID | str,
        session_id: UUID | None = None,
        patient_id: UUID | None = None,
        before: Document | None = None,
        after: Document | None = None,
        reason: str | None = None,
    ) -> None:
        """Notes what this work does; it is kept with the work, or (of a read) before the answer is given.

        `subject`: what kind of thing, `subject_id`: which. An event with a session hangs on that session's chain if
        the work kept something of the record; reads and denials hang on the clinic's.
        """
        self._noted.append(
            AuditEvent(
                id=self._sources.new_id(),
                clinic_id=self.clinic_id,
                stream=CLINIC_STREAM,
                at=self.now,
                wall_at=self._sources.wall(),
                action=action,
                actor_id=self.actor.id,
                actor_name=self.actor.name,
                actor_role=self.actor.called,
                tablet_id=self.actor.tablet_id,
                subject=subject,
                subject_id=str(subject_id),
                session_id=session_id,
                patient_id=patient_id,
                before=before,
                after=after,
                reason=reason,
            )
        )

    @property
    def noted(self) -> tuple[AuditEvent, ...]:
        """The audit events so far."""
        return tuple(self._noted)

    def finish(self) -> None:
        """Keeps the audit events. Raises `UnauditedWork` where the record changed and there are none."""
        if self._kept and not self._noted:
            raise UnauditedWork(f"kept rows in {', '.join(sorted(self._kept))} without an audit event")
        self.keep_events(self._noted)

    def keep_events(self, noted: Sequence[AuditEvent]) -> None:
        """Inserts audit events: a session's with its links, the others to await their seal."""
        if not noted:
            return
        events, links = self._chained(noted)
        self._connection.execute(_ADD_EVENT, [_event_row(event) for event in events])
        if links:
            self._connection.execute(_ADD_LINK, [link_row(self.clinic_id, link) for link in links])
        waiting = [
            {"clinic_id": event.clinic_id, "event_id": event.id} for event in events if event.stream == CLINIC_STREAM
        ]
        if waiting:
            self._connection.execute(_ADD_PENDING, waiting)

    def _chained(self, noted: Sequence[AuditEvent]) -> tuple[list[AuditEvent], list[Link]]:
        if not self._kept:
            return list(noted), []
        events: list[AuditEvent] = []
        links: list[Link] = []
        moved: set[UUID] = set()
        for event in noted:
            head = self._head(event.session_id) if event.session_id else None
            if event.session_id is None or head is None:
                events.append(event)
                continue
            hung = replace(event, stream=head.stream)
            link = next_link(head if head.position else None, head.stream, hung)
            self._heads[event.session_id] = Head(head.stream, link.position, link.hash)
            moved.add(event.session_id)
            events.append(hung)
            links.append(link)
        for session_id in moved:
            head = self._heads[session_id]
            values = {"clinic": self.clinic_id, "session": session_id, "position": head.position, "hash": head.hash}
            self._connection.execute(_MOVE_HEAD, values)
        return events, links

    def _head(self, session_id: UUID) -> Head | None:
        """The head of a session's chain, its row locked; None where this clinic has no such session."""
        if session_id not in self._heads:
            row = self.first(_HEAD, session=session_id)
            if row is None:
                return None
            self.holds_head(session_id, row.chain_position, row.chain_hash)
        return self._heads[session_id]


_INSERTS: dict[str, Any] = {}


def _insert(table: Table) -> Any:
    """One statement object a table: SQLAlchemy then finds its compiled form at once."""
    if table.name not in _INSERTS:
        _INSERTS[table.name] = insert(table)
    return _INSERTS[table.name]


def _event_row(event: AuditEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in AuditEvent.__slots__}


def link_row(clinic_id: UUID, link: Link) -> dict[str, Any]:
    """A link as a row of `audit_links`."""
    return {
        "clinic_id": clinic_id,
        "stream": link.stream,
        "position": link.position,
        "event_id": link.event_id,
        "head_stream": link.head.stream if link.head else None,
        "head_position": link.head.position if link.head else None,
        "head_hash": link.head.hash if link.head else None,
        "prev_hash": link.prev,
        "hash": link.hash,
    }


NO_CHAIN = {"chain_position": 0, "chain_hash": START, "sealed_position": 0}
"""A new session's row: nothing hangs on its chain yet."""
