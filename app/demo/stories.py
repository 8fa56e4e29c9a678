"""What befalls each simulated patient: the ordinary session, and the ones a safe service must get right.

A story shapes the patient's truth (`Physiology`) and what people do wrong or differently (`Slip`). It is known to the
simulator alone: the people in the demo see only what they measure and what the service answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from random import Random

from app.demo.curves import PLANNED_MINUTES, Bump, Cohort, Complaint, Levels, Physiology, draw
from app.domain.events import Route
from app.domain.symptoms import Severity, SymptomCode


class Story(StrEnum):
    """What kind of session it is."""

    ORDINARY = "ordinary"
    NASAL = "nasal"
    LATE_DISSOCIATION = "late-dissociation"
    UNSTEADY_GAIT = "unsteady-gait"
    HYPERTENSIVE_BASELINE = "hypertensive-baseline"
    PANIC_BASELINE = "panic-baseline"
    VAGAL_EPISODE = "vagal-episode"
    MISSING_SPO2 = "missing-spo2"
    TYPED_1200 = "typed-1200"
    SWAPPED_PRESSURES = "swapped-pressures"
    CORRECTION_AFTER_FLAG = "correction-after-flag"
    REBOUND = "rebound"
    RESTING_DISSOCIATION = "resting-dissociation"
    OXYGEN_GIVEN = "oxygen-given"
    STOPPED_EARLY = "stopped-early"
    SEVERE_HYPERTENSION = "severe-hypertension"
    MIDAZOLAM_GIVEN = "midazolam-given"
    LOOK_ALIKE = "look-alike"
    OVER_MIDNIGHT = "over-midnight"
    FAST_TABLET = "fast-tablet"
    DECLINED_ONCE = "declined-once"
    EXCLUDED = "excluded"
    SENT_TO_HOSPITAL = "sent-to-hospital"
    LEFT_AGAINST_ADVICE = "left-against-advice"


class Slip(StrEnum):
    """What somebody does wrong, or what goes differently, once in the session."""

    TYPED_1200 = "typed-1200"
    SWAPPED = "swapped"
    PROBE_FAULT = "probe-fault"
    GAIT_TYPED_STEADY = "gait-typed-steady"
    """The set before the first good one says steady; corrected after the flag."""
    REBOUND = "rebound"
    """At the set after the first flag the patient stands up, and everything rises again."""
    DECLINED = "declined"
    EXCLUDED = "excluded"
    BASELINE_NOT_ACCEPTED = "baseline-not-accepted"
    MIDAZOLAM = "midazolam"
    LABETALOL = "labetalol"
    TO_HOSPITAL = "to-hospital"
    WALKS_OUT = "walks-out"


@dataclass(frozen=True, slots=True)
class Plan:
    """One session to come."""

    story: Story
    route: Route
    body: Physiology
    slips: frozenset[Slip] = frozenset()
    tablet_ahead: timedelta = timedelta(0)
    """How far the clock of the nurse's tablet runs ahead (less than the two minutes that are let pass)."""
    clinician_after: float = 2.0
    """Minutes from the flag to the clinician at the chair."""
    escort_after: float = 35.0
    """Minutes from the dose's end to the escort's coming."""

    @property
    def dose_minutes(self) -> float:
        """Minutes from the first dose to the end of the last: the infusion's length, or the second device."""
        return 5.0 if self.route is Route.INTRANASAL else self.body.dose_minutes


Shape = Callable[[Plan, Random], Plan]


def plan(story: Story, cohort: Cohort, chance: Random, *, age: int = 45, session_number: int = 1) -> Plan:
    """A session of this story, drawn from `cohort` (an infusion cohort; nasal stories use esketamine's)."""
    nasal = story is Story.NASAL or (story is Story.ORDINARY and cohort is Cohort.ESKETAMINE)
    if nasal:
        body = draw(Cohort.ESKETAMINE, chance, age=age, session_number=session_number)
        route = Route.INTRANASAL
    else:
        infusion = Cohort.YALE if cohort is Cohort.ESKETAMINE else cohort
        body = draw(infusion, chance, age=age, session_number=session_number)
        route = Route.IV_INFUSION
    drawn = Plan(
        story=story,
        route=route,
        body=body,
        clinician_after=chance.uniform(1, 6),
        escort_after=chance.choice((15.0, 35.0, 35.0, 55.0, 75.0)),
    )
    shape = SHAPES.get(story)
    return shape(_calm(drawn, chance), chance) if shape else drawn


def _calm(drawn: Plan, chance: Random) -> Plan:
    """An unremarkable patient, so that nothing but the story happens."""
    body = replace(
        drawn.body,
        rest=Levels(chance.uniform(114, 128), chance.uniform(70, 82), chance.uniform(66, 80), 14, 98),
        rise=Levels(chance.uniform(8, 20), chance.uniform(5, 12), chance.uniform(1, 7), 0, -0.4),
        cadss_peak=chance.uniform(5, 14),
        cadss_gone=PLANNED_MINUTES + chance.uniform(12, 28),
        gait_steady=PLANNED_MINUTES + chance.uniform(30, 40),
        orientated=PLANNED_MINUTES + 25,
        alert=PLANNED_MINUTES + 5,
        complaints=(),
    )
    return replace(drawn, body=body, escort_after=35.0)


def _with_body(drawn: Plan, **changes: object) -> Plan:
    return replace(drawn, body=replace(drawn.body, **changes))  # type: ignore[arg-type]  # checked by its own callers


def _with_slips(drawn: Plan, *slips: Slip) -> Plan:
    return replace(drawn, slips=frozenset(slips))


def _late_dissociation(drawn: Plan, chance: Random) -> Plan:
    gone = PLANNED_MINUTES + chance.uniform(95, 130)
    return _with_body(drawn, cadss_peak=26.0, cadss_gone=gone, gait_steady=gone + 8, orientated=gone)


def _unsteady_gait(drawn: Plan, chance: Random) -> Plan:
    steady = PLANNED_MINUTES + chance.uniform(95, 115)
    eyes = Complaint(SymptomCode.NYSTAGMUS, Severity.MILD, 15, steady)
    head = Complaint(SymptomCode.DIZZINESS, Severity.MILD, 20, steady - 20)
    return _with_body(drawn, gait_steady=steady, complaints=(eyes, head))


def _hypertensive(drawn: Plan, chance: Random) -> Plan:
    rest = replace(drawn.body.rest, systolic=chance.uniform(151, 154), diastolic=chance.uniform(90, 93))
    rise = replace(drawn.body.rise, systolic=14, diastolic=8)
    return _with_body(drawn, rest=rest, rise=rise)


def _panic(drawn: Plan, _: Random) -> Plan:
    panic = Bump(-120, 14, Levels(systolic=36, diastolic=20, heart_rate=40, respiratory_rate=5))
    anxious = Complaint(SymptomCode.PANIC_ATTACK, Severity.MODERATE, -120, 12)
    drawn = _with_body(drawn, bumps=(panic,), complaints=(anxious,))
    return _with_slips(drawn, Slip.BASELINE_NOT_ACCEPTED)


def _vagal(drawn: Plan, _: Random) -> Plan:
    start, end = PLANNED_MINUTES + 26.0, PLANNED_MINUTES + 41.0
    rest = replace(drawn.body.rest, heart_rate=70)
    faint = Bump(start, end, Levels(systolic=-40, diastolic=-24, heart_rate=-27))
    felt = Complaint(SymptomCode.DIZZINESS, Severity.MODERATE, start, end)
    return _with_body(drawn, rest=rest, bumps=(faint,), complaints=(felt,))


def _correction(drawn: Plan, _: Random) -> Plan:
    """Truly steady only between the set 45 minutes after the dose and the one at 60, which raises the flag."""
    drawn = _with_body(
        drawn, cadss_gone=PLANNED_MINUTES + 20.0, gait_steady=PLANNED_MINUTES + 55.0, orientated=PLANNED_MINUTES + 25.0
    )
    return replace(_with_slips(drawn, Slip.GAIT_TYPED_STEADY), clinician_after=12.0)


def _rebound(drawn: Plan, _: Random) -> Plan:
    return replace(_with_slips(drawn, Slip.REBOUND), clinician_after=25.0)


def _resting_dissociation(drawn: Plan, _: Random) -> Plan:
    return _with_body(drawn, cadss_rest=6)


def _oxygen(drawn: Plan, _: Random) -> Plan:
    return _with_body(drawn, bumps=(Bump(14, PLANNED_MINUTES + 24, Levels(spo2=-8)),))


def _stopped_early(drawn: Plan, _: Random) -> Plan:
    fear = Complaint(SymptomCode.PANIC_ATTACK, Severity.SEVERE, 13, 40)
    return _with_body(
        drawn, dose_minutes=18.0, cadss_peak=40.0, cadss_gone=46.0, gait_steady=52.0, orientated=48.0, alert=20.0,
        complaints=(fear,),
    )  # fmt: skip


def _severe_hypertension(drawn: Plan, _: Random) -> Plan:
    rest = replace(drawn.body.rest, systolic=134, diastolic=82)
    rise = replace(drawn.body.rise, systolic=60, diastolic=32)
    return _with_slips(_with_body(drawn, rest=rest, rise=rise), Slip.LABETALOL)


def _midazolam(drawn: Plan, _: Random) -> Plan:
    wild = Complaint(SymptomCode.AGITATION, Severity.SEVERE, 22, PLANNED_MINUTES + 12)
    return _with_slips(_with_body(drawn, cadss_peak=34.0, complaints=(wild,)), Slip.MIDAZOLAM)


def _to_hospital(drawn: Plan, _: Random) -> Plan:
    pain = Complaint(SymptomCode.CHEST_PAIN, Severity.SEVERE, PLANNED_MINUTES + 10, 10_000)
    return _with_slips(_with_body(drawn, complaints=(pain,)), Slip.TO_HOSPITAL)


def _slip(slip: Slip) -> Shape:
    return lambda drawn, _: _with_slips(drawn, slip)


SHAPES: dict[Story, Shape] = {
    Story.LATE_DISSOCIATION: _late_dissociation,
    Story.UNSTEADY_GAIT: _unsteady_gait,
    Story.HYPERTENSIVE_BASELINE: _hypertensive,
    Story.PANIC_BASELINE: _panic,
    Story.VAGAL_EPISODE: _vagal,
    Story.MISSING_SPO2: _slip(Slip.PROBE_FAULT),
    Story.TYPED_1200: _slip(Slip.TYPED_1200),
    Story.SWAPPED_PRESSURES: _slip(Slip.SWAPPED),
    Story.CORRECTION_AFTER_FLAG: _correction,
    Story.REBOUND: _rebound,
    Story.RESTING_DISSOCIATION: _resting_dissociation,
    Story.OXYGEN_GIVEN: _oxygen,
    Story.STOPPED_EARLY: _stopped_early,
    Story.SEVERE_HYPERTENSION: _severe_hypertension,
    Story.MIDAZOLAM_GIVEN: _midazolam,
    Story.LOOK_ALIKE: lambda drawn, _: drawn,
    Story.OVER_MIDNIGHT: lambda drawn, _: drawn,
    Story.FAST_TABLET: lambda drawn, _: replace(drawn, tablet_ahead=timedelta(seconds=80)),
    Story.DECLINED_ONCE: _slip(Slip.DECLINED),
    Story.EXCLUDED: _slip(Slip.EXCLUDED),
    Story.SENT_TO_HOSPITAL: _to_hospital,
    Story.LEFT_AGAINST_ADVICE: _slip(Slip.WALKS_OUT),
}
"""How each story differs; the ordinary and the nasal session are drawn from their cohort as they come."""

UNUSUAL: tuple[Story, ...] = tuple(SHAPES)


def programme(count: int, chance: Random) -> list[Story]:
    """The stories of `count` sessions, in order of arrival.

    Each unusual one at least once, a quarter of all where there are that many; of the others one in eight is nasal.
    """
    told = list(UNUSUAL[:count])
    while len(told) < count // 4:
        told.append(chance.choice(UNUSUAL))
    rest = [Story.NASAL if chance.random() < 0.125 else Story.ORDINARY for _ in range(count - len(told))]
    if rest:
        rest[0] = Story.NASAL
    stories = told + rest
    chance.shuffle(stories)
    return stories
