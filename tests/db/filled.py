"""A clinic with one of everything kept, for tests that look at how things are kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.db import chains, clinics, courses, credentials, feed, patients, protocols, sessions, sign_ins, staff
from app.db.engine import Database
from app.db.sign_ins import SignIn
from app.db.work import Work, service_actor
from app.domain import keeping
from app.domain.assessment import Criterion
from app.domain.canonical import Document
from app.domain.changes import change
from app.domain.events import Event, EventKind
from app.domain.facts import Escort
from app.domain.instants import to_text
from app.domain.journal import Fact, Kind
from app.domain.people import Actor, Clinic, Role, Staff
from app.domain.records import (
    Clearance,
    Confirmation,
    Course,
    Decision,
    Discharge,
    Notice,
    NoticeKind,
    ScreeningOverride,
    SessionHeader,
    Signer,
    Void,
)
from app.domain.screening import Exclusion
from tests import factories

NOW = datetime(2026, 3, 8, 9, 30, 0, 123456, tzinfo=UTC)


def line(**other: Any) -> sessions.Line:
    usual = {
        "revision": 1,
        "course_id": None,
        "state": "checked-in",
        "active": True,
        "due_at": NOW,
        "overdue_at": NOW + timedelta(minutes=3),
        "next_change_at": NOW + timedelta(minutes=20),
        "status": "cannot-tell",
        "status_since": NOW,
        "digest": "d" * 64,
        "board": {"chair": "3"},
        "at": NOW,
        "chair_key": "3",
        "signer_id": None,
        "dose_started_at": None,
        "brief": {"dose_mg": None},
    }
    return sessions.Line(**usual | other)


@dataclass
class Filled:
    """The ids of what was kept, and short ways to run a verb in this clinic."""

    database: Database
    clinic: Clinic = field(default_factory=lambda: Clinic(uuid4(), "Riverside", "Europe/Paris"))
    staff_id: UUID = field(default_factory=uuid4)
    sign_in_id: UUID = field(default_factory=uuid4)
    patient_id: UUID = field(default_factory=uuid4)
    course_id: UUID = field(default_factory=uuid4)
    session_id: UUID = field(default_factory=uuid4)
    reading_id: UUID = field(default_factory=uuid4)
    event_id: UUID = field(default_factory=uuid4)
    voided_event_id: UUID = field(default_factory=uuid4)
    confirmation_id: UUID = field(default_factory=uuid4)
    notice_id: UUID = field(default_factory=uuid4)

    @property
    def actor(self) -> Actor:
        return service_actor(self.clinic.id)

    def read(self, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.database.read_now(verb, self.actor, NOW, *args, **kwargs)

    def write(self, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The verb, with an entry of the clinic's beside it, so that it may change whatever it likes."""

        def kept(work: Work) -> Any:
            answer = verb(work, *args, **kwargs)
            work.keep(Fact(Kind.WEBHOOK, str(uuid4()), {}, action="test.wrote"))
            return answer

        return self.database.write_now(kept, self.actor, NOW)

    def keep(self, fact: Fact, session_id: UUID | None = None) -> Any:
        """One more fact of a session, of this one where none is named."""
        return self.database.write_now(Work.keep, self.actor, NOW, fact, session_id or self.session_id)


def fill(database: Database, **ids: Any) -> Filled:
    """One of everything, in one unit of work."""
    filled = Filled(database, **ids)
    filled.database.write_now(_keep_all, filled.actor, NOW, filled)
    filled.read(lambda work: work.audit("patient.read", subject="patient", subject_id=filled.patient_id))
    filled.database.write_now(feed.number, filled.actor, NOW)
    filled.database.write_now(chains.seal, filled.actor, NOW)
    return filled


def _keep_all(work: Work, f: Filled) -> None:
    clinics.add(work, f.clinic)
    staff.keep(work, f.staff_id, Staff(f"lead-{f.staff_id}", "Lea Lead", Role.LEAD), 1)
    credentials.give_password(work, f.staff_id, "a hash", must_change=False)
    hour = timedelta(hours=1)
    sign_ins.add(work, SignIn(f.sign_in_id, f.clinic.id, f.staff_id, f"hash-{f.sign_in_id}", NOW, NOW, NOW + hour))
    patients.keep(work, f.patient_id, factories.patient(), 1)
    courses.keep(work, f.course_id, Course(f.patient_id, planned_sessions=6, interval_days=3), 1)
    courses.keep_clearance(work, f.course_id, f.patient_id, Clearance(until=NOW + hour), 1)
    add_session(work, f.session_id, factories.header(f.patient_id, course_id=f.course_id))
    for fact in _facts(f):
        work.keep(fact, f.session_id)
    sessions.write_line(work, f.session_id, 0, line(course_id=f.course_id))
    protocols.keep_draft(work, "example", 1, {"id": "example"}, "h" * 64, example=True, revision=1)
    protocols.approve(work, "example", 1, Signer(f.staff_id, "Lea Lead", "lead"), NOW)


def add_session(work: Work, session_id: UUID, header: SessionHeader) -> None:
    """A planned session."""
    sessions.add(work, session_id, header)
    work.keep(keeping.header(session_id, header, 1), session_id)


def _facts(f: Filled) -> list[Fact]:
    """One of everything that a session can hold."""
    notice = Notice(f.notice_id, NoticeKind.LATE_INFORMATION, "a reading arrived", NOW, f.staff_id, None, None)
    return [
        keeping.screening(f.session_id, factories.clear_screening(), 1),
        keeping.override(f.session_id, ScreeningOverride((Exclusion.PREGNANCY,), "test was wrong"), 1),
        keeping.clearance(f.session_id, Clearance(note="today"), 1),
        keeping.escort(f.session_id, Escort("Sam", present=True, present_at=NOW)),
        keeping.reading(factories.reading(1, id=f.reading_id)),
        keeping.reading(factories.reading(2, id=f.reading_id, revision=2), "typed wrong", uuid4()),
        keeping.event(Event(f.event_id, EventKind.CHECKED_IN, NOW)),
        keeping.event(Event(f.voided_event_id, EventKind.CHECKED_IN, NOW)),
        keeping.void(Kind.EVENT_VOID, Void(f.voided_event_id, "twice")),
        assessment(f.session_id, 1),
        keeping.confirmation(
            Confirmation(f.confirmation_id, Decision.CONFIRM, "d" * 64, "looks well", None, (), "I confirm", NOW)
        ),
        keeping.notice(notice),
        keeping.acknowledgement(f.notice_id, "seen"),
        keeping.discharge(f.session_id, Discharge(NOW, instructions_given=True, note=None, ready_at=NOW)),
    ]


SAID: Document = {
    "rules": "1",
    "protocol": {"id": "example", "version": 1, "hash": "h" * 64},
    "criteria": [criterion.value for criterion in Criterion],
    "findings": {criterion.value: {"criterion": criterion.value, "outcome": "met"} for criterion in Criterion},
    "baseline": {"vitals": {}},
}


def assessment(session_id: UUID, number: int, **other: Any) -> Fact:
    """A kept assessment in which everything is met."""
    usual: dict[str, Any] = {
        "number": number,
        "status": "met",
        "as_of": to_text(NOW),
        "digest": "d" * 64,
        "judged": 9,
        "inputs": "0" * 64,
        "tablets": [],
        "changed": change({}, SAID),
        "lapses_at": to_text(NOW + timedelta(minutes=20)),
        "earliest_met_at": None,
        "next_change_at": to_text(NOW + timedelta(minutes=20)),
        "change": "raised",
        "raised_at": to_text(NOW),
    }
    document: Document = usual | other
    return keeping.assessment(session_id, document, number, NOW, "readiness.raised")
