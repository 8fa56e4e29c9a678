"""What is done to the baseline, the events, the people and the tablets of a plausible session."""

from decimal import Decimal

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
from tests.oracle.generate import CODES, MINUTE, SECOND, TABLET_IDS, VITALS, Draft, edge, newest_or_any

MEDICINES = ("midazolam", "ondansetron", "labetalol", "glycopyrronium")


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
    if kind == "rate-changed":
        # a clock that counts parts of a second: in the second of the start, or just before or after it
        t += rng.choice((0, 0, SECOND // 4, -SECOND // 4))
        for e in d.events if rng.random() < 0.5 else ():
            if e["kind"] == "infusion-started":
                e["t"] += SECOND // 2
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
    unsent, draft = rng.choice(((0, False), (0, False), (0, False), (0, False), (1, False), (0, True)))
    pace = rng.choice((1, 1, 1, 10, 60))
    heard = d.as_of - rng.choice((d.protocol.tablet_seconds * pace, d.protocol.tablet_seconds, 5)) * SECOND + edge(rng)
    said = {"t": heard, "unsent": unsent, "draft": draft, "enrolled": rng.random() < 0.7, "pace": pace}
    d.tablets = [*d.tablets[-3:], {"id": TABLET_IDS[rng.randrange(2, 5)], **said}]


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


WEIGHTED = {
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
}
