"""A reading: one timed set a nurse took and typed, kept for ever as typed.

Each field is a value or *not measured* with a reason; blank is neither and is refused (`check_reading`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.symptoms import Symptom
from app.domain.vitals import Consciousness, Dissociation, Oxygen, Vital


@dataclass(frozen=True, slots=True)
class Reading:
    """The current (or one named) revision of a reading.

    `measured_at` is UTC; vitals are whole numbers in the units of `VITALS`, None where not measured. `symptoms` None
    means not asked, an empty tuple means asked and none. `clock_doubtful`: the tablet's clock was more than 60 s off
    when it was typed, and nobody has corrected it.
    """

    id: UUID
    revision: int
    measured_at: datetime
    heart_rate: int | None = None
    systolic: int | None = None
    diastolic: int | None = None
    respiratory_rate: int | None = None
    spo2: int | None = None
    oxygen: Oxygen | None = None
    consciousness: Consciousness | None = None
    dissociation: Dissociation | None = None
    symptoms: tuple[Symptom, ...] | None = None
    gait_steady: bool | None = None
    orientated: bool | None = None
    not_measured: tuple[tuple[str, str], ...] = ()
    """(field, reason) pairs in field order."""
    confirmed_unlikely: frozenset[Vital] = field(default_factory=frozenset)
    note: str | None = None
    clock_doubtful: bool = False

    def vital(self, vital: Vital) -> int | None:
        """The value of one vital, None where not measured."""
        value: int | None = getattr(self, vital.value)
        return value


class Phase(StrEnum):
    """Derived from the events and `measured_at`; never typed."""

    BASELINE = "baseline"
    INFUSION = "infusion"
    RECOVERY = "recovery"
