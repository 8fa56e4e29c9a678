"""The bands within which a clinic may set its numbers. A protocol outside them is refused, whoever approves it.

Two kinds: those the rules of readiness were written with, and those chosen here for what they leave open, each with
its reason. Units are those of the vital; minutes are minutes.
"""

from dataclasses import dataclass

from app.domain.protocol.values import DoseClock, PromptTime
from app.domain.vitals import VITALS, Band, Vital

# --- baseline -----------------------------------------------------------------------------------------------------
MIN_READINGS = Band(2, 5)
MAX_AGE_MINUTES = Band(15, 120)
BASELINE_SPACING = Band(1, 15)

# --- recovery of vitals -------------------------------------------------------------------------------------------
PERCENT = Band(5, 30)


@dataclass(frozen=True, slots=True)
class RecoveryBands:
    """Where a vital's distance from baseline, floor and ceiling may lie."""

    delta: Band
    floor: Band
    ceiling: Band


RECOVERY: dict[Vital, RecoveryBands] = {
    Vital.HEART_RATE: RecoveryBands(Band(5, 30), Band(40, 60), Band(90, 130)),
    Vital.SYSTOLIC: RecoveryBands(Band(5, 40), Band(80, 100), Band(130, 180)),
    Vital.DIASTOLIC: RecoveryBands(Band(5, 40), Band(40, 60), Band(85, 110)),
    Vital.RESPIRATORY_RATE: RecoveryBands(Band(2, 6), Band(8, 12), Band(18, 24)),
}
SPO2_FLOOR = Band(90, 97)
SPO2_MAX_DROP = Band(0, 4)

# --- the other criteria -------------------------------------------------------------------------------------------
DOSE_MINUTES: dict[DoseClock, Band] = {
    DoseClock.INFUSION_END: Band(15, 240),
    DoseClock.FIRST_DEVICE: Band(120, 240),
    DoseClock.LAST_DEVICE: Band(60, 240),
}
SETS = Band(2, 5)
SUSTAINED_MINUTES = Band(5, 60)
SET_SPACING = Band(3, 15)
MAX_GAP_HIGH = 60
"""The lowest `max_gap` is the recovery interval plus grace: a set on schedule must never break the run."""
FRESH_HIGH = 30
"""The lowest `fresh` is the recovery interval plus grace: a set on schedule must never lapse the flag."""
TABLET_SECONDS = Band(30, 600)
SIGNATURE_MINUTES = Band(5, 60)

# --- our own ------------------------------------------------------------------------------------------------------
SCHEDULE_INTERVAL = Band(1, 60)
"""No published service leaves more than an hour between sets of one session; under a minute cannot be typed."""
GRACE = Band(0, 15)
"""Longer than a quarter of an hour late is not grace but a missed set."""
MEDICATION_MINUTES = Band(1, 1440)
"""A day: nothing given in a session is awaited longer; 0 would mean that it need not settle."""
VERSION = Band(1, 9999)
"""Counted up by one; four digits keep file names and screens in order."""

BASELINE_LIMITS: dict[Vital, tuple[Band, Band]] = {
    Vital.HEART_RATE: (Band(30, 70), Band(80, 140)),
    Vital.SYSTOLIC: (Band(70, 110), Band(120, 180)),
    Vital.DIASTOLIC: (Band(30, 70), Band(75, 110)),
    Vital.RESPIRATORY_RATE: (Band(6, 14), Band(16, 30)),
    # A ceiling for SpO2 says nothing; it is let in only where it excludes nothing.
    Vital.SPO2: (Band(85, 98), Band(100, 100)),
}
"""(floor, ceiling). Wide: a baseline outside only asks for a clinician's acceptance. Beyond these a limit would pass
what no clinic starts a dose on, or question every resting adult."""

CONCERN_LIMITS: dict[Vital, Band] = {vital: facts.possible for vital, facts in VITALS.items()}
"""What can be typed at all: a limit outside could never be reached."""
CONCERN_DELTA: dict[Vital, Band] = {
    Vital.HEART_RATE: Band(5, 100),
    Vital.SYSTOLIC: Band(5, 100),
    Vital.DIASTOLIC: Band(5, 100),
    Vital.RESPIRATORY_RATE: Band(2, 30),
    Vital.SPO2: Band(1, 20),
}
"""Smaller would concern at the noise of measuring; larger would concern at nothing a floor or ceiling misses."""


@dataclass(frozen=True, slots=True)
class PromptBands:
    """Where the pressures may lie from which one is measured again, and from which a clinician is called at once."""

    systolic: Band
    diastolic: Band
    once_systolic: Band
    once_diastolic: Band


PROMPTS: dict[PromptTime, PromptBands] = {
    PromptTime.BEFORE_DOSE: PromptBands(Band(120, 170), Band(75, 105), Band(150, 220), Band(90, 130)),
    PromptTime.FROM_DOSE: PromptBands(Band(140, 200), Band(90, 120), Band(160, 240), Band(100, 140)),
}
"""From a pressure that many a resting adult has, to one that no clinic would leave to a prompt alone."""
PROMPT_AGAIN = Band(2, 30)
"""Sooner is the same pressure again; later is no answer to a raised one."""
SAME_DAY_HOURS = Band(1, 24)
"""An hour is as long as the way to the chair may take; after a day it is another day."""
SAME_DAY_ITEMS = Band(1, 20)
"""A list that nobody reads to its end asks nothing."""
