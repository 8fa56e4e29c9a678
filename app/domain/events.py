"""Events: what was given or done, typed by a person, never read from a device."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from app.domain.readings import Reading
from app.domain.symptoms import SymptomCode


class Route(StrEnum):
    """How the dose is given."""

    IV_INFUSION = "iv-infusion"
    INTRANASAL = "intranasal"


class EventKind(StrEnum):
    """What can be given or done; the value is its permanent name."""

    CHECKED_IN = "checked-in"
    INFUSION_STARTED = "infusion-started"
    INFUSION_PAUSED = "infusion-paused"
    INFUSION_RESUMED = "infusion-resumed"
    RATE_CHANGED = "rate-changed"
    INFUSION_STOPPED = "infusion-stopped"
    NASAL_DEVICE_GIVEN = "nasal-device-given"
    MEDICATION_GIVEN = "medication-given"
    OXYGEN_STARTED = "oxygen-started"
    OXYGEN_STOPPED = "oxygen-stopped"
    SYMPTOM_RESOLVED = "symptom-resolved"
    BASELINE_ACCEPTED = "baseline-accepted"
    CONCERN_ACKNOWLEDGED = "concern-acknowledged"
    ADDENDUM = "addendum"
    CANCELLED = "cancelled"
    TRANSFERRED = "transferred"
    LEFT_AGAINST_ADVICE = "left-against-advice"


IV_KINDS = frozenset(
    {
        EventKind.INFUSION_STARTED,
        EventKind.INFUSION_PAUSED,
        EventKind.INFUSION_RESUMED,
        EventKind.RATE_CHANGED,
        EventKind.INFUSION_STOPPED,
    }
)
NASAL_KINDS = frozenset({EventKind.NASAL_DEVICE_GIVEN})
DOSE_KINDS = frozenset({EventKind.INFUSION_STARTED, EventKind.INFUSION_RESUMED, EventKind.NASAL_DEVICE_GIVEN})
"""The kinds behind the start gate: screening and clearance must be in order."""
CLINICIAN_KINDS = frozenset({EventKind.BASELINE_ACCEPTED, EventKind.CONCERN_ACKNOWLEDGED})


@dataclass(frozen=True, slots=True)
class DoseStarted:
    """Of `infusion-started`. `dose_mg` in mg, at most three places."""

    dose_mg: Decimal
    planned_minutes: int | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceGiven:
    """Of `nasal-device-given`: one device session of 56 or 84 mg (any positive dose is kept)."""

    dose_mg: Decimal
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class RateChanged:
    """Of `rate-changed`, in ml/h."""

    rate_ml_h: Decimal


@dataclass(frozen=True, slots=True)
class MedicationGiven:
    """`code` in lower-case kebab words, for example `midazolam`."""

    code: str
    dose: Decimal | None = None
    unit: str | None = None
    route: str | None = None


@dataclass(frozen=True, slots=True)
class OxygenStarted:
    """Of `oxygen-started`, in litres a minute."""

    flow_l_min: Decimal


@dataclass(frozen=True, slots=True)
class SymptomResolved:
    """Of `symptom-resolved`: closes the episode of this code."""

    code: SymptomCode


@dataclass(frozen=True, slots=True, order=True)
class ReadingRef:
    """One revision of one reading."""

    id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class BaselineAccepted:
    """The readings (and revisions) a clinician looked at when accepting an unsound baseline."""

    readings: tuple[ReadingRef, ...]


@dataclass(frozen=True, slots=True)
class ConcernAcknowledged:
    """Of `concern-acknowledged`: a clinician has seen this very value."""

    concern_id: str


@dataclass(frozen=True, slots=True)
class Transferred:
    """Of `transferred`: to which hospital."""

    to: str


@dataclass(frozen=True, slots=True)
class Addendum:
    """Text added to a closed session, with a whole late reading where there was one."""

    text: str
    reading: Reading | None = None


Detail = (
    DoseStarted
    | DeviceGiven
    | RateChanged
    | MedicationGiven
    | OxygenStarted
    | SymptomResolved
    | BaselineAccepted
    | ConcernAcknowledged
    | Transferred
    | Addendum
    | None
)

DETAILS: dict[EventKind, type | None] = {
    EventKind.CHECKED_IN: None,
    EventKind.INFUSION_STARTED: DoseStarted,
    EventKind.INFUSION_PAUSED: None,
    EventKind.INFUSION_RESUMED: None,
    EventKind.RATE_CHANGED: RateChanged,
    EventKind.INFUSION_STOPPED: None,
    EventKind.NASAL_DEVICE_GIVEN: DeviceGiven,
    EventKind.MEDICATION_GIVEN: MedicationGiven,
    EventKind.OXYGEN_STARTED: OxygenStarted,
    EventKind.OXYGEN_STOPPED: None,
    EventKind.SYMPTOM_RESOLVED: SymptomResolved,
    EventKind.BASELINE_ACCEPTED: BaselineAccepted,
    EventKind.CONCERN_ACKNOWLEDGED: ConcernAcknowledged,
    EventKind.ADDENDUM: Addendum,
    EventKind.CANCELLED: None,
    EventKind.TRANSFERRED: Transferred,
    EventKind.LEFT_AGAINST_ADVICE: None,
}
"""The detail each kind carries; None where it carries none."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing given or done, at a UTC instant."""

    id: UUID
    kind: EventKind
    at: datetime
    detail: Detail = None
    clock_doubtful: bool = False
