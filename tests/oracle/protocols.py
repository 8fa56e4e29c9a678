"""Protocols for the comparison: the numbers of the shipped kind, and any others inside the schema's bands."""

from random import Random

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
EXAMPLE_RECOVERY = {
    Vital.HEART_RATE: RecoveryLimits(20, 20, None, None, 50, 110),
    Vital.SYSTOLIC: RecoveryLimits(20, 20, None, None, 90, 160),
    Vital.DIASTOLIC: RecoveryLimits(20, 20, None, None, 50, 100),
    Vital.RESPIRATORY_RATE: RecoveryLimits(None, None, 4, 4, 10, 20),
}
EXAMPLE_BASELINE = BaselineRule(
    2,
    60,
    3,
    BaselineMethod.MEAN,
    {
        Vital.HEART_RATE: AbsoluteLimits(50, 110),
        Vital.SYSTOLIC: AbsoluteLimits(None, 150),
        Vital.DIASTOLIC: AbsoluteLimits(None, 95),
        Vital.RESPIRATORY_RATE: AbsoluteLimits(10, 20),
        Vital.SPO2: AbsoluteLimits(94, None),
    },
)
EXAMPLE_CONCERNS = {
    Vital.SYSTOLIC: ConcernLimits(None, 180, None, True),
    Vital.DIASTOLIC: ConcernLimits(None, 110, None, True),
    Vital.HEART_RATE: ConcernLimits(45, 130, None, True),
    Vital.SPO2: ConcernLimits(92, None, None, True),
}

# floor and ceiling of each vital, and its widest relative limits: what the schema lets through
ABSOLUTE = {
    Vital.HEART_RATE: ((40, 60), (90, 130)),
    Vital.SYSTOLIC: ((80, 100), (130, 180)),
    Vital.DIASTOLIC: ((40, 60), (85, 110)),
    Vital.RESPIRATORY_RATE: ((8, 12), (18, 24)),
}
DELTA = {
    Vital.HEART_RATE: (5, 30),
    Vital.SYSTOLIC: (5, 40),
    Vital.DIASTOLIC: (5, 40),
    Vital.RESPIRATORY_RATE: (2, 6),
}


def protocol_of(route: Route, **changed) -> Protocol:
    """The example's numbers for `route`, with any field changed."""
    dose_minutes = (
        {DoseClock.INFUSION_END: 60}
        if route is Route.IV_INFUSION
        else {DoseClock.FIRST_DEVICE: 120, DoseClock.LAST_DEVICE: 60}
    )
    fields = {
        "id": f"{route.value}-example",
        "version": 1,
        "route": route,
        "example": True,
        "schedule": Schedule(10, 10, 15, 3),
        "baseline": EXAMPLE_BASELINE,
        "recovery": EXAMPLE_RECOVERY,
        "spo2": Spo2Limits(94, 3),
        "consciousness_scale": ConsciousnessScale.MOAAS,
        "dissociation_instrument": None,
        "dose_minutes": dose_minutes,
        "sustained": Sustained(2, 10, 5, 20),
        "fresh_minutes": 20,
        "symptoms": SymptomRule(Severity.MODERATE, ALWAYS),
        "medication_minutes": {"midazolam": 120, "labetalol": 60, "ondansetron": 15},
        "tablet_seconds": 120,
        "concerns": EXAMPLE_CONCERNS,
        "prompts": {},  # no criterion asks for them
        "same_day": None,  # nor for what was asked before the dose
        "escort_by_phone": False,
        "signature_minutes": 30,
        "sources": {},
        "document": {},
        "content_hash": "0" * 64,
    }
    return Protocol(**{**fields, **changed})


EXAMPLES = {route: protocol_of(route) for route in Route}


def _recovery(rng: Random, vital: Vital) -> RecoveryLimits:
    floors, ceilings = ABSOLUTE[vital]

    def percent():
        return rng.choice((5, 10, 15, 20, 20, 25, 30))

    def delta():
        return rng.randint(*DELTA[vital])

    match rng.randrange(5):
        case 0:
            both = percent()
            relative = (both, both, None, None)
        case 1:
            both = delta()
            relative = (None, None, both, both)
        case 2:
            relative = (percent(), percent(), None, None)
        case 3:
            relative = (percent(), None, None, delta())
        case _:
            both = percent()
            relative = (both, both, delta(), delta())
    return RecoveryLimits(*relative, rng.randint(*floors), rng.randint(*ceilings))


def _concerns(rng: Random) -> dict[Vital, ConcernLimits]:
    bands = {
        Vital.HEART_RATE: ((40, 55), (110, 140), (20, 50)),
        Vital.SYSTOLIC: ((80, 95), (150, 190), (25, 60)),
        Vital.DIASTOLIC: ((40, 55), (95, 115), (20, 40)),
        Vital.RESPIRATORY_RATE: ((6, 10), (22, 30), (6, 12)),
        Vital.SPO2: ((88, 93), (100, 100), (4, 8)),
    }
    found = {}
    for vital in rng.sample(list(Vital), rng.randint(0, 3)):
        floors, ceilings, deltas = bands[vital]
        found[vital] = ConcernLimits(
            rng.randint(*floors) if rng.random() < 0.6 else None,
            rng.randint(*ceilings) if rng.random() < 0.6 else None,
            rng.randint(*deltas) if rng.random() < 0.5 else None,
            rng.random() < 0.7,
        )
    return found


def _baseline(rng: Random) -> BaselineRule:
    limits = {}
    if rng.random() < 0.6:
        limits = {
            Vital.HEART_RATE: AbsoluteLimits(rng.randint(45, 55), rng.randint(95, 120)),
            Vital.SYSTOLIC: AbsoluteLimits(None, rng.randint(140, 165)),
            Vital.SPO2: AbsoluteLimits(rng.randint(91, 95), None),
        }
    if rng.random() < 0.4:
        limits[Vital.RESPIRATORY_RATE] = AbsoluteLimits(rng.randint(8, 11), None)
        limits[Vital.DIASTOLIC] = AbsoluteLimits(45, rng.randint(88, 100))
    return BaselineRule(
        rng.choice((2, 2, 2, 3, 4)),
        rng.randint(15, 120),
        rng.choice((1, 2, 3, 3, 5, 10)),
        rng.choice(list(BaselineMethod)),
        limits,
    )


def random_protocol(rng: Random, route: Route) -> Protocol:
    """Any protocol inside the bands, drawn towards the small numbers that make short sessions."""
    interval, grace = rng.choice((5, 8, 10, 10, 15, 15)), rng.randint(0, 5)
    least = interval + grace
    if route is Route.IV_INFUSION:
        dose_minutes = {DoseClock.INFUSION_END: rng.choice((15, 20, 30, 45, 60, 90))}
    else:
        dose_minutes = {
            DoseClock.FIRST_DEVICE: rng.choice((120, 120, 130, 150)),
            DoseClock.LAST_DEVICE: rng.choice((60, 60, 75, 110, 130)),
        }
    medication = {"midazolam": rng.randint(60, 180)}
    if rng.random() < 0.7:
        medication["ondansetron"] = rng.randint(5, 30)
    if rng.random() < 0.5:
        medication["labetalol"] = rng.randint(10, 90)
    always = ALWAYS if rng.random() < 0.6 else frozenset(rng.sample(sorted(ALWAYS), rng.randint(1, 4)))
    return protocol_of(
        route,
        schedule=Schedule(10, 10, interval, grace),
        baseline=_baseline(rng),
        recovery={vital: _recovery(rng, vital) for vital in ABSOLUTE},
        spo2=Spo2Limits(rng.randint(90, 97), rng.randint(0, 4)),
        consciousness_scale=rng.choice(list(ConsciousnessScale)),
        dissociation_instrument=rng.choice((None, None, "cadss", "cadss-6")),
        dose_minutes=dose_minutes,
        sustained=Sustained(
            rng.randint(2, 5), rng.choice((5, 10, 10, 15, 20, 30, 45)), rng.randint(3, 15), rng.randint(least, 60)
        ),
        fresh_minutes=rng.randint(least, 30),
        symptoms=SymptomRule(rng.choice((Severity.MILD, Severity.MODERATE, Severity.MODERATE)), always),
        medication_minutes=medication,
        tablet_seconds=rng.choice((30, 60, 120, 600)),
        concerns=_concerns(rng),
    )
