"""The protocols the spec tables are asked under: the numbers of the shipped examples, as values."""

from dataclasses import replace

from app.domain.canonical import digest
from app.domain.events import Route
from app.domain.protocol.values import (
    AbsoluteLimits,
    BaselineMethod,
    BaselineRule,
    ConcernLimits,
    DoseClock,
    Protocol,
    RecoveryLimits,
    Schedule,
    Spo2Limits,
    Sustained,
    SymptomRule,
)
from app.domain.symptoms import Severity, SymptomCode
from app.domain.vitals import ConsciousnessScale, Vital

BASELINE_LIMITS = {
    Vital.HEART_RATE: AbsoluteLimits(50, 110),
    Vital.SYSTOLIC: AbsoluteLimits(None, 150),
    Vital.DIASTOLIC: AbsoluteLimits(None, 95),
    Vital.RESPIRATORY_RATE: AbsoluteLimits(10, 20),
    Vital.SPO2: AbsoluteLimits(94, None),
}
ALWAYS = frozenset(
    {
        SymptomCode.CHEST_PAIN,
        SymptomCode.SEIZURE,
        SymptomCode.SYNCOPE,
        SymptomCode.APNOEA,
        SymptomCode.HALLUCINATION,
        SymptomCode.SUICIDAL_THOUGHTS,
    }
)

EXAMPLE = Protocol(
    id="iv-infusion-example",
    version=1,
    route=Route.IV_INFUSION,
    example=True,
    schedule=Schedule(baseline=10, infusion=10, recovery=15, grace=3),
    baseline=BaselineRule(2, 60, 3, BaselineMethod.MEAN, BASELINE_LIMITS),
    recovery={
        Vital.HEART_RATE: RecoveryLimits(20, 20, None, None, 50, 110),
        Vital.SYSTOLIC: RecoveryLimits(20, 20, None, None, 90, 160),
        Vital.DIASTOLIC: RecoveryLimits(20, 20, None, None, 50, 100),
        Vital.RESPIRATORY_RATE: RecoveryLimits(None, None, 4, 4, 10, 20),
    },
    spo2=Spo2Limits(94, 3),
    consciousness_scale=ConsciousnessScale.MOAAS,
    dissociation_instrument=None,
    dose_minutes={DoseClock.INFUSION_END: 60},
    sustained=Sustained(sets=2, minutes=10, spacing=5, max_gap=20),
    fresh_minutes=20,
    symptoms=SymptomRule(Severity.MODERATE, ALWAYS),
    medication_minutes={"midazolam": 120, "labetalol": 60, "ondansetron": 15},
    tablet_seconds=120,
    concerns={Vital.SYSTOLIC: ConcernLimits(None, 180, None, acknowledge=True)},
    signature_minutes=30,
    sources={},
    document={"id": "iv-infusion-example", "version": 1},
    content_hash=digest({"id": "iv-infusion-example", "version": 1}),
)

NASAL = replace(
    EXAMPLE,
    id="intranasal-example",
    route=Route.INTRANASAL,
    dose_minutes={DoseClock.FIRST_DEVICE: 120, DoseClock.LAST_DEVICE: 60},
    document={"id": "intranasal-example", "version": 1},
    content_hash=digest({"id": "intranasal-example", "version": 1}),
)

ALONE = {vital: replace(limits, percent_up=None, percent_down=None) for vital, limits in EXAMPLE.recovery.items()}


def _recovery(vital: Vital, **change: int | None) -> Protocol:
    return replace(EXAMPLE, recovery={**EXAMPLE.recovery, vital: replace(EXAMPLE.recovery[vital], **change)})


PROTOCOLS: dict[str, Protocol] = {
    "example": EXAMPLE,
    "nasal": NASAL,
    "median": replace(EXAMPLE, baseline=replace(EXAMPLE.baseline, method=BaselineMethod.MEDIAN)),
    "last": replace(EXAMPLE, baseline=replace(EXAMPLE.baseline, method=BaselineMethod.LAST)),
    "three-readings": replace(EXAMPLE, baseline=replace(EXAMPLE.baseline, min_readings=3)),
    "delta": _recovery(Vital.SYSTOLIC, percent_up=None, percent_down=None, delta_up=15, delta_down=10),
    "up-and-down": _recovery(Vital.SYSTOLIC, percent_up=10, percent_down=25),
    "percent-and-delta": _recovery(Vital.SYSTOLIC, percent_up=20, percent_down=20, delta_up=15, delta_down=30),
    "wide-heart-rate": _recovery(Vital.HEART_RATE, floor=40, ceiling=130),
    "acvpu": replace(EXAMPLE, consciousness_scale=ConsciousnessScale.ACVPU),
    "rass": replace(EXAMPLE, consciousness_scale=ConsciousnessScale.RASS),
    "cadss": replace(EXAMPLE, dissociation_instrument="cadss"),
    "from-mild": replace(EXAMPLE, symptoms=replace(EXAMPLE.symptoms, from_severity=Severity.MILD)),
    "three-sets": replace(EXAMPLE, sustained=Sustained(sets=3, minutes=20, spacing=5, max_gap=20)),
    "concern-both-ways": replace(EXAMPLE, concerns={Vital.HEART_RATE: ConcernLimits(45, 130, 30, acknowledge=True)}),
    "concern-shown-only": replace(
        EXAMPLE, concerns={Vital.SYSTOLIC: ConcernLimits(None, 180, None, acknowledge=False)}
    ),
}
"""By the name a table gives. Each differs from the example in the one thing its name says."""
