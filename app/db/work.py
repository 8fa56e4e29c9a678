"""Work: one unit of keeping, on one connection, for one actor in one clinic.

What it keeps of the record are entries of the journal; it refuses to end where a table of the record was changed and
no entry says so. It never commits: the engine does, and lets the answer go only afterwards.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Executable, Row, Table, insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.sql.dml import UpdateBase

from app.db import row_policies
from app.db.endings import RAISE
from app.db.heads import ADD_STREAM, MOVE_SESSION, MOVE_STREAM, SESSION_HEAD, STREAM_HEAD
from app.db.keys import Keys
from app.db.prepared import Prepared
from app.db.refusals import UnauditedWork
from app.db.rows import entry_row, event_row
from app.db.tables import journal, log_events, log_pending, sessions
from app.domain.audit import LOG, AuditEvent, Head
from app.domain.canonical import Document, canonical_json
from app.domain.errors import Refusal
from app.domain.facts import START
from app.domain.journal import Entry, Fact, entry_hash, session_of, stream_of
from app.domain.people import Actor, Itself
from app.domain.records import Signer

T = TypeVar("T")
NIL = UUID(int=0)
SERVICE = "infusion-vitals"


def service_actor(clinic_id: UUID) -> Actor:
    """The service itself, acting in one clinic."""
    return Actor(clinic_id=clinic_id, staff_id=None, name=SERVICE, role=Itself.SERVICE)


NO_CLINIC = service_actor(NIL)
"""The service where nothing of any clinic is looked at: the installation's own, and who nobody knows."""


@dataclass(frozen=True, slots=True)
class OverEveryClinic(Actor):
    """An actor whose work may touch the rows of every clinic."""


EVERY_CLINIC = OverEveryClinic(NIL, None, SERVICE, Itself.SERVICE)
"""The service where the clinic is what is looked for: who signs in, what is due anywhere. A test lists each use."""


def scope_of(actor: Actor) -> str:
    """Whose rows this actor's work may touch, in PostgreSQL's words (`row_policies`)."""
    return row_policies.EVERY if isinstance(actor, OverEveryClinic) else str(actor.clinic_id)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the audit takes the wall clock and new ids from; and the keys that seal secrets, where they were given."""

    wall: Callable[[], datetime]
    new_id: Callable[[], UUID]
    keys: Keys | None = None


_ADD_ENTRIES = Prepared(insert(journal), *journal.c.keys())
_ADD_EVENT = insert(log_events)
_ADD_PENDING = insert(log_pending)


class NoSuchStream(Exception):
    """A fact was to be kept in a session that this clinic does not have: a mistake in our code."""


class Work:
    """What a verb is given: who acts, when by the clinic's clock, and the way to the tables of their clinic."""

    def __init__(self, connection: Connection, actor: Actor, now: datetime, sources: Sources) -> None:
        self.actor = actor
        self.signer = Signer(staff_id=actor.staff_id, name=actor.name, role=actor.called)
        """The actor as they are called now, for what is kept under their name."""
        self.now = now
        self.moves_lines = False
        """Whether a session's line was written."""
        self.session_version: int | None = None
        """The version of the session that was worked in last, as a look at it has it now."""
        self.keys = sources.keys
        self._connection = connection
        self._sources = sources
        self._changed: set[str] = set()
        self._noted: list[AuditEvent] = []
        self._entries: list[Entry] = []
        self._inserted = 0
        self._if_taken: type[Refusal] | None = None
        self._heads: dict[str, Head] = {}
        self._written: dict[str, Head] = {}
        self._ends = False
        self.endings: int | None = None
        """How often anything of who may sign in was ended, this work included; None where it ended nothing."""

    @property
    def clinic_id(self) -> UUID:
        """The one clinic this work can see."""
        return self.actor.clinic_id

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._connection.dialect.name

    # --- for app.db alone ---------------------------------------------------------------------------------------------

    def all(self, statement: Executable | Prepared, **values: Any) -> Sequence[Row[Any]]:
        """Every row. `clinic` is always bound to this work's clinic."""
        self.insert_entries()
        bound = {"clinic": self.clinic_id, **values}
        if isinstance(statement, Prepared):
            return statement.rows(self._connection, bound)
        return self._connection.execute(statement, bound).all()

    def first(self, statement: Executable | Prepared, **values: Any) -> Row[Any] | None:
        """The first row, None where there is none."""
        self.insert_entries()
        bound = {"clinic": self.clinic_id, **values}
        if isinstance(statement, Prepared):
            return next(iter(statement.rows(self._connection, bound)), None)
        return self._connection.execute(statement, bound).first()

    def all_of_every_clinic(self, statement: Executable, **values: Any) -> Sequence[Row[Any]]:
        """Every row, of whichever clinic: for the little that one has to know of others. A test lists each use.

        Otherwise a work of a clinic finds rows of that clinic alone, whatever its statements ask for.
        """
        if self.dialect != "postgresql":
            return self.all(statement, **values)
        row_policies.may_touch(self._connection, row_policies.EVERY)
        found = self.all(statement, **values)
        row_policies.may_touch(self._connection, scope_of(self.actor))
        return found

    def flow(self, statement: Executable, page: int, **values: Any) -> Iterator[Row[Any]]:
        """Rows as they come, `page` at a time, so that memory stays flat however many there are."""
        bound = {"clinic": self.clinic_id, **values}
        with self._connection.execute(statement, bound, execution_options={"yield_per": page}) as rows:
            yield from rows

    def change(
        self,
        statement: UpdateBase | Prepared,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        ends: bool | None = None,
        of_record: bool = True,
    ) -> int:
        """Inserts, updates or deletes; how many rows it met.

        Whatever is changed of who may sign in ends what is remembered of it, in every process, and what is added to
        it does not: `ends` says otherwise. `of_record` False: the rows say what they said before, a board's lines too.
        """
        plain: Any = statement.statement if isinstance(statement, Prepared) else statement
        table = plain.table
        ends = not plain.is_insert if ends is None else ends
        if ends and isinstance(table, Table) and table.info["callers"]:
            self._ends = True
        if of_record and isinstance(table, Table) and table.info["record"]:
            self._changed.add(table.name)
        self.moves_lines = self.moves_lines or (of_record and table is sessions)
        if isinstance(statement, Prepared):
            return statement.change(self._connection, values)
        result = self._connection.execute(statement, values)
        return result.rowcount

    def insert(self, table: Table, **values: Any) -> None:
        """One row into a table of this clinic, `clinic_id` filled in."""
        self.change(_insert(table), {"clinic_id": self.clinic_id, **values})

    # --- the journal --------------------------------------------------------------------------------------------------

    def keep(self, fact: Fact, session_id: UUID | None = None) -> Entry:
        """Keeps a fact as the next entry of its stream, a session's where one is named.

        A revision that is kept already is refused (`AlreadyKept`), at the latest when the work ends.
        """
        stream = stream_of(fact, session_id)
        head = self.head(stream)
        entry = Entry(
            clinic_id=self.clinic_id,
            stream=stream,
            position=head.position + 1,
            id=self._sources.new_id(),
            kind=fact.kind.value,
            fact_id=fact.id,
            revision=fact.revision,
            at=fact.at,
            action=fact.called,
            patient_id=fact.patient_id,
            text=canonical_json(fact.document).decode(),
            by=self.signer,
            tablet_id=self.actor.tablet_id,
            reason=fact.reason,
            sent_as=fact.sent_as,
            recorded_at=self.now,
            wall_at=self._sources.wall(),
            hash="",
        )
        entry = replace(entry, hash=entry_hash(head.hash, entry))
        self._heads[stream] = entry.head
        self._entries.append(entry)
        return entry

    def head(self, stream: str) -> Head:
        """The head of a stream, its row locked until this work ends; position 0 where nothing is kept in it yet.

        Raises `NoSuchStream` for a session that the clinic does not have.
        """
        if stream not in self._heads:
            session_id = session_of(stream)
            if session_id is None:
                row = self.first(STREAM_HEAD, of_stream=stream)
            else:
                row = self.first(SESSION_HEAD, session=session_id)
                if row is None:
                    raise NoSuchStream(stream)
            self.holds(Head(stream, row.position, row.hash) if row else Head(stream, 0, START), there=row is not None)
        return self._heads[stream]

    def held(self, stream: str) -> Head | None:
        """The head of a stream whose row this work has locked, what it kept there included; None of any other."""
        return self._heads.get(stream)

    def holds(self, head: Head, *, there: bool = True) -> None:
        """A locked row was read (or, not `there`, is yet to be made): its stream goes on from here.

        Where this work has kept something in it already, it goes on from that.
        """
        if there:
            self._written[head.stream] = head
        self._heads.setdefault(head.stream, head)

    def is_written(self, head: Head) -> None:
        """Somebody has just written this head into its stream's row."""
        self._written[head.stream] = head

    def if_taken(self, refusal: type[Refusal]) -> None:
        """What is raised where a fact kept here is there already, under its kind, id and revision.

        Where nobody says, it is `AlreadyKept`, after another try.
        """
        self._if_taken = refusal

    def insert_entries(self) -> None:
        """What was kept so far is inserted, so that it can be read in this work too."""
        if fresh := self._entries[self._inserted :]:
            self._inserted = len(self._entries)
            try:
                _ADD_ENTRIES.change(self._connection, [entry_row(entry) for entry in fresh])
            except IntegrityError as error:
                if self._if_taken is not None and is_taken(error):
                    raise self._if_taken from error
                raise

    def _move_heads(self) -> None:
        """In one order, sessions after the others, so that two works never wait for each other's streams."""
        moved = [head for stream, head in sorted(self._heads.items()) if self._written.get(stream) != head]
        for head in moved:
            session_id = session_of(head.stream)
            to = {"clinic": self.clinic_id, "to_position": head.position, "to_hash": head.hash}
            if session_id is not None:
                self._connection.execute(MOVE_SESSION, {**to, "session": session_id})
            elif head.stream in self._written:
                self._connection.execute(MOVE_STREAM, {**to, "of_stream": head.stream})
        new = [
            {"clinic_id": self.clinic_id, "stream": head.stream, "position": head.position, "hash": head.hash, **UNTOLD}
            for head in moved
            if session_of(head.stream) is None and head.stream not in self._written
        ]
        if new:
            self._connection.execute(ADD_STREAM, new)

    def apart(self, part: Callable[[], T]) -> tuple[T] | Exception:
        """A part of this work that may fail by itself: its answer, or why nothing of it is kept; the work goes on.

        A fault of the database is no fault of the part: it is raised.
        """
        self.insert_entries()
        entries, noted = len(self._entries), len(self._noted)
        heads, written, changed = dict(self._heads), dict(self._written), set(self._changed)
        try:
            with self._connection.begin_nested():
                answer = part()
                self.insert_entries()
                return (answer,)
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the rest of the work is kept
            del self._entries[entries:], self._noted[noted:]
            self._inserted, self._heads, self._written, self._changed = entries, heads, written, changed
            return error

    # --- the log ------------------------------------------------------------------------------------------------------

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
        """Notes what is no fact of the record: a read, a refusal, a sign-in.

        It is kept with the work, or (of a read) before the answer is given. `subject`: what kind of thing;
        `subject_id`: which.
        """
        self._noted.append(
            AuditEvent(
                id=self._sources.new_id(),
                clinic_id=self.clinic_id,
                stream=LOG,
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
        """What was noted for the log so far."""
        return tuple(self._noted)

    @property
    def kept(self) -> tuple[Entry, ...]:
        """The entries of this work so far."""
        return tuple(self._entries)

    def finish(self) -> None:
        """Keeps the entries and the log. Raises `UnauditedWork` where the record changed and no entry says so."""
        if self._changed and not self._entries:
            raise UnauditedWork(f"changed {', '.join(sorted(self._changed))} without an entry in the journal")
        self.insert_entries()
        self._move_heads()
        self.keep_events(self._noted)
        if self._ends:
            # last: whoever ends something else meanwhile waits for nothing but this commit
            self.endings = self._connection.execute(RAISE).scalar_one()

    def keep_events(self, noted: Sequence[AuditEvent]) -> None:
        """Writes events into the log, where they await their seal."""
        if noted:
            self._connection.execute(_ADD_EVENT, [event_row(event) for event in noted])
            pending = [{"clinic_id": event.clinic_id, "event_id": event.id} for event in noted]
            self._connection.execute(_ADD_PENDING, pending)


_INSERTS: dict[str, Any] = {}


def _insert(table: Table) -> Any:
    """One statement object a table: SQLAlchemy then finds its compiled form at once."""
    if table.name not in _INSERTS:
        _INSERTS[table.name] = insert(table)
    return _INSERTS[table.name]


def is_taken(error: IntegrityError) -> bool:
    """Whether a row of this key is there already, in either engine's words."""
    return getattr(error.orig, "sqlstate", None) == "23505" or str(error.orig).startswith("UNIQUE constraint failed")


UNTOLD = {"numbered": 0, "sealed": 0}
"""Of a new stream neither the feed nor the log knows anything yet."""
NOTHING_KEPT = {"position": 0, "hash": START, **UNTOLD}
"""A new session's row: nothing is kept in its stream yet."""
