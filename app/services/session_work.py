"""The one way anything enters a session: lock it, catch up, check the door, keep, settle.

`open_session` takes the row lock and records every change that time alone has brought since the last look, each at
its own instant. `settle` runs the rules on what is now in force, keeps the assessment where it says something new,
raises a notice where a signature is touched, and rewrites what the board needs.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from app.db import session_records, tablets
from app.db import sessions as kept_sessions
from app.db.sessions import Derived
from app.db.work import Work
from app.domain.errors import NotFound
from app.domain.protocol.values import Protocol
from app.domain.records import Kept, SessionRecord
from app.domain.schedule import next_due
from app.domain.sessions import ACTIVE, CLOSED, Door, Life, SessionState, check_door, life_of
from app.domain.tablets import clock_is_doubtful
from app.services import assessing, late_information
from app.services.board import board_document
from app.services.protocols import pinned

T = TypeVar("T")


class NoSuchSession(NotFound):
    """There is no session under this id."""

    code = "no-such-session"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A locked session, caught up to `now`.

    `now` is the work's instant, but never before the last kept assessment: of two requests that arrived together the
    later may be let in first, and a verdict must not be taken back by a clock that seems to run backwards.
    """

    id: UUID
    now: datetime
    version: int
    record: SessionRecord
    protocol: Protocol

    @property
    def state(self) -> SessionState:
        """Derived from the events in force and the discharge."""
        return session_life(self.record).state

    @property
    def closed(self) -> bool:
        """Whether only addenda, corrections and voids are still taken."""
        return self.state in CLOSED

    def check(self, door: Door) -> None:
        """Raises the refusal of the doors table where this door is shut in this state."""
        check_door(self.state, door)

    def now_with(self, record: SessionRecord) -> "OpenSession":
        """The same session with a fact more."""
        return replace(self, record=record)


def session_life(record: SessionRecord) -> Life:
    """Where the record's events and discharge say the session stands."""
    return life_of(record.header.value.route, record.events_in_force(), record.discharge is not None)


def open_session(work: Work, session_id: UUID) -> OpenSession:
    """Locks and loads. Raises `NoSuchSession` alike for an unknown id and for another clinic's."""
    locked = kept_sessions.lock(work, session_id)
    record = session_records.load(work, session_id) if locked else None
    if locked is None or record is None:
        raise NoSuchSession
    now = max(work.now, record.assessment.as_of) if record.assessment else work.now
    session = OpenSession(session_id, now, locked.version, record, pinned(work, record.header.value))
    return session if session.closed else session.now_with(assessing.catch_up(work, record, session.protocol, now))


def settle(work: Work, before: OpenSession, record: SessionRecord, *, arrived: str | None) -> OpenSession:
    """Runs the rules on `record` and keeps what follows. `arrived` says in words what came in, None for time alone."""
    session = before.now_with(record)
    if not session.closed:
        session = session.now_with(assessing.keep_if_new(work, record, session.protocol, session.now))
    elif before.closed and arrived is not None:
        session = session.now_with(assessing.keep_as_left(work, record, session.protocol))
    if arrived is not None:
        noticed = late_information.raise_where_due(
            work, before.record, session.record, arrived, was_closed=before.closed
        )
        session = session.now_with(noticed)
    kept_sessions.set_derived(work, session.id, before.version, _derived(session))
    return session


def keep_as_is(work: Work, session: OpenSession, **changes: Any) -> None:
    """Rewrites what the board needs after a change that no rule looks at (a notice seen, a signature)."""
    kept_sessions.set_derived(
        work, session.id, session.version, _derived(session.now_with(replace(session.record, **changes)))
    )


def clock_in_doubt(work: Work) -> bool:
    """Whether what is being typed was stamped by a tablet whose clock is off: by its own word, or when last heard."""
    tablet, said = work.actor.tablet_id, work.actor.clock_offset_ms
    if tablet is None:
        return False
    return clock_is_doubtful(said if said is not None else tablets.clock_offset_ms(work, tablet))


def kept_now(work: Work, value: T, *, revision: int = 1, reason: str | None = None) -> Kept[T]:
    """`value` as it is being kept in this work."""
    return Kept(value, revision, work.signer, work.now, work.actor.tablet_id, reason)


def _derived(session: OpenSession) -> Derived:
    record, life = session.record, session_life(session.record)
    due = None if session.closed else next_due(session.protocol, record.header.value.route, record.facts())
    assessment = record.assessment
    return Derived(
        state=life.state.value,
        active=life.state in ACTIVE,
        due_at=due.due_at if due else None,
        overdue_at=due.overdue_at if due else None,
        next_change_at=assessment.next_change_at if assessment and not session.closed else None,
        status=assessment.status if assessment else None,
        status_since=assessment.as_of if assessment else None,
        digest=assessment.digest if assessment else None,
        board=board_document(record, session.protocol, life),
    )
