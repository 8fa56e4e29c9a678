"""What a treatment does to an invented patient: the truth, and what a measurement makes of it.

Source of the numbers: docs/clinical-sources.md, "Time courses" (means, spreads and shape of published cohorts; where
no spread was published, our own choice). Minutes are counted from the dose's start and may be negative; pressures in
mmHg, rates a minute, SpO2 in %. Nothing here knows the protocol: the simulator's truth must not lean on the rules.
"""

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random

from app.domain.symptoms import Severity, SymptomCode
from app.domain.vitals import Vital


class Cohort(StrEnum):
    """Which publication the mean rises are taken from: they differ five-fold."""

    YALE = "yale"
    POOLED = "pooled"
    GUANGZHOU = "guangzhou"
    EMORY = "emory"
    ESKETAMINE = "esketamine"


@dataclass(frozen=True, slots=True)
class Spread:
    """A normal draw, clipped. The clip is `low`..`high`."""

    mean: float
    sd: float
    low: float
    high: float

    def draw(self, chance: Random) -> float:
        """One value."""
        return min(self.high, max(self.low, chance.gauss(self.mean, self.sd)))


@dataclass(frozen=True, slots=True)
class Rise:
    """How far a cohort's pressures and heart rate rise at the peak."""

    systolic: Spread
    diastolic: Spread
    heart_rate: Spread


def _rise(systolic: float, diastolic: float, heart_rate: float = 4.1) -> Rise:
    """A cohort whose spread was not published: 0.8 of the mean, and no less than 8."""
    return Rise(
        Spread(systolic, max(8.0, 0.8 * systolic), -10, 55),
        Spread(diastolic, max(8.0, 0.8 * diastolic), -8, 40),
        Spread(heart_rate, 8, -20, 40),
    )


RISES: dict[Cohort, Rise] = {
    Cohort.YALE: Rise(Spread(16.0, 11.2, -10, 55), Spread(11.0, 8.45, -8, 40), Spread(4.1, 8, -20, 40)),
    Cohort.POOLED: _rise(12.6, 8.5),
    Cohort.GUANGZHOU: _rise(7.4, 6.0, 1.9),
    Cohort.EMORY: _rise(3.3, 3.2),
    Cohort.ESKETAMINE: _rise(13.3, 8.7),
}
ESKETAMINE_OLDER = _rise(16.0, 9.5)
"""From 65 years on."""

NOISE: dict[Vital, float] = {
    Vital.SYSTOLIC: 6,
    Vital.DIASTOLIC: 4,
    Vital.HEART_RATE: 3,
    Vital.RESPIRATORY_RATE: 1,
    Vital.SPO2: 0.7,
}
"""Standard deviation of one measurement around the truth."""

NOISE_SPAN = 2
"""A truth further than this many standard deviations of one measurement from rest counts as not recovered."""

PLANNED_MINUTES = 40
RISE_TIME = 15
HALF_LIFE = 20


@dataclass(frozen=True, slots=True)
class Levels:
    """One value a vital."""

    systolic: float = 0.0
    diastolic: float = 0.0
    heart_rate: float = 0.0
    respiratory_rate: float = 0.0
    spo2: float = 0.0

    def of(self, vital: Vital) -> float:
        """The value of one vital."""
        value: float = getattr(self, vital.value)
        return value

    def plus(self, other: "Levels", times: float = 1.0) -> "Levels":
        """Vital by vital."""
        return Levels(*(self.of(vital) + times * other.of(vital) for vital in _ORDER))


_ORDER = (Vital.SYSTOLIC, Vital.DIASTOLIC, Vital.HEART_RATE, Vital.RESPIRATORY_RATE, Vital.SPO2)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A symptom the patient truly has from `start` until `end` (minutes)."""

    code: SymptomCode
    severity: Severity
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Bump:
    """Something beside the drug: panic, a faint, standing up. At once there, level, fading in its last five minutes."""

    start: float
    end: float
    by: Levels

    def share(self, minute: float) -> float:
        """How much of it is felt: 0 to 1."""
        if not self.start <= minute < self.end:
            return 0.0
        fading = min(5.0, (self.end - self.start) / 4)
        return min(1.0, (self.end - minute) / fading)


@dataclass(frozen=True, slots=True)
class Physiology:
    """All there is to know about one patient in one session. `dose_minutes`: until when the drug comes in."""

    rest: Levels
    rise: Levels
    dose_minutes: float
    cadss_peak: float
    cadss_gone: float
    gait_steady: float
    orientated: float
    alert: float
    cadss_rest: int = 0
    complaints: tuple[Complaint, ...] = ()
    bumps: tuple[Bump, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """How the patient truly is at one minute. `moaas` 5 is fully awake; `cadss` is the whole-number total."""

    levels: Levels
    cadss: int
    gait_steady: bool
    orientated: bool
    moaas: int
    complaints: tuple[Complaint, ...] = field(default=())


def effect(minute: float, dose_minutes: float) -> float:
    """The drug's share of its full effect: rising while it comes in (1 after 40 minutes), then halving every 20."""
    coming_in = min(max(minute, 0.0), dose_minutes)
    reached = (1 - math.exp(-coming_in / RISE_TIME)) / (1 - math.exp(-PLANNED_MINUTES / RISE_TIME))
    return reached * 2 ** (-max(0.0, minute - dose_minutes) / HALF_LIFE)


def cadss_at(body: Physiology, minute: float) -> int:
    """The true dissociation total: a straight rise while the dose comes in, gone at `cadss_gone`, rest beneath it.

    An infusion stopped early reaches only its share. A dose forgotten before 40 minutes (nasal) peaks half-way.
    """
    if body.cadss_gone > body.dose_minutes:
        top, each_minute = body.dose_minutes, body.cadss_peak / PLANNED_MINUTES
    else:
        top, each_minute = body.cadss_gone / 2, 2 * body.cadss_peak / body.cadss_gone
    if minute <= 0 or minute >= body.cadss_gone:
        extra = 0.0
    elif minute <= top:
        extra = each_minute * minute
    else:
        extra = each_minute * top * ((body.cadss_gone - minute) / (body.cadss_gone - top)) ** 1.3
    return min(92, body.cadss_rest + math.floor(extra + 0.5))


def truth_at(body: Physiology, minute: float, oxygen_l_min: float = 0.0) -> Truth:
    """The patient at `minute`; `oxygen_l_min` flows in at that moment and lifts SpO2 by two points a litre."""
    levels = body.rest.plus(body.rise, effect(minute, body.dose_minutes))
    for bump in body.bumps:
        levels = levels.plus(bump.by, bump.share(minute))
    levels = replace(levels, spo2=min(100.0, levels.spo2 + 2 * oxygen_l_min))
    under = minute > 0
    return Truth(
        levels=levels,
        cadss=cadss_at(body, minute),
        gait_steady=not under or minute >= body.gait_steady,
        orientated=not under or minute >= body.orientated,
        moaas=5 if not under or minute >= body.alert else 4,
        complaints=tuple(complaint for complaint in body.complaints if complaint.start <= minute < complaint.end),
    )


def not_recovered(body: Physiology, minute: float) -> tuple[str, ...]:
    """What is truly not back yet at `minute`, each with its distance from rest; empty when recovered.

    Vitals: further from rest than the noise of measuring. Everything else: any rest of it.
    """
    truth = truth_at(body, minute)
    found = []
    for vital in _ORDER:
        off = truth.levels.of(vital) - body.rest.of(vital)
        if abs(off) > NOISE_SPAN * NOISE[vital]:
            found.append(f"{vital.value} {off:+.1f} from rest")
    if truth.cadss > body.cadss_rest:
        found.append(f"CADSS {truth.cadss - body.cadss_rest:+d} from rest")
    if not truth.gait_steady:
        found.append("gait unsteady")
    if not truth.orientated:
        found.append("not orientated")
    if truth.moaas < 5:
        found.append(f"MOAA/S {truth.moaas}")
    found += [f"{one.code.value} {one.severity.value}" for one in truth.complaints if one.severity is not Severity.MILD]
    return tuple(found)


def recovered_since(body: Physiology, minute: float, step: float = 0.25) -> float:
    """When the recovery that still holds at `minute` began; `minute` itself where there is none. In minutes."""
    since = minute
    while since > 0 and not not_recovered(body, since):
        since -= step
    return min(minute, since + step)


def measure(truth: Truth, chance: Random) -> dict[Vital, int]:
    """What the instruments show: whole numbers around the truth. Diastolic stays below systolic, SpO2 at most 100."""
    shown = {vital: round(chance.gauss(truth.levels.of(vital), NOISE[vital])) for vital in _ORDER}
    shown[Vital.SPO2] = min(100, shown[Vital.SPO2])
    shown[Vital.DIASTOLIC] = min(shown[Vital.DIASTOLIC], shown[Vital.SYSTOLIC] - 15)
    return shown


def grade(cadss: int) -> str:
    """The nurse's grade for a true total: any dissociation at all is at least mild; above 4 counts as significant."""
    if cadss <= 0:
        return "none"
    if cadss <= 4:
        return "mild"
    return "moderate" if cadss <= 20 else "severe"


# --- drawing a patient -----------------------------------------------------------------------------------------------
def draw_rest(chance: Random) -> Levels:
    """A resting adult. Systolic and diastolic go together (correlation 0.7)."""
    shared = chance.gauss(0, 1)
    own = chance.gauss(0, 1)
    return Levels(
        systolic=124 + 13 * shared,
        diastolic=77 + 9 * (0.7 * shared + math.sqrt(1 - 0.7**2) * own),
        heart_rate=chance.gauss(74, 11),
        respiratory_rate=round(chance.gauss(15, 2)),
        spo2=min(100.0, chance.gauss(97.5, 1.2)),
    )


CADSS_MEAN, CADSS_SD = 7.7, 9.2
LATE_SHARE = 0.05
"""Sessions forced to recover late: a cohort of 49 without any leaves room for about 6 % of people."""

# Reported by patients over four weeks (esketamine 84 mg); halved, since one session is asked about here.
_COMPLAINTS: tuple[tuple[SymptomCode, float], ...] = (
    (SymptomCode.DIZZINESS, 0.19),
    (SymptomCode.NAUSEA, 0.13),
    (SymptomCode.HEADACHE, 0.10),
    (SymptomCode.DROWSY, 0.10),
    (SymptomCode.BLURRED_VISION, 0.06),
    (SymptomCode.PARAESTHESIA, 0.06),
    (SymptomCode.ANXIETY, 0.05),
)


def draw(
    cohort: Cohort, chance: Random, *, age: int = 45, session_number: int = 1, late_share: float = LATE_SHARE
) -> Physiology:
    """One patient in one session of the cohort.

    `session_number` (1 = first) weakens dissociation by a tenth each time for esketamine only; blood pressure never
    gets used to it. `late_share` of all keep dissociating for more than an hour and a quarter after the dose.
    """
    nasal = cohort is Cohort.ESKETAMINE
    rises = ESKETAMINE_OLDER if nasal and age >= 65 else RISES[cohort]
    rest = draw_rest(chance)
    rise = Levels(
        systolic=rises.systolic.draw(chance),
        diastolic=rises.diastolic.draw(chance),
        heart_rate=rises.heart_rate.draw(chance),
        respiratory_rate=chance.gauss(0, 0.5),
        spo2=-abs(chance.gauss(0, 0.6)),
    )
    peak = chance.gammavariate((CADSS_MEAN / CADSS_SD) ** 2, CADSS_SD**2 / CADSS_MEAN)
    if nasal:
        peak *= 0.9 ** (session_number - 1)
        gone = chance.lognormvariate(math.log(43), 0.52)
    else:
        gone = PLANNED_MINUTES + chance.lognormvariate(math.log(25), 0.45)
    if chance.random() < late_share:
        peak = max(peak, 12.0)
        gone = PLANNED_MINUTES + chance.uniform(80, 140)
    steady = max(gone, PLANNED_MINUTES) + chance.lognormvariate(math.log(8), 0.5)
    return Physiology(
        rest=rest,
        rise=rise,
        dose_minutes=PLANNED_MINUTES,
        cadss_peak=peak,
        cadss_gone=gone,
        gait_steady=steady,
        orientated=min(steady, max(gone, PLANNED_MINUTES) + 2),
        alert=PLANNED_MINUTES + chance.uniform(0, 15) if chance.random() < 0.4 else 0.0,
        complaints=_draw_complaints(chance),
    )


def _draw_complaints(chance: Random) -> tuple[Complaint, ...]:
    """Symptoms that come during the dose and pass; a fifth of them moderate."""
    found = []
    for code, share in _COMPLAINTS:
        if chance.random() < share:
            start = chance.uniform(8, 40)
            severity = Severity.MODERATE if chance.random() < 0.2 else Severity.MILD
            found.append(Complaint(code, severity, start, start + chance.uniform(10, 55)))
    return tuple(found)
