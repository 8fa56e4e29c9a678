"""A clinic to run verbs in: staff, one patient, one approved protocol, one session, and a clock one sets."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from app.db import session_records
from app.db.engine import Database
from app.db.work import service_actor
from app.domain.events import EventKind, Route
from app.domain.facts import Escort
from app.domain.people import Actor, Clinic, Role
from app.domain.readings import Reading
from app.domain.records import Decision, KeptAssessment, SessionRecord
from app.domain.signatures import ProofKind, SignatureProof, Signing
from app.services import (
    approvals,
    clinics,
    confirmations,
    discharge,
    escort,
    events,
    patients,
    readings,
    screening,
    sessions,
)
from app.services.readiness import ChangesDue, catch_up, load
from tests import factories
from tests.factories import at


class Ward:
    """Every call names its minute after noon, so that a test reads as a time line."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clinic = Clinic(uuid4(), f"Clinic {uuid4()}", "UTC")
        self.nurse = factories.actor(self.clinic.id)
        self.clinician = factories.actor(self.clinic.id, Role.CLINICIAN)
        self.write(clinics.create, self.clinic, Signing.PASSWORD, who=service_actor(self.clinic.id))
        self.write(approvals.approve, "iv-infusion-example", 1, 1, who=self.clinician)
        self.write(approvals.approve, "intranasal-example", 1, 1, who=self.clinician)
        self.patient = self.add_patient()

    def write(
        self, verb: Callable[..., Any], *args: Any, now: float = -200, who: Actor | None = None, **kw: Any
    ) -> Any:
        return self.database.write_now(verb, who or self.nurse, at(now), *args, **kw)

    def read(self, verb: Callable[..., Any], *args: Any, now: float = 1000, who: Actor | None = None) -> Any:
        return self.database.read_now(verb, who or self.nurse, at(now), *args)

    def add_patient(self, **other: Any) -> UUID:
        patient_id = uuid4()
        usual = {"record_number": f"R-{patient_id}"}
        self.write(patients.put, patient_id, factories.patient(**usual | other), None)
        return patient_id

    def plan(
        self, patient_id: UUID | None = None, *, session_id: UUID | None = None, cleared: bool = True, **other: Any
    ) -> UUID:
        session_id = session_id or uuid4()
        self.write(sessions.put, session_id, factories.header(patient_id or self.patient, **other), None)
        if cleared:
            route = other.get("route", Route.IV_INFUSION)
            self.write(screening.put, session_id, factories.clear_screening(route), None)
            self.write(screening.clear, session_id, None, None, who=self.clinician)
        return session_id

    def event(self, session_id: UUID, minutes: float, kind: EventKind, detail: Any = None, **kw: Any) -> UUID:
        event = factories.event(minutes, kind, detail, **kw.pop("event", {}))
        self.write(events.put, session_id, event, now=kw.pop("now", minutes), **kw)
        return event.id

    def reading(self, session_id: UUID, minutes: float, *, now: float | None = None, **other: Any) -> Reading:
        reading = factories.reading(minutes, **other)
        self.write(readings.put, session_id, reading, now=minutes if now is None else now)
        return reading

    def treat(self, session_id: UUID) -> None:
        """Check-in, two baseline readings, forty minutes of infusion; the dose ends at minute 40."""
        self.event(session_id, -30, EventKind.CHECKED_IN)
        self.reading(session_id, -20)
        self.reading(session_id, -10)
        self.event(session_id, 0, EventKind.INFUSION_STARTED)
        self.reading(session_id, 20, systolic=138)
        self.event(session_id, 40, EventKind.INFUSION_STOPPED)

    def recover(self, session_id: UUID) -> None:
        """Escort seen and good sets, so that the flag rises with the set at minute 102."""
        self.write(escort.put, session_id, Escort("A friend", True, at(60)), None, now=60)
        self.reading(session_id, 92)
        self.reading(session_id, 102)

    def ready(self) -> UUID:
        """A session whose flag is up at minute 102."""
        session_id = self.plan()
        self.treat(session_id)
        self.recover(session_id)
        return session_id

    def record(self, session_id: UUID, now: float) -> SessionRecord:
        try:
            return self.read(load, session_id, now=now)
        except ChangesDue:
            self.write(catch_up, session_id, now=now, who=service_actor(self.clinic.id))
            return self.read(load, session_id, now=now)

    def assessments(self, session_id: UUID) -> tuple[KeptAssessment, ...]:
        """Every one kept."""
        record: SessionRecord | None = self.read(session_records.load, session_id)
        assert record is not None
        return record.assessments

    def assessment(self, session_id: UUID, now: float) -> KeptAssessment:
        latest = self.record(session_id, now).assessment
        assert latest is not None
        return latest

    def sign(self, session_id: UUID, now: float, decision: Decision = Decision.CONFIRM, **other: Any) -> Any:
        usual = {
            "digest": self.assessment(session_id, now).digest,
            "own": "alert, steady",
            "reason": None,
            "who": self.clinician,
        }
        usual |= other
        return self.write(
            confirmations.sign,
            session_id,
            usual.get("id", uuid4()),
            decision,
            usual["digest"],
            usual["own"],
            usual["reason"],
            usual.get("had_left_at"),
            usual.get("examined_by"),
            proof=SignatureProof(ProofKind.PASSWORD),
            now=now,
            who=usual["who"],
        )

    def discharge(self, session_id: UUID, now: float, left: float | None = None) -> Any:
        left_at = at(now if left is None else left)
        return self.write(discharge.discharge, session_id, left_at, now=now, instructions_given=True, note=None)
