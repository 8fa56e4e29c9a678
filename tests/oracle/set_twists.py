"""What is done to the sets of a plausible session: something missing, worse, at an edge, at one instant."""

from dataclasses import replace
from decimal import Decimal

from app.domain.symptoms import Severity, Symptom
from app.domain.vitals import (
    CONSCIOUSNESS_SCORES,
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)
from tests.oracle import oracle, verdicts
from tests.oracle.generate import CODES, MINUTE, ROOM_AIR, SECOND, VITALS, Draft, edge, newest_or_any

NUMBERS = tuple(vital.value for vital in Vital if vital is not Vital.SPO2)
BESIDES = ("consciousness", "dissociation", "symptoms", "gait_steady", "orientated")


# --- items of a set


def item_missing(d: Draft) -> None:
    if r := newest_or_any(d):
        r[d.rng.choice((*VITALS, *BESIDES))] = None


def item_worse(d: Draft) -> None:
    rng = d.rng
    if r := newest_or_any(d):
        match rng.randrange(9):
            case 0:
                r["gait_steady"] = False
            case 1:
                r["orientated"] = False
            case 2:
                r["dissociation"] = Dissociation(rng.choice(list(DissociationGrade)))
            case 3:
                score = rng.choice((0, 1, 3))
                items = ((1, score), (2, 0)) if rng.random() < 0.5 else ()
                name = rng.choice(("cadss", "cadss-6"))
                r["dissociation"] = Dissociation(DissociationGrade.NONE, name, "23-item", score, items)
            case 4 | 7 | 8:
                scale = rng.choice((d.protocol.consciousness_scale, *ConsciousnessScale))
                r["consciousness"] = Consciousness(scale, rng.choice(CONSCIOUSNESS_SCORES[scale]))
            case 5:
                r["symptoms"] = (Symptom(rng.choice(CODES), rng.choice((*Severity, None))),)
            case _:
                vital = rng.choice(VITALS)
                if r[vital] is not None:
                    r[vital] += rng.randint(-30, 30) if vital != "spo2" else -rng.randint(0, 6)


def vital_at_edge(d: Draft) -> None:
    """A vital at an absolute limit, or at the last value that its relative limit lets through, or one beside it."""
    rng = d.rng
    r = newest_or_any(d)
    if r is None:
        return
    beside = rng.choice((-1, 0, 0, 1))
    vital = Vital(rng.choice((*VITALS, "spo2")))
    before = [b[vital] for b in d.before() if b.get(vital) is not None]
    if vital is Vital.SPO2:
        low = d.protocol.spo2.floor
        if before and rng.random() < 0.4:
            low = min(before) - d.protocol.spo2.max_drop
        r["spo2"] = min(100, low + beside)
        return
    limit = d.protocol.recovery[vital]
    choices = [limit.floor, limit.ceiling]
    if before:
        total, count = sum(before), len(before)
        for percent, way in ((limit.percent_up, 1), (limit.percent_down, -1)):
            if percent is not None:
                choices.append((100 + way * percent) * total // (100 * count))
        for delta, way in ((limit.delta_up, 1), (limit.delta_down, -1)):
            if delta is not None:
                choices.append(total // count + way * delta)
    r[vital.value] = rng.choice(choices) + beside


def relative_edge(d: Draft) -> None:
    """A reference with a fraction, and the last whole number that its relative limit lets through, or one beyond."""
    rng = d.rng
    vital = Vital(rng.choice(NUMBERS))
    limit = d.protocol.recovery[vital]
    r = newest_or_any(d)
    before = [b for b in d.before() if b[vital] is not None]
    if r is None or not before:
        return
    rng.choice(before)[vital] += rng.choice((-1, 1))
    rule = replace(d.protocol.baseline, max_age_minutes=10_000)
    plain = [{"doubtful": False, "revision": 1, **b, "id": n, "oxygen": None} for n, b in enumerate(before)]
    reference = oracle.baseline_of(plain, d.start, rule)[vital]
    if reference is None:
        return
    wide = replace(limit, floor=0, ceiling=1000)
    way = rng.choice((-1, 1))
    x = reference[0] // reference[1]
    while verdicts.number_verdict(x + way, reference, wide) == verdicts.MET:
        x += way
    r[vital] = x + rng.choice((0, way))


def spo2_air(d: Draft) -> None:
    if r := newest_or_any(d):
        r["oxygen"] = d.rng.choice(
            (
                None,
                Oxygen(OxygenKind.SUPPLEMENTAL),
                *(Oxygen(OxygenKind.SUPPLEMENTAL, Decimal(f)) for f in ("2", "2.5", "1")),
            )
        )


def baseline_air(d: Draft) -> None:
    """A patient who came on oxygen; recovery on less, as much, or more."""
    rng = d.rng
    flows = [Decimal(2), Decimal("2.0"), Decimal("1.5"), None]
    same = rng.random() < 0.7
    kind = Oxygen(OxygenKind.SUPPLEMENTAL, rng.choice(flows[:3]))
    for r in d.before():
        r["oxygen"] = kind if same else rng.choice((ROOM_AIR, Oxygen(OxygenKind.SUPPLEMENTAL, rng.choice(flows)), None))
    for r in d.recovery():
        if rng.random() < 0.7:
            r["oxygen"] = Oxygen(OxygenKind.SUPPLEMENTAL, rng.choice((*flows, Decimal("2.5"))))


def doubtful(d: Draft) -> None:
    facts = [*d.readings, *d.events]
    d.rng.choice(facts)["doubtful"] = True


# --- instants of sets


def twin(d: Draft) -> None:
    """A second reading at an instant that has one: the same, better, worse, or with gaps."""
    rng = d.rng
    if not d.readings:
        return
    r = rng.choice(d.readings)
    other = dict(r)
    match rng.randrange(4):
        case 0:
            pass
        case 1:
            for vital in VITALS:
                if rng.random() < 0.4:
                    other[vital] = None
        case 2:
            other["gait_steady"] = rng.choice((False, None))
        case _:
            vital = rng.choice(VITALS)
            if other[vital] is not None:
                other[vital] += rng.choice((-1, 1))
    d.readings.append(other)


def gap_at_edge(d: Draft) -> None:
    """Moves a set so that its distance to the one before is a limit of `sustained`, or just off it."""
    rng, rule = d.rng, d.protocol.sustained
    sets = d.recovery()
    if len(sets) < 2:
        return
    n = rng.randrange(1, len(sets))
    wanted = rng.choice((rule.max_gap, rule.max_gap, rule.spacing, rule.minutes)) * MINUTE + edge(rng)
    shift = sets[n - 1]["t"] + wanted - sets[n]["t"]
    for r in sets[n:]:
        r["t"] += shift
    d.as_of = max(d.as_of, sets[-1]["t"])


def span_at_edge(d: Draft) -> None:
    """Makes the time from the first to the newest recovery set the protocol's minutes, or just off it."""
    sets = d.recovery()
    if len(sets) >= 2:
        first = sets[0]["t"]
        last = first + d.protocol.sustained.minutes * MINUTE + edge(d.rng)
        for n, r in enumerate(sets[1:-1], 1):
            r["t"] = first + n * (last - first) // (len(sets) - 1)
        sets[-1]["t"] = last
        d.as_of = max(d.as_of if d.rng.random() < 0.3 else 0, last + d.rng.randrange(5) * MINUTE)


def set_between(d: Draft) -> None:
    """One more set among those there are: good, bad or incomplete, close behind another."""
    rng = d.rng
    sets = d.recovery()
    if not sets:
        return
    near = rng.choice(sets)["t"] + rng.choice((1, SECOND, 2 * MINUTE, d.protocol.sustained.spacing * MINUTE - 1))
    r = d.good(near)
    match rng.randrange(4):
        case 0:
            r["gait_steady"] = False
        case 1:
            r[rng.choice(VITALS)] = None
    d.readings.append(r)


def set_removed(d: Draft) -> None:
    if d.readings:
        d.readings.remove(newest_or_any(d) or d.readings[0])


def recovery_removed(d: Draft) -> None:
    """No recovery set at all, or only the first of them."""
    for r in d.recovery()[d.rng.choice((0, 0, 1)) :]:
        d.readings.remove(r)


def at_dose_edge(d: Draft) -> None:
    """A reading at the start or the end of the dose."""
    r = d.good(d.rng.choice((d.start, d.end, d.end)) + edge(d.rng))
    if d.rng.random() < 0.3:
        r["dissociation"] = Dissociation(DissociationGrade.MILD)
    if d.rng.random() < 0.4:
        recovery_removed(d)
    d.readings.append(r)


def future_set(d: Draft) -> None:
    """A set after the instant looked from, as a clock that runs ahead makes it."""
    r = d.good(d.as_of + d.rng.randrange(1, 120) * SECOND)
    if d.rng.random() < 0.4:
        r[d.rng.choice(("gait_steady", "orientated"))] = d.rng.choice((False, None))
    d.readings.append(r)


WEIGHTED = {
    item_missing: 4,
    item_worse: 14,
    vital_at_edge: 10,
    relative_edge: 8,
    spo2_air: 2,
    baseline_air: 3,
    doubtful: 2,
    twin: 4,
    gap_at_edge: 5,
    span_at_edge: 5,
    set_between: 4,
    set_removed: 2,
    recovery_removed: 2,
    at_dose_edge: 3,
    future_set: 3,
}
