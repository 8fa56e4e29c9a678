"""Governance: a draft protocol over past sessions. Which flags would come earlier, later, never? Nothing is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.db import session_records, sessions
from app.db.work import Work
from app.domain.assessment import Status
from app.domain.derive import closed_at
from app.domain.events import Route
from app.domain.facts import Facts
from app.domain.leaving import is_after
from app.domain.protocol.values import Protocol
from app.domain.readiness import assess
from app.services.protocols import pinned
from app.services.session_work import NoSuchSession


class FlagEffect(StrEnum):
    """What the draft does to the flag of one past session."""

    SAME = "same"
    EARLIER = "earlier"
    LATER = "later"
    NEVER = "never"
    NEW = "new"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Moved:
    """One past session: when the flag first rose under the protocol it was pinned to, and under the draft."""

    session_id: UUID
    pinned: datetime | None
    draft: datetime | None

    @property
    def shift(self) -> FlagEffect:
        """How the draft would have moved the flag."""
        match (self.pinned, self.draft):
            case (None, None):
                return FlagEffect.NEITHER
            case (None, _):
                return FlagEffect.NEW
            case (_, None):
                return FlagEffect.NEVER
            case (datetime() as before, datetime() as after) if before != after:
                return FlagEffect.EARLIER if after < before else FlagEffect.LATER
            case _:
                return FlagEffect.SAME


def past_sessions(work: Work, route: Route) -> list[UUID]:
    """Closed sessions of one route, in order of their ids."""
    headers = ((session_id, sessions.find_header(work, session_id)) for session_id in sessions.closed_ids(work))
    return [session_id for session_id, header in headers if header is not None and header.value.route is route]


LAST = timedelta(days=90)
"""How far back a replay looks for whoever approves."""
MOST = 60
"""Sessions of the route it looks at, the newest, and no longer than `BUDGET`."""
BUDGET = 3.0
"""Seconds."""


def recent_sessions(work: Work) -> list[UUID]:
    """Closed sessions, of every route, of the last 90 days; newest first."""
    return session_records.treated_since(work, work.now - LAST)


def compare_recent(work: Work, draft: Protocol, session_id: UUID) -> Moved | None:
    """The same as `compare`; None for a session of another route."""
    header = sessions.find_header(work, session_id)
    return compare(work, draft, session_id) if header and header.value.route is draft.route else None


def compare(work: Work, draft: Protocol, session_id: UUID) -> Moved:
    """Both protocols over one session, replayed in the same way, so that like is compared with like."""
    record = session_records.load(work, session_id)
    if record is None:
        raise NoSuchSession
    work.audit(
        "governance.replayed",
        subject="session",
        subject_id=session_id,
        session_id=session_id,
        patient_id=record.header.value.patient_id,
    )
    facts, left = record.facts(), closed_at(record)
    return Moved(session_id, first_met(facts, pinned(work, record.header.value), left), first_met(facts, draft, left))


def first_met(facts: Facts, protocol: Protocol, left: datetime | None) -> datetime | None:
    """The first instant at which the status was met, had each fact been entered when it happened.

    Looked for at every fact's instant and at every instant at which time alone changes an outcome, until the patient
    had left (`left`; None: they are here): no flag rises after that, whatever the numbers of then would have met.
    """
    for as_of, known in _as_it_went(facts):
        until = next((instant for instant in _instants(facts) if instant > as_of), None)
        look: datetime | None = as_of
        while look is not None and (until is None or look < until):
            if left is not None and is_after(look, left):
                return None
            assessment = assess(known, protocol, look)
            if assessment.status is Status.MET:
                return look
            look = assessment.next_change_at
    return None


def _instants(facts: Facts) -> list[datetime]:
    escort = [facts.escort.present_at] if facts.escort and facts.escort.present_at else []
    return sorted({*(event.at for event in facts.events), *(held.measured_at for held in facts.readings), *escort})


def _as_it_went(facts: Facts) -> Iterator[tuple[datetime, Facts]]:
    for instant in _instants(facts):
        here = facts.escort
        seen = here is not None and here.present_at is not None and here.present_at <= instant
        yield (
            instant,
            Facts(
                session_id=facts.session_id,
                events=tuple(event for event in facts.events if event.at <= instant),
                readings=tuple(reading for reading in facts.readings if reading.measured_at <= instant),
                escort=here if seen else None,
            ),
        )
