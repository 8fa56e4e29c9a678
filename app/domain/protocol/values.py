"""The parsed shape of a protocol. Numbers are whole; minutes are minutes; nothing has a hidden default."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.canonical import Document
from app.domain.events import Route
from app.domain.symptoms import Severity, SymptomCode
from app.domain.vitals import ConsciousnessScale, Vital


class BaselineMethod(StrEnum):
    """How the reference is taken from the baseline readings."""

    MEAN = "mean"
    MEDIAN = "median"
    LAST = "last"


class DoseClock(StrEnum):
    """From where `minutes-since-dose` counts."""

    INFUSION_END = "infusion-end"
    FIRST_DEVICE = "first-device"
    LAST_DEVICE = "last-device"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Minutes between sets in each phase, and the grace before a set counts as overdue."""

    baseline: int
    infusion: int
    recovery: int
    grace: int


@dataclass(frozen=True, slots=True)
class AbsoluteLimits:
    """Inclusive bounds of a vital, None where the protocol sets none."""

    floor: int | None = None
    ceiling: int | None = None


@dataclass(frozen=True, slots=True)
class BaselineRule:
    """How the baseline is formed, and outside which limits a reading it uses makes it unsound."""

    min_readings: int
    max_age_minutes: int
    spacing: int
    method: BaselineMethod
    limits: Mapping[Vital, AbsoluteLimits]


@dataclass(frozen=True, slots=True)
class RecoveryLimits:
    """How near the baseline a vital must be; every limit given must hold. Percent of baseline, delta in its unit."""

    percent_up: int | None
    percent_down: int | None
    delta_up: int | None
    delta_down: int | None
    floor: int
    ceiling: int


@dataclass(frozen=True, slots=True)
class Spo2Limits:
    """SpO2 in percent: at least `floor`, and at most `max_drop` points below the baseline."""

    floor: int
    max_drop: int


@dataclass(frozen=True, slots=True)
class Sustained:
    """`sets` counted sets, `minutes` from first to last, each `spacing` apart to count, no gap over `max_gap`."""

    sets: int
    minutes: int
    spacing: int
    max_gap: int


@dataclass(frozen=True, slots=True)
class SymptomRule:
    """What blocks: at or above `from_severity`, or a code in `always` at any severity."""

    from_severity: Severity
    always: frozenset[SymptomCode]


@dataclass(frozen=True, slots=True)
class ConcernLimits:
    """What a nurse is shown at once: bounds, distance from baseline, and whether a clinician must acknowledge it."""

    floor: int | None
    ceiling: int | None
    delta: int | None
    acknowledge: bool


class PromptTime(StrEnum):
    """When a rule for prompts holds: before any dose, or from the first one on."""

    BEFORE_DOSE = "before-dose"
    FROM_DOSE = "from-dose"


@dataclass(frozen=True, slots=True)
class Pressure:
    """A blood pressure in mmHg, each of the two a limit that is reached from there on."""

    systolic: int
    diastolic: int


@dataclass(frozen=True, slots=True)
class PressurePrompt:
    """From where on a pressure is measured again, after how many minutes, and from where a clinician is called at once.

    One that is still so in the set that answers calls a clinician too.
    """

    systolic: int
    diastolic: int
    again_minutes: int
    once: Pressure | None


class IfWrong(StrEnum):
    """What an answer that is not the right one does to the dose. Permanent names."""

    NOTE = "note"
    """It is shown."""
    ASK_CLINICIAN = "ask-clinician"
    """No dose until a clinician has cleared this item."""
    STOP = "stop"
    """No dose, unless a clinician signs that it does not stop this session."""


@dataclass(frozen=True, slots=True)
class SameDayItem:
    """One question of the same-day check: its words, the right answer and the other one spelled out."""

    question: str
    right: str
    wrong: str
    if_wrong: IfWrong


@dataclass(frozen=True, slots=True)
class SameDayCheck:
    """What is asked on the day itself, by the items' own names, in their order; answers hold for so many hours."""

    hours: int
    items: Mapping[str, SameDayItem]


@dataclass(frozen=True, slots=True)
class Protocol:
    """One version of a protocol. `content_hash` is the SHA-256 of the canonical JSON of `document`."""

    id: str
    version: int
    route: Route
    example: bool
    schedule: Schedule
    baseline: BaselineRule
    recovery: Mapping[Vital, RecoveryLimits]
    """Heart rate, systolic, diastolic and respiratory rate: all four."""
    spo2: Spo2Limits
    consciousness_scale: ConsciousnessScale
    dissociation_instrument: str | None
    dose_minutes: Mapping[DoseClock, int]
    sustained: Sustained
    fresh_minutes: int
    symptoms: SymptomRule
    medication_minutes: Mapping[str, int]
    """Minutes by medication code; one that is not listed takes the longest."""
    tablet_seconds: int
    concerns: Mapping[Vital, ConcernLimits]
    prompts: Mapping[PromptTime, PressurePrompt]
    """What a raised blood pressure asks for; nothing where the protocol says nothing."""
    same_day: SameDayCheck | None
    """None: the protocol asks nothing on the day itself."""
    escort_by_phone: bool
    """Whether a call to the escort may be recorded. It stands for nobody's being here."""
    signature_minutes: int
    sources: Mapping[str, str]
    """Where each table's numbers come from, by dotted table name."""
    document: Document
    content_hash: str
