"""Readiness as it stands, every assessment that was kept, and the replay that proves them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import assessments, session_records, session_sheets
from app.db.work import Work
from app.domain.assessment import Assessment
from app.domain.canonical import Document
from app.domain.readiness import NotReplayable, assess, facts_named, replay
from app.domain.records import KeptAssessment, SessionRecord
from app.domain.sessions import CLOSED
from app.services import assessing
from app.services.protocols import pinned
from app.services.session_work import NoSuchSession, open_session, session_life, settle


class ChangesDue(Exception):
    """Time has brought a change that is not kept yet: catch up first, then read."""


def load(work: Work, session_id: UUID) -> SessionRecord:
    """The record, for reading. Raises `NoSuchSession`, or `ChangesDue` where a change is not kept yet."""
    record = session_records.load(work, session_id)
    if record is None:
        raise NoSuchSession
    latest = record.assessment
    due = latest is not None and latest.next_change_at is not None and latest.next_change_at <= work.now
    if due and session_life(record).state not in CLOSED:
        raise ChangesDue
    return record


def catch_up(work: Work, session_id: UUID) -> None:
    """Keeps every change that time has brought up to `work.now`."""
    session = open_session(work, session_id)
    settle(work, session, session.record, arrived=None)


def read_record(work: Work, session_id: UUID, action: str) -> SessionRecord:
    """`load`, audited as `action`."""
    record = load(work, session_id)
    work.audit(
        action,
        subject="session",
        subject_id=session_id,
        session_id=session_id,
        patient_id=record.header.value.patient_id,
    )
    return record


def current(work: Work, session_id: UUID) -> Document:
    """The readiness of the contract."""
    return shown(work, read_record(work, session_id, "readiness.read"))


def shown(work: Work, record: SessionRecord) -> Document:
    """The latest kept assessment as shown; the forward-looking instants as they are now."""
    latest = record.assessment
    if latest is None:
        raise NoSuchSession
    if session_life(record).state in CLOSED:
        return {**latest.display, "lapses_at": None, "earliest_met_at": None, "closed": True}
    again = assess(record.facts(), pinned(work, record.header.value), max(work.now, latest.as_of))
    return {**latest.display, **assessing.clocks(again), "closed": False}


def all_kept(work: Work, session_id: UUID) -> tuple[KeptAssessment, ...]:
    """Every assessment of the session, oldest first."""
    read_record(work, session_id, "assessments.read")
    return assessments.all_kept(work, session_id)


@dataclass(frozen=True, slots=True)
class Replayed:
    """One kept assessment run again. `again` is its digest now; None with the reason where it cannot be replayed."""

    kept: KeptAssessment
    again: str | None
    because: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the digest came out the same."""
        return self.again == self.kept.digest


def replay_all(work: Work, session_id: UUID) -> list[Replayed]:
    """Runs every kept assessment again, on the revisions it names and by the rules of its version."""
    record = session_records.load(work, session_id)
    if record is None:
        raise NoSuchSession
    work.audit("assessments.replayed", subject="session", subject_id=session_id, session_id=session_id)
    protocol = pinned(work, record.header.value)
    readings = [kept.value for held in record.readings for kept in held.revisions]
    events = [held.event.value for held in record.events]
    escorts = [kept.value for kept in session_sheets.escorts(work, session_id)]

    def again(kept: KeptAssessment) -> Replayed:
        try:
            facts = facts_named(kept.document, session_id, readings, events, escorts)
            return Replayed(kept, replay(kept.document, facts, protocol).digest)
        except NotReplayable as refusal:
            return Replayed(kept, None, refusal.detail)

    return [again(kept) for kept in assessments.all_kept(work, session_id)]


def assess_at(work: Work, session_id: UUID, at: datetime) -> Assessment:
    """What the rules say of the facts in force at a given instant. Nothing is kept but the audit of the look."""
    record = session_records.load(work, session_id)
    if record is None:
        raise NoSuchSession
    work.audit("readiness.read", subject="session", subject_id=session_id, session_id=session_id)
    return assess(record.facts(), pinned(work, record.header.value), at)
