"""Plain values for tests: each function makes one good thing, and takes what should be other than usual."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from app.clock import Moment, just_now
from app.domain.events import Detail, DoseStarted, Event, EventKind, Route
from app.domain.people import Actor, Role
from app.domain.readings import Reading
from app.domain.records import Kept, Patient, Screening, SessionHeader, Signer
from app.domain.screening import Exclusion, SameDayAnswer
from app.domain.vitals import (
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
)
from tests.spec.protocols import EXAMPLE, NASAL

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
PASSWORD = "a long enough pass phrase"
SAME_DAY = {protocol.route: tuple(protocol.same_day.items) for protocol in (EXAMPLE, NASAL) if protocol.same_day}
"""The items of the same-day check of each shipped example."""
ANN = Signer(UUID(int=1), "Ann", "nurse")


def asked(instant: datetime) -> Moment:
    """As if the instant were taken now."""
    return just_now(instant)


def at(minutes: float) -> datetime:
    """Minutes after noon of a certain day."""
    return NOON + timedelta(minutes=minutes)


def actor(clinic_id: UUID, role: Role = Role.NURSE, **other: Any) -> Actor:
    return Actor(**{"clinic_id": clinic_id, "staff_id": uuid4(), "name": f"A {role.value}", "role": role} | other)


def patient(**other: Any) -> Patient:
    """`given_name` makes one given name of it."""
    usual = {"family_name": "Probe", "birth_date": date(1984, 3, 11), "record_number": "R-1"}
    given_name = other.pop("given_name", "Maria")
    usual["given_names"] = (given_name,) if given_name else ()
    return Patient(**usual | other)


def header(patient_id: UUID, **other: Any) -> SessionHeader:
    usual = {
        "patient_id": patient_id,
        "route": Route.IV_INFUSION,
        "protocol_id": "iv-infusion-example",
        "protocol_version": 1,
        "chair": "3",
        "weight_kg": Decimal("72.5"),
    }
    return SessionHeader(**usual | other)


def kept(value: Any, revision: int = 1, minutes: float = 0) -> Kept[Any]:
    """As Ann recorded it."""
    return Kept(value, revision, ANN, at(minutes))


def clear_screening(route: Route = Route.IV_INFUSION, **present: bool) -> Screening:
    """All answered, the same-day check of the shipped example too: asked in the morning, all right."""
    exclusions = {exclusion: present.get(exclusion.name.lower(), False) for exclusion in Exclusion}
    return Screening(exclusions, dict.fromkeys(SAME_DAY[route], SameDayAnswer.RIGHT), at(-210))


def reading(minutes: float, **other: Any) -> Reading:
    """A good reading, `minutes` after noon."""
    usual: dict[str, Any] = {
        "id": uuid4(),
        "revision": 1,
        "measured_at": at(minutes),
        "heart_rate": 72,
        "systolic": 122,
        "diastolic": 78,
        "respiratory_rate": 14,
        "spo2": 98,
        "oxygen": Oxygen(OxygenKind.ROOM_AIR),
        "consciousness": Consciousness(ConsciousnessScale.MOAAS, 5),
        "dissociation": Dissociation(DissociationGrade.NONE),
        "symptoms": (),
        "gait_steady": True,
        "orientated": True,
    }
    return Reading(**usual | other)


def event(minutes: float, kind: EventKind, detail: Detail = None, **other: Any) -> Event:
    if kind is EventKind.INFUSION_STARTED and detail is None:
        detail = DoseStarted(Decimal(36), 40)
    return Event(**{"id": uuid4(), "kind": kind, "at": at(minutes), "detail": detail} | other)
