"""The one way into a session, for every verb: lock, load, bring up to now, decide, keep, derive, keep what follows.

A verb is a decision of the domain (`app.domain.deciding`); `carry_out` is what becomes of it. Nothing enters a session
by another way, and nothing that was opened is left unsettled.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import session_records, tablets
from app.db import sessions as kept_sessions
from app.db.recent import remember
from app.db.sessions import LockedSession
from app.db.work import Work
from app.domain.deciding import Decide, Standing
from app.domain.deciding.late_information import notice_where_due
from app.domain.derive import Derived, changes_at, closed_at, derive, derive_at, known_state, leaving_of
from app.domain.errors import Conflict, NotFound
from app.domain.facts import TabletContact
from app.domain.folding import Folding
from app.domain.instants import to_text
from app.domain.journal import Fact, session_stream
from app.domain.protocol.values import Protocol
from app.domain.records import SessionRecord
from app.domain.sessions import CLOSED
from app.domain.tablets import clock_is_doubtful
from app.services.assessing import NEITHER, ONLY_DOWN, UP_AND_DOWN, Moves, assessment_facts
from app.services.board import line_of, look_version
from app.services.protocols import pinned

log = logging.getLogger(__name__)


class NoSuchSession(NotFound):
    """There is no session under this id."""

    code = "no-such-session"


class OtherSessionActive(Conflict):
    """This patient has another session under way: close that one first."""

    code = "other-session-active"


@dataclass(frozen=True, slots=True)
class Done:
    """What a verb came to: the session afterwards, and whether anything new was kept by it."""

    record: SessionRecord
    protocol: Protocol
    derived: Derived
    new: bool


class OpenSession:
    """A locked session, and what is kept in it while this work lasts.

    `now` is the work's instant, but never before the last kept assessment: of two requests that arrived together the
    later may be let in first, and a verdict must not be taken back by a clock that seems to run backwards.
    """

    def __init__(
        self,
        work: Work,
        locked: LockedSession,
        folding: Folding,
        tablets: tuple[TabletContact, ...],
        known: Derived | None = None,
    ) -> None:
        self._work, self._locked, self._folding, self._tablets = work, locked, folding, tablets
        self._kept, self._known = 0, known
        self._if_heard_at = locked.next_change_at
        self.record = folding.record(tablets)
        latest = self.record.assessment
        self.now = max(work.now, latest.as_of) if latest else work.now
        self.protocol = pinned(work, self.record.header.value)
        self.state = known_state(self.record)

    @property
    def id(self) -> UUID:
        """The session."""
        return self.record.id

    @property
    def closed(self) -> bool:
        """Whether only addenda, corrections and voids are still taken."""
        return self.state in CLOSED

    @property
    def next_change_at(self) -> datetime | None:
        """When time alone next changes an outcome, by what is known of its tablets now."""
        return changes_at(self.record, self.protocol, self._if_heard_at)

    def hear(self, tablets: tuple[TabletContact, ...]) -> None:
        """What is known of its tablets now."""
        self._tablets = tablets
        self.record = self._folding.record(tablets)

    def keep(self, fact: Fact) -> None:
        """One more entry of its stream."""
        self._folding.add(self._work.keep(fact, self.id))
        self.record = self._folding.record(self._tablets)
        self._kept += 1

    def keep_assessment(self, derived: Derived, flags: Moves = UP_AND_DOWN, *, anew: bool = False) -> None:
        """Keeps an assessment where it says something that the last kept one does not, or is to be kept `anew`."""
        _tell_failures(self.id, derived)
        for fact in assessment_facts(self.record, derived, flags, anew=anew):
            self.keep(fact)
        self._if_heard_at = derived.next_if_heard_at

    def bring_up_to_now(self) -> None:
        """Keeps each change that time alone has brought, at its own instant."""
        told = None
        while not self.closed and (due := self.next_change_at) is not None and due <= self.now and due != told:
            told = due
            self._known = derive(self.record, self.protocol, due, self._known)
            self.keep_assessment(self._known)

    def settle(self, before: SessionRecord, *, was_closed: bool, arrived: str | None) -> Derived:
        """Runs the rules on what is now in force, and keeps what follows from it: assessment, flag, notice, line."""
        derived = derive_at(self.record, self.protocol, self.now, self._known)
        self.state = derived.life.state if derived.life else None
        if not derived.closed:
            # of a patient who had left no flag goes up; and what is signed names the leaving that the session says now
            flags = UP_AND_DOWN if derived.had_left_at is None else ONLY_DOWN
            self.keep_assessment(derived, flags, anew=derived.had_left_at != leaving_of(before))
        elif was_closed and arrived is not None and (closed := closed_at(self.record)) is not None:
            # what the findings would have been when it closed: raises and withdraws nothing
            self.keep_assessment(derive(self.record, self.protocol, closed), NEITHER)
        if arrived is not None:
            notice = notice_where_due(before, self.record, arrived, self._work.now, was_closed=was_closed)
            if notice is not None:
                self.keep(notice)
        self._write_line(derived)
        # used by whoever comes next only if it is this that is committed: the head says so
        remember(self._work.clinic_id, self._work.head(session_stream(self.id)), self._folding.own(), derived)
        return derived

    def _write_line(self, derived: Derived) -> None:
        line = line_of(self.record, derived, self._if_heard_at, self._locked.line)
        self._work.session_version = look_version(self._locked.version, self.record.patient.revision)
        if line == self._locked.line and not self._kept:
            return
        if line.active and not self._locked.line.active:
            other = kept_sessions.active_of(self._work, self.record.header.value.patient_id)
            if other not in (None, self.id):
                raise OtherSessionActive(self._charted_afterwards())
        version = kept_sessions.write_line(self._work, self.id, self._locked.version, line)
        self._work.session_version = look_version(version, self.record.patient.revision)

    def _charted_afterwards(self) -> str | None:
        """What to do where only this keeps a session that is charted afterwards from being so."""
        left = self.record.header.value.had_left_at
        if left is None:
            return None
        return (
            f"This session says that the patient had left at {to_text(left)}, and this says otherwise, while another "
            "session of theirs is under way: correct this, or that time."
        )


def _tell_failures(session_id: UUID, derived: Derived) -> None:
    """Whoever runs the service hears of a part that failed, without a word of the patient."""
    for failed in derived.failed:
        log.error("rule-failed", extra={"kind": failed.kind, "at": failed.part, "session": str(session_id)})


def open_session(work: Work, session_id: UUID) -> OpenSession:
    """Locks, loads and catches up: whoever opens settles. Raises `NoSuchSession` alike for another clinic's id."""
    locked = kept_sessions.lock(work, session_id)
    if locked is None:
        raise NoSuchSession
    whose = session_records.Whose(session_id, locked.patient_id, locked.line.course_id)
    folding, known = session_records.folding(work, whose, work.head(session_stream(session_id)))
    opened = OpenSession(work, locked, folding, tablets.of_session(work, session_id), known)
    opened.bring_up_to_now()
    return opened


def carry_out(work: Work, session_id: UUID, decide: Decide, unknown: type[NotFound] = NoSuchSession) -> Done:
    """Carries a decision out. `unknown`: what the caller hears where a new fact's id is taken by another session.

    Raises `NoSuchSession`, and whatever the decision refuses; then nothing of this is kept.
    """
    session = open_session(work, session_id)
    before, was_closed = session.record, session.closed
    doubt = clock_in_doubt(work)
    standing = Standing(before, session.protocol, session.state, work.signer, session.now, work.now, doubt)
    decided = decide(standing)
    work.if_taken(unknown)
    for fact in decided.facts:
        session.keep(fact)
    derived = session.settle(before, was_closed=was_closed, arrived=decided.arrived)
    return Done(session.record, session.protocol, derived, new=bool(decided.facts))


def catch_up(work: Work, session_id: UUID) -> None:
    """Keeps every change that time has brought up to `work.now`."""
    session = open_session(work, session_id)
    session.settle(session.record, was_closed=session.closed, arrived=None)


def clock_in_doubt(work: Work) -> bool:
    """Whether what is being typed was stamped by a tablet whose clock is off: by its own word, or when last heard."""
    tablet, said = work.actor.tablet_id, work.actor.clock_offset_ms
    if tablet is None:
        return False
    return clock_is_doubtful(said if said is not None else tablets.clock_offset_ms(work, tablet))


def plan(work: Work, session_id: UUID, fact: Fact) -> None:
    """The first entry of a session whose row was just made."""
    work.keep(fact, session_id)
    catch_up(work, session_id)
