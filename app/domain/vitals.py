"""The five vitals, the limits of what can be typed, and the scales a nurse grades by.

Three layers of limits, never mixed: *impossible* (refused) and *unlikely* (typed again to confirm) are fixed here;
*concerning* is the protocol's. Source of the bands: docs/clinical-sources.md, "Plausibility".
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Vital(StrEnum):
    """A number a nurse measures. The value of the member is its field name everywhere."""

    HEART_RATE = "heart_rate"
    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    RESPIRATORY_RATE = "respiratory_rate"
    SPO2 = "spo2"


@dataclass(frozen=True, slots=True)
class Band:
    """Inclusive whole-number bounds."""

    low: int
    high: int

    def holds(self, value: int) -> bool:
        """Whether `value` lies inside, bounds included."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class VitalFacts:
    """What is fixed about a vital: label, UCUM unit, LOINC code, and the two fixed layers of limits."""

    label: str
    unit: str
    loinc: str
    possible: Band
    likely: Band


VITALS: dict[Vital, VitalFacts] = {
    Vital.HEART_RATE: VitalFacts("heart rate", "/min", "8867-4", Band(20, 300), Band(40, 140)),
    Vital.SYSTOLIC: VitalFacts("systolic", "mm[Hg]", "8480-6", Band(40, 300), Band(80, 190)),
    Vital.DIASTOLIC: VitalFacts("diastolic", "mm[Hg]", "8462-4", Band(20, 200), Band(40, 115)),
    Vital.RESPIRATORY_RATE: VitalFacts("respiratory rate", "/min", "9279-1", Band(0, 80), Band(8, 30)),
    Vital.SPO2: VitalFacts("SpO2", "%", "59408-5", Band(30, 100), Band(90, 100)),
}

PULSE_PRESSURE = Band(15, 120)
"""Likely difference between systolic and diastolic, mmHg; outside it both must be confirmed."""


class OxygenKind(StrEnum):
    """Whether oxygen was given."""

    ROOM_AIR = "room-air"
    SUPPLEMENTAL = "supplemental"


@dataclass(frozen=True, slots=True)
class Oxygen:
    """What the patient breathed while SpO2 was measured; `flow_l_min` in litres a minute, supplemental only."""

    kind: OxygenKind
    flow_l_min: Decimal | None = None


class ConsciousnessScale(StrEnum):
    """The scales a protocol may choose from."""

    MOAAS = "moaas"
    ACVPU = "acvpu"
    RASS = "rass"


@dataclass(frozen=True, slots=True)
class Consciousness:
    """A level of consciousness: MOAA/S 0..5, RASS -5..4 (whole numbers) or ACVPU (one letter)."""

    scale: ConsciousnessScale
    score: int | str


CONSCIOUSNESS_SCORES: dict[ConsciousnessScale, tuple[int | str, ...]] = {
    ConsciousnessScale.MOAAS: (5, 4, 3, 2, 1, 0),
    ConsciousnessScale.ACVPU: ("A", "C", "V", "P", "U"),
    ConsciousnessScale.RASS: (0, 1, 2, 3, 4, -1, -2, -3, -4, -5),
}
"""Every score of each scale; the first is the best: fully conscious and calm."""


def fully_conscious(consciousness: Consciousness) -> bool:
    """Whether the score is the best its scale has."""
    return consciousness.score == CONSCIOUSNESS_SCORES[consciousness.scale][0]


class DissociationGrade(StrEnum):
    """The nurse's own grade."""

    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


@dataclass(frozen=True, slots=True)
class Dissociation:
    """The nurse's own grade, and an instrument's score where one was used.

    `items` are (item number, score) pairs; where they are given the total is their sum (`score` is that sum).
    """

    grade: DissociationGrade
    instrument: str | None = None
    version: str | None = None
    score: int | None = None
    items: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    """Numbers of an instrument: which items it has and the highest score of each. Never its texts."""

    items: tuple[int, ...]
    item_ceiling: int

    @property
    def ceiling(self) -> int:
        """The highest possible total."""
        return len(self.items) * self.item_ceiling


INSTRUMENTS: dict[tuple[str, str], InstrumentFacts] = {
    ("cadss", "23-item"): InstrumentFacts(tuple(range(1, 24)), 4),
    ("cadss", "28-item"): InstrumentFacts(tuple(range(1, 29)), 4),
    ("cadss-6", "2021"): InstrumentFacts((1, 2, 6, 7, 15, 22), 4),
}
"""Known instruments by (name, version)."""
