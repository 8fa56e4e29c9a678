"""The one way to the database: a verb is run as a unit of work, and its answer leaves only after the commit."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from uuid_utils.compat import uuid7

from app.clock import Clock, Moment, SystemClock, just_now
from app.db import postgresql, row_policies, sqlite
from app.db.hearing import Hearing
from app.db.keys import KeyPlace, Keys
from app.db.notes import Notes
from app.db.read_only import open_read_only
from app.db.refusals import Busy, OldSchema, Overtime, TooCostly, UnauditedWork, UnsafeDatabase
from app.db.schema import check_schema, file_of, is_there, mark, migrate, parsed
from app.db.sealing import opened_with
from app.db.seeking import Seeking
from app.db.tables import INSERT_ONLY
from app.db.work import EVERY_CLINIC, Sources, Work, scope_of
from app.domain.audit import AuditEvent
from app.domain.people import Actor

__all__ = [
    "Database",
    "OldSchema",
    "UnauditedWork",
    "UnsafeDatabase",
    "migrate",
    "open_database",
    "open_for_reading",
    "open_unserved",
]

LATEST = 20.0
"""Seconds from where a work's instant was taken: one that could not be kept within them is refused. What carries an
instant is then in the record soon after it, or never: an export that tells the record as of an instant need only wait a
little longer."""

P = ParamSpec("P")
T = TypeVar("T")
Job = Callable[[Connection], Any]


class Connections(Protocol):
    """What an engine offers: each future is done only when nothing can undo its answer any more.

    `scope`: whose rows the job may touch, as `scope_of` says. A SQLite file has no means to hold it to that.
    """

    name: str

    def submit_write(self, job: Job, scope: str) -> Future[Any]: ...
    def submit_read(self, job: Job, scope: str) -> Future[Any]: ...
    def submit_glance(self, job: Job, scope: str) -> Future[Any]: ...
    def submit_search(self, job: Job, scope: str) -> Future[Any]: ...
    def close(self) -> None: ...


class Database:
    """Runs verbs `verb(work, ...)`. Whatever a verb raises reaches the caller, and nothing of it is kept."""

    def __init__(self, connections: Connections, sources: Sources, hearing: Hearing | None = None) -> None:
        self._connections = connections
        self._sources = sources
        self.hearing = hearing
        """The way to tell other processes of this one, and to hear of them; None where there are none."""
        self.on_ending: Callable[[int], None] = lambda _: None
        """Hears how often anything of who may sign in was ended, after each commit that did, before its answer."""
        self._moved: dict[UUID, object] = {}
        self._on_move: list[Callable[[UUID], object]] = []
        self._notes = Notes(self._keep_events)

    @property
    def name(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._connections.name

    async def write(
        self, verb: Callable[Concatenate[Work, P], T], actor: Actor, asked: Moment, /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The verb's answer, after what it kept is committed with its audit events."""
        answer: T = await asyncio.wrap_future(self._write(verb, actor, asked, args, kwargs))
        return answer

    async def read(
        self, verb: Callable[Concatenate[Work, P], T], actor: Actor, now: datetime, /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The verb's answer from one snapshot, after the audit events it noted are committed."""
        answer: T = await self._noted(
            self._connections.submit_read(self._reading(verb, actor, now, args, kwargs), scope_of(actor))
        )
        return answer

    async def search(
        self, verb: Callable[Concatenate[Work, P], T], actor: Actor, now: datetime, /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `read`, for what may look through much: apart from what nurses wait for, and for a bounded time.

        Raises `TooCostly` when that is over; what the database was doing for it is ended.
        """
        try:
            job = self._reading(verb, actor, now, args, kwargs, Seeking)
            future = self._connections.submit_search(job, scope_of(actor))
            answer: T = await self._noted(future)
        except Overtime:
            raise TooCostly from None
        return answer

    async def _noted(self, future: Future[Any]) -> Any:
        answer, noted = await asyncio.wrap_future(future)
        if noted:
            await self._notes.keep(noted)
        return answer

    async def glance(
        self, verb: Callable[Concatenate[Work, P], T], actor: Actor, now: datetime, /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The answer of a verb that notes nothing and needs no snapshot: each statement sees its own instant."""

        def job(connection: Connection) -> T:
            return verb(Work(connection, actor, now, self._sources), *args, **kwargs)

        answer: T = await asyncio.wrap_future(self._connections.submit_glance(job, scope_of(actor)))
        return answer

    def write_now(
        self, verb: Callable[Concatenate[Work, P], T], actor: Actor, now: datetime, /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`write`, blocking: for whoever takes the instant as they ask. Never from within a verb."""
        answer: T = self._write(verb, actor, just_now(now), args, kwargs).result()
        return answer

    def read_now(
        self, verb: Callable[Concatenate[Work, P], T], actor: Actor, now: datetime, /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`read`, blocking: for the command line. Never from within a verb."""
        answer: T
        job = self._reading(verb, actor, now, args, kwargs)
        answer, noted = self._connections.submit_read(job, scope_of(actor)).result()
        if noted:
            self._connections.submit_write(self._noting(noted, actor, now), scope_of(actor)).result()
        return answer

    @property
    def keys(self) -> Keys:
        """The keys that seal its secrets."""
        assert self._sources.keys is not None, "this database was opened without its keys"
        return self._sources.keys

    def close(self) -> None:
        """Finishes what is under way, and closes."""
        self._connections.close()

    def _write(self, verb: Callable[..., Any], actor: Actor, asked: Moment, args: Any, kwargs: Any) -> Future[Any]:
        endings: int | None = None
        moved = False

        def job(connection: Connection) -> Any:
            nonlocal endings, moved
            work = Work(connection, actor, asked.at, self._sources)
            answer = verb(work, *args, **kwargs)
            work.finish()
            if asked.age > LATEST:
                raise Busy
            endings, moved = work.endings, work.moves_lines
            return answer

        def tell(done: Future[Any]) -> None:
            if endings is not None and not done.cancelled():
                self.on_ending(endings)
            if moved:
                self._moved[actor.clinic_id] = object()
                for hear in tuple(self._on_move):
                    hear(actor.clinic_id)

        future = self._connections.submit_write(job, scope_of(actor))
        # before anybody can wait for it: whoever ended something is answered when it is known to be over
        future.add_done_callback(tell)
        return future

    def last_move(self, clinic_id: UUID) -> object:
        """Another thing each time that this process has written a line of the clinic's board."""
        return self._moved.get(clinic_id)

    @contextmanager
    def moves(self, hear: Callable[[UUID], object]) -> Iterator[None]:
        """Meanwhile `hear` is called, in any thread, with each clinic of whose board this process has written a line.

        After the commit, and before the answer; where a commit failed too.
        """
        self._on_move.append(hear)
        try:
            yield
        finally:
            self._on_move.remove(hear)

    def _reading(
        self, verb: Callable[..., T], actor: Actor, now: datetime, args: Any, kwargs: Any, kind: type[Work] = Work
    ) -> Job:
        def job(connection: Connection) -> tuple[T, tuple[AuditEvent, ...]]:
            work = kind(connection, actor, now, self._sources)
            return verb(work, *args, **kwargs), work.noted

        return job

    def _noting(self, noted: Sequence[AuditEvent], actor: Actor, now: datetime) -> Job:
        return lambda connection: Work(connection, actor, now, self._sources).keep_events(noted)

    def _keep_events(self, noted: Sequence[AuditEvent]) -> Future[Any]:
        # what several reads noted is kept together, whichever clinics they were of
        job = self._noting(noted, EVERY_CLINIC, self._sources.wall())
        return self._connections.submit_write(job, scope_of(EVERY_CLINIC))


def open_database(
    url: str, *, create: bool = False, clock: Clock | None = None, keys: KeyPlace | None = None
) -> Database:
    """Opens a database that is safe to keep a record in; `create`: a missing SQLite file is made and migrated.

    `clock` is asked for the wall clock alone (the audit keeps both). `keys`: where those are that seal its secrets;
    without them no secret can be read or kept. Raises `UnsafeDatabase` (or `OldSchema`) with one
    sentence that says what is wrong and what to do.
    """
    try:
        address = parsed(url)
        opened = _open_file(address, create, keys) if address.get_backend_name() == "sqlite" else None
        connections, found = opened or _open_server(address, keys)
    except (DBAPIError, PoolTimeout, OSError) as error:
        reason = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()[0]
        raise UnsafeDatabase(f"the database cannot be opened: {reason}") from error
    hearing = None if opened else Hearing(address)
    return Database(connections, Sources((clock or SystemClock()).wall, uuid7, found), hearing)


def open_unserved(url: str) -> Database:
    """A copy that was just brought back, as its owner: the service's role has no rights in it yet.

    A fault of its storage ends no process: nobody has been told that anything is kept there. Raises `UnsafeDatabase`.
    """
    address = parsed(url)
    if address.get_backend_name() == "sqlite":
        connections, _ = _open_file(address, create=False, place=None, fatal=lambda _: None)
    else:
        engine = postgresql.make_engine(address, pool_size=1)
        try:
            with engine.begin() as connection:
                check_schema(connection)
                postgresql.check_triggers(connection, INSERT_ONLY)
        finally:
            engine.dispose()
        connections = postgresql.PostgresConnections(address, lambda _: None)
    return Database(connections, Sources(wall=SystemClock().wall, new_id=uuid7))


def open_for_reading(url: str) -> Database:
    """A database that the service has opened already, for a process beside it that never writes.

    What a verb notes for the audit cannot be kept here, and so refuses: whoever ordered the reading has audited it.
    """
    try:
        connections = open_read_only(url)
    except (DBAPIError, PoolTimeout, OSError) as error:
        raise UnsafeDatabase(f"the database cannot be read: {type(error).__name__}") from error
    return Database(connections, Sources(wall=SystemClock().wall, new_id=uuid7))


def _open_file(
    address: URL, create: bool, place: KeyPlace | None, fatal: Callable[[str], None] = sqlite.end_process
) -> tuple[Connections, Keys | None]:
    path = file_of(address)
    sqlite.check_library()
    sqlite.check_file_system(sqlite.file_system_of(path))
    if not is_there(path):
        if not create:
            raise UnsafeDatabase(f"there is no database at {path} yet: run `infusion-vitals migrate`")
        migrate(address.render_as_string(hide_password=False))
    engine = sqlite.make_engine(path, "BEGIN IMMEDIATE")
    try:
        # a write transaction: a folder or file that cannot be written shows now, not at the first reading
        with engine.begin() as connection:
            sqlite.check_settings(connection)
            check_schema(connection)
            sqlite.check_strict(connection)
            sqlite.check_triggers(connection, INSERT_ONLY)
            keys = None if place is None else opened_with(connection, place)
    finally:
        engine.dispose()
    mark(path)
    return sqlite.SqliteConnections(path, fatal), keys


def _open_server(address: URL, place: KeyPlace | None) -> tuple[Connections, Keys | None]:
    engine = postgresql.make_engine(address, pool_size=1)
    try:
        with engine.begin() as connection:
            postgresql.check_settings(connection)
            check_schema(connection)
            postgresql.check_role(connection, INSERT_ONLY)
            postgresql.check_triggers(connection, INSERT_ONLY)
            row_policies.check(connection)
            # the keys are those of every clinic's secrets
            row_policies.may_touch(connection, row_policies.EVERY)
            keys = None if place is None else opened_with(connection, place)
    finally:
        engine.dispose()
    return postgresql.PostgresConnections(address), keys
