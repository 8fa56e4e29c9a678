"""A clinic with one of everything kept, for tests that look at how things are kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from app.db import (
    assessments,
    clinics,
    confirmations,
    courses,
    discharges,
    events,
    notices,
    patients,
    protocols,
    readings,
    session_sheets,
    sessions,
    sign_ins,
    staff,
    voids,
)
from app.db.engine import Database
from app.db.sign_ins import SignIn
from app.db.tables import audit_events, feed
from app.db.work import Work, service_actor
from app.domain.events import Event, EventKind
from app.domain.facts import Escort
from app.domain.people import Actor, Clinic, Role, Staff
from app.domain.records import (
    Clearance,
    Confirmation,
    Course,
    Decision,
    Discharge,
    FlagChange,
    KeptAssessment,
    Notice,
    NoticeKind,
    ScreeningOverride,
    Signer,
    Void,
)
from app.domain.screening import Exclusion
from tests import factories

NOW = datetime(2026, 3, 8, 9, 30, 0, 123456, tzinfo=UTC)


def derived(**other: Any) -> sessions.Derived:
    usual = {
        "state": "checked-in",
        "active": True,
        "due_at": NOW,
        "overdue_at": NOW + timedelta(minutes=3),
        "next_change_at": NOW + timedelta(minutes=20),
        "status": "cannot-tell",
        "status_since": NOW,
        "digest": "d" * 64,
        "board": {"chair": "3"},
    }
    return sessions.Derived(**usual | other)


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
        """The verb, with an audit event of the session beside it."""

        def audited(work: Work) -> Any:
            answer = verb(work, *args, **kwargs)
            work.audit("test.wrote", subject="test", subject_id="1", session_id=self.session_id)
            return answer

        return self.database.write_now(audited, self.actor, NOW)


def fill(database: Database, **ids: Any) -> Filled:
    """One of everything, in one unit of work."""
    filled = Filled(database, **ids)
    filled.write(_keep_all, filled)
    filled.database.write_now(_number, filled.actor, NOW)
    return filled


def _number(work: Work) -> None:
    """The feed of a clinic in which one thing happened."""
    event = work.first(select(audit_events.c.id).where(audit_events.c.clinic_id == work.clinic_id))
    assert event is not None
    work.insert(feed, position=1, event_id=event.id)


def _keep_all(work: Work, f: Filled) -> None:
    clinics.add(work, f.clinic)
    staff.keep(work, f.staff_id, Staff(f"lead-{f.staff_id}", "Lea Lead", Role.LEAD), 1)
    staff.set_password(work, f.staff_id, "a hash")
    hour = timedelta(hours=1)
    sign_ins.add(work, SignIn(f.sign_in_id, f.clinic.id, f.staff_id, f"hash-{f.sign_in_id}", NOW, NOW, NOW + hour))
    patients.keep(work, f.patient_id, factories.patient(), 1)
    courses.keep(work, f.course_id, Course(f.patient_id, planned_sessions=6, interval_days=3), 1)
    courses.keep_clearance(work, f.course_id, Clearance(until=NOW + hour), 1)
    sessions.keep_header(work, f.session_id, factories.header(f.patient_id, course_id=f.course_id), 1)
    session_sheets.keep_screening(work, f.session_id, factories.clear_screening(), 1)
    session_sheets.keep_override(work, f.session_id, ScreeningOverride((Exclusion.PREGNANCY,), "test was wrong"), 1)
    session_sheets.keep_clearance(work, f.session_id, Clearance(note="today"), 1)
    session_sheets.keep_escort(work, f.session_id, Escort("Sam", present=True, present_at=NOW), 1)
    readings.keep(work, f.session_id, factories.reading(1, id=f.reading_id))
    readings.keep(work, f.session_id, factories.reading(2, id=f.reading_id, revision=2), reason="typed wrong")
    events.keep(work, f.session_id, Event(f.event_id, EventKind.CHECKED_IN, NOW))
    events.keep(work, f.session_id, Event(f.voided_event_id, EventKind.CHECKED_IN, NOW))
    voids.keep(work, f.session_id, "event", Void(f.voided_event_id, "twice"))
    sessions.set_derived(work, f.session_id, 0, derived())
    assessments.keep(work, f.session_id, assessment(1))
    confirmations.keep(
        work,
        f.session_id,
        Confirmation(f.confirmation_id, Decision.CONFIRM, "d" * 64, "looks well", None, (), "I confirm", NOW),
    )
    notice = Notice(f.notice_id, NoticeKind.LATE_INFORMATION, "a reading arrived", NOW, f.staff_id, None, None)
    notices.keep(work, f.session_id, notice)
    notices.acknowledge(work, f.session_id, f.notice_id, "seen")
    discharges.keep(work, f.session_id, Discharge(NOW, instructions_given=True, note=None, ready_at=NOW))
    protocols.keep_draft(work, "example", 1, {"id": "example"}, "h" * 64, example=True, revision=1)
    protocols.approve(work, "example", 1, Signer(f.staff_id, "Lea Lead", "lead"), NOW)


def assessment(number: int, **other: Any) -> KeptAssessment:
    usual = {
        "number": number,
        "as_of": NOW,
        "recorded_at": NOW,
        "status": "met",
        "digest": "d" * 64,
        "document": {"findings": []},
        "display": {"status": "met"},
        "lapses_at": NOW + timedelta(minutes=20),
        "next_change_at": NOW + timedelta(minutes=20),
        "change": FlagChange.RAISED,
    }
    return KeptAssessment(**usual | other)
