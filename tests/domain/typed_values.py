"""A reading and events as a nurse might type them on an ordinary day; each test changes one thing."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from app.domain.events import (
    Addendum,
    BaselineAccepted,
    ConcernAcknowledged,
    DeviceGiven,
    DoseStarted,
    Event,
    EventKind,
    MedicationGiven,
    OxygenStarted,
    RateChanged,
    ReadingRef,
    SymptomResolved,
    Transferred,
)
from app.domain.readings import Reading
from app.domain.symptoms import SymptomCode
from app.domain.vitals import (
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
)

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
AIR = Oxygen(OxygenKind.ROOM_AIR)


def reading(**changes):
    made = {
        "id": UUID(int=7),
        "revision": 1,
        "measured_at": NOW,
        "heart_rate": 72,
        "systolic": 122,
        "diastolic": 78,
        "respiratory_rate": 14,
        "spo2": 98,
        "oxygen": AIR,
        "consciousness": Consciousness(ConsciousnessScale.MOAAS, 5),
        "dissociation": Dissociation(DissociationGrade.NONE),
        "symptoms": (),
        "gait_steady": True,
        "orientated": True,
    }
    return Reading(**(made | changes))


DETAILED = {
    EventKind.INFUSION_STARTED: DoseStarted(Decimal("42.5"), 40, "LOT 7"),
    EventKind.NASAL_DEVICE_GIVEN: DeviceGiven(Decimal(56), "LOT 7"),
    EventKind.RATE_CHANGED: RateChanged(Decimal("62.125")),
    EventKind.MEDICATION_GIVEN: MedicationGiven("ondansetron", Decimal(4), "mg", "iv"),
    EventKind.OXYGEN_STARTED: OxygenStarted(Decimal(2)),
    EventKind.SYMPTOM_RESOLVED: SymptomResolved(SymptomCode.NAUSEA),
    EventKind.BASELINE_ACCEPTED: BaselineAccepted((ReadingRef(UUID(int=1), 1), ReadingRef(UUID(int=2), 3))),
    EventKind.CONCERN_ACKNOWLEDGED: ConcernAcknowledged("7.1.systolic"),
    EventKind.TRANSFERRED: Transferred("General Hospital"),
    EventKind.ADDENDUM: Addendum("seen again at the door", reading()),
}


def event(kind, **changes):
    return Event(**({"id": UUID(int=9), "kind": kind, "at": NOW, "detail": DETAILED.get(kind)} | changes))
