"""What is done to a plausible session: something missing, worse, at an edge, at one instant, in the wrong order."""

from dataclasses import replace
from decimal import Decimal
from random import Random

from app.domain.events import (
    DeviceGiven,
    DoseStarted,
    EventKind,
    MedicationGiven,
    OxygenStarted,
    RateChanged,
    Route,
    SymptomResolved,
)
from app.domain.symptoms import Severity, Symptom, SymptomCode
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
from tests.oracle import oracle
from tests.oracle.generate import MINUTE, ROOM_AIR, SECOND, TABLET_IDS, Draft

NUMBERS = tuple(vital.value for vital in Vital if vital is not Vital.SPO2)
VITALS = tuple(vital.value for vital in Vital)
BESIDES = ("consciousness", "dissociation", "symptoms", "gait_steady", "orientated")
CODES = (
    SymptomCode.NAUSEA,
    SymptomCode.NAUSEA,
    SymptomCode.DIZZINESS,
    SymptomCode.CHEST_PAIN,
    SymptomCode.SEIZURE,
    SymptomCode.HALLUCINATION,
)
MEDICINES = ("midazolam", "ondansetron", "labetalol", "glycopyrronium")


def edge(rng: Random) -> int:
    """Just before, at, or just after: in seconds, or in the smallest step there is."""
    return rng.choice((-SECOND, 0, 0, 0, SECOND, -1, 1))


def newest_or_any(d: Draft, readings=None):
    """A recovery reading, the newest most often; None where there is none."""
    readings = d.recovery() if readings is None else readings
    if not readings:
        return None
    return readings[-1] if d.rng.random() < 0.6 else d.rng.choice(readings)


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
    while oracle.number_verdict(x + way, reference, wide) == oracle.MET:
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


# --- baseline


def baseline_removed(d: Draft) -> None:
    for r in d.before()[: d.rng.choice((1, 1, 2, 9))]:
        d.readings.remove(r)


def baseline_item_missing(d: Draft) -> None:
    if r := newest_or_any(d, d.before()):
        r[d.rng.choice((*VITALS, "consciousness", "dissociation"))] = None


def baseline_at_edge(d: Draft) -> None:
    """A baseline reading just as old, or just as near to the next, as the protocol allows."""
    rng, rule = d.rng, d.protocol.baseline
    before = d.before()
    if not before:
        return
    if rng.random() < 0.5:
        before[0]["t"] = d.start - rule.max_age_minutes * MINUTE + edge(rng)
    elif len(before) >= 2:
        before[-2]["t"] = before[-1]["t"] - rule.spacing * MINUTE + edge(rng)


def baseline_unsound(d: Draft) -> None:
    """Baseline readings at or over a limit of soundness, or of a patient who is not wholly there."""
    rng = d.rng
    before = d.before()
    limits = d.protocol.baseline.limits
    if not before:
        return
    r = rng.choice(before)
    match rng.randrange(5):
        case 0:
            r["dissociation"] = Dissociation(rng.choice(list(DissociationGrade)), "cadss", "23-item", rng.randint(0, 2))
        case 1:
            scale = rng.choice(list(ConsciousnessScale))
            r["consciousness"] = Consciousness(scale, rng.choice(CONSCIOUSNESS_SCORES[scale][:2]))
        case _:
            if not limits:
                return
            vital = rng.choice(list(limits))
            bound = rng.choice([b for b in (limits[vital].floor, limits[vital].ceiling) if b is not None])
            value = bound + rng.choice((-1, 0, 0, 1))
            for other in before if rng.random() < 0.5 else [r]:
                other[vital.value] = value
            if rng.random() < 0.5 and vital is not Vital.SPO2:
                for later in d.recovery():
                    later[vital.value] = value


def baseline_revised(d: Draft) -> None:
    if before := d.before():
        d.rng.choice(before)["revision"] = 2


def baseline_noisy(d: Draft) -> None:
    """Values that leave a fraction in the mean."""
    for r in d.before():
        for vital in VITALS:
            if r[vital] is not None:
                r[vital] += d.rng.randint(-2, 2) if vital != "spo2" else -d.rng.randint(0, 2)


# --- dose


def dose_again(d: Draft) -> None:
    """A pause, resume, start, stop, rate change or device where it may not belong."""
    rng = d.rng
    t = rng.choice(
        (d.start, d.end, d.end, d.as_of - 10 * MINUTE, d.end + 10 * MINUTE, d.start + 5 * MINUTE)
    ) + rng.choice((0, 0, 0, -SECOND, SECOND, 60 * SECOND))
    if d.protocol.route is Route.INTRANASAL:
        d.add("nasal-device-given", t, DeviceGiven(Decimal(56)))
        return
    kind = rng.choice(("infusion-paused", "infusion-resumed", "infusion-started", "infusion-stopped", "rate-changed"))
    detail = {"infusion-started": DoseStarted(Decimal(20)), "rate-changed": RateChanged(Decimal(30))}.get(kind)
    d.add(kind, t, detail)
    if kind in ("infusion-resumed", "infusion-started") and rng.random() < 0.6:
        d.add("infusion-stopped", t + rng.choice((0, SECOND, 3 * MINUTE)))


def dose_paused(d: Draft) -> None:
    """A pause and its resume, or a pause left standing, or all at one instant."""
    rng = d.rng
    if d.protocol.route is Route.INTRANASAL or d.end - d.start < 10 * MINUTE:
        return
    t = d.start + rng.randrange(0, 8) * MINUTE
    d.add("infusion-paused", t)
    if rng.random() < 0.7:
        d.add("infusion-resumed", t + rng.choice((0, 0, 2 * MINUTE)))


def dose_all_at_once(d: Draft) -> None:
    """Several of the dose's events at one instant: its end, its start, or after all."""
    rng = d.rng
    if d.protocol.route is Route.INTRANASAL:
        return
    t = rng.choice((d.end, d.end, d.start, d.end + 4 * MINUTE))
    for kind in rng.sample(
        ("infusion-paused", "infusion-stopped", "infusion-resumed", "infusion-paused"), rng.choice((1, 2, 2, 3))
    ):
        d.add(kind, t)


def dose_missing(d: Draft) -> None:
    kinds = ("infusion-started", "infusion-stopped", "nasal-device-given", "infusion-resumed")
    doses = [e for e in d.events if e["kind"] in kinds]
    if doses:
        d.events.remove(d.rng.choice(doses))


def start_moved(d: Draft) -> None:
    """The start entered again, later: what was measured during the dose becomes baseline."""
    for e in d.events:
        if e["kind"] is EventKind.INFUSION_STARTED:
            e["t"] += d.rng.choice((10, 17, 30)) * MINUTE


def dose_clock_at_edge(d: Draft) -> None:
    name, minutes = d.rng.choice(sorted(d.protocol.dose_minutes.items()))
    d.as_of = (d.start if name == "first-device" else d.end) + minutes * MINUTE + edge(d.rng)


# --- symptoms, medication, oxygen


def symptom_named(d: Draft) -> None:
    """One or two mentions of a symptom, and perhaps its resolution, before, at, or after the last of them."""
    rng = d.rng
    if not d.readings:
        return
    code = rng.choice(CODES)
    told = sorted(rng.sample(d.readings, min(len(d.readings), rng.choice((1, 1, 2)))), key=lambda r: r["t"])
    for r in told:
        r["symptoms"] = (*(r["symptoms"] or ()), Symptom(code, rng.choice((*Severity, Severity.MILD, None))))
    for _ in range(rng.choice((0, 1, 1, 2))):
        t = rng.choice(told)["t"] + rng.choice((0, 0, -1, 1, SECOND, 3 * MINUTE, 12 * MINUTE))
        d.add("symptom-resolved", t, SymptomResolved(code if rng.random() < 0.9 else rng.choice(CODES)))


def late_resolution(d: Draft) -> None:
    """What was named before the good sets is resolved only among them, or after them."""
    rng = d.rng
    sets = d.recovery()
    early = [r for r in d.readings if r["t"] <= d.end] or sets
    if not sets:
        return
    r, code = rng.choice(early), rng.choice(CODES)
    r["symptoms"] = (*(r["symptoms"] or ()), Symptom(code, rng.choice((*Severity, Severity.MODERATE))))
    t = rng.choice((*(s["t"] for s in sets), d.as_of)) + rng.choice((0, 0, -1, 1, MINUTE, -MINUTE))
    d.add("symptom-resolved", t, SymptomResolved(code))


def resolved_for_nothing(d: Draft) -> None:
    d.add("symptom-resolved", d.as_of - d.rng.randrange(600) * SECOND, SymptomResolved(d.rng.choice(CODES)))


def severity_missing(d: Draft) -> None:
    if r := newest_or_any(d):
        r["symptoms"] = (Symptom(SymptomCode.NAUSEA, None), Symptom(SymptomCode.DIZZINESS, Severity.MILD))


def medication(d: Draft) -> None:
    rng = d.rng
    code = rng.choice(MEDICINES)
    table = d.protocol.medication_minutes
    minutes = table.get(code, max(table.values()))
    match rng.randrange(5):
        case 0:
            t = d.as_of - minutes * MINUTE + edge(rng)
        case 1:
            t = d.as_of + rng.randrange(120) * SECOND
        case 2 if d.recovery():
            t = rng.choice(d.recovery())["t"] + edge(rng)
        case 3:
            t = d.as_of - (minutes + rng.randint(0, 30)) * MINUTE
        case _:
            t = d.as_of - rng.randrange(0, 200) * MINUTE
    d.add("medication-given", t, MedicationGiven(code))


def oxygen_events(d: Draft) -> None:
    rng = d.rng
    sets = d.recovery()
    near = rng.choice([d.as_of, d.end, *(r["t"] for r in sets)])
    t = near + rng.choice((0, 0, -SECOND, SECOND, -5 * MINUTE, 60 * SECOND))
    stop = t + rng.choice((0, SECOND, 4 * MINUTE, 10 * MINUTE))
    which = rng.randrange(5)
    if which != 0:
        d.add("oxygen-started", t, OxygenStarted(Decimal(2)))
    if which in (0, 1, 2):
        d.add("oxygen-stopped", stop)
    if which == 4:
        for r in sets:
            if r["t"] >= t and rng.random() < 0.7:
                r["oxygen"] = Oxygen(OxygenKind.SUPPLEMENTAL, rng.choice((Decimal(2), None)))


# --- people and tablets


def escort_changed(d: Draft) -> None:
    rng = d.rng
    match rng.randrange(6):
        case 0:
            d.escort = None
        case 1:
            d.escort = {"present": False, "t": rng.choice((None, d.as_of))}
        case 2:
            d.escort = {"present": True, "t": None}
        case 3:
            d.escort = {"present": True, "t": d.end + edge(rng)}
        case 4:
            d.escort = {"present": True, "t": d.as_of, "name": rng.choice(("", "  "))}
        case _:
            d.escort = {"present": True, "t": d.start - 20 * MINUTE}


def tablet_changed(d: Draft) -> None:
    rng = d.rng
    unsent = rng.choice((0, 0, 0, 1))
    heard = d.as_of - rng.choice((d.protocol.tablet_seconds, 5)) * SECOND + edge(rng)
    d.tablets = [*d.tablets[-3:], {"id": TABLET_IDS[rng.randrange(2, 5)], "t": heard, "unsent": unsent}]


def concerning(d: Draft) -> None:
    """A value at, or one beyond, what the protocol shows at once."""
    rng = d.rng
    if not d.protocol.concerns or not d.readings:
        return
    vital = rng.choice(list(d.protocol.concerns))
    limit = d.protocol.concerns[vital]
    bounds = [b for b in (limit.floor, limit.ceiling) if b is not None]
    if limit.delta is not None:
        bounds.append(d.usual[vital] + rng.choice((-1, 1)) * limit.delta)
    during = [r for r in d.readings if d.start <= r["t"] <= d.end]
    r = rng.choice(during or d.readings)
    if bounds:
        r[vital.value] = rng.choice(bounds) + rng.choice((-1, 0, 1))
        if vital is Vital.SPO2:
            r["spo2"] = min(100, r["spo2"])


# --- the instant looked from


def fresh_at_edge(d: Draft) -> None:
    if sets := d.recovery():
        d.as_of = sets[-1]["t"] + d.protocol.fresh_minutes * MINUTE + edge(d.rng)


def seen_earlier(d: Draft) -> None:
    """Looked at before all was done: only what had happened (or was up to two minutes ahead) is there."""
    rng = d.rng
    d.as_of = rng.randrange(d.start - 60 * MINUTE, d.as_of + 1, SECOND)
    upto = d.as_of + 120 * SECOND
    d.readings = [r for r in d.readings if r["t"] <= upto]
    d.events = [e for e in d.events if e["t"] <= upto]
    for tablet in d.tablets:
        tablet["t"] = min(tablet["t"], d.as_of)


def seen_later(d: Draft) -> None:
    d.as_of += d.rng.choice((1, 5 * MINUTE, 25 * MINUTE, 90 * MINUTE))


def sharper(d: Draft) -> None:
    """One number of the protocol one step off, so that the limits meet the values there are."""
    rng, p = d.rng, d.protocol
    rule = p.sustained
    changes = (
        {"sustained": replace(rule, sets=max(2, min(5, rule.sets + rng.choice((-1, 1)))))},
        {"sustained": replace(rule, minutes=max(5, rule.minutes + rng.choice((-1, 1))))},
        {"sustained": replace(rule, max_gap=min(60, rule.max_gap + 1))},
        {"tablet_seconds": p.tablet_seconds + rng.choice((-1, 1))},
        {"fresh_minutes": min(30, p.fresh_minutes + 1)},
        {"schedule": replace(p.schedule, recovery=max(1, p.schedule.recovery - rng.randrange(4)))},
    )
    d.protocol = replace(p, **rng.choice(changes))


def travelled(rng: Random, facts, protocol, as_of) -> int:
    """Another instant to look from: where the oracle says that something may change, or just beside it."""
    said = oracle.judge(facts, protocol, as_of)
    marks = [m for m in (said["lapses_at"], said["earliest_met_at"]) if m is not None]
    return rng.choice(marks or [oracle.ticks(as_of)]) + rng.choice((0, 0, -1, 1, -SECOND))


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
    baseline_removed: 3,
    baseline_item_missing: 2,
    baseline_at_edge: 5,
    baseline_unsound: 5,
    baseline_revised: 2,
    baseline_noisy: 5,
    dose_again: 4,
    dose_paused: 3,
    dose_all_at_once: 3,
    dose_missing: 2,
    start_moved: 2,
    dose_clock_at_edge: 3,
    symptom_named: 6,
    late_resolution: 4,
    resolved_for_nothing: 1,
    severity_missing: 2,
    medication: 5,
    oxygen_events: 5,
    escort_changed: 6,
    tablet_changed: 4,
    concerning: 10,
    fresh_at_edge: 4,
    seen_earlier: 4,
    seen_later: 3,
    sharper: 3,
}
TWISTS = list(WEIGHTED)
WEIGHTS = list(WEIGHTED.values())
