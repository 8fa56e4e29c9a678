"""Seeded plausible sessions for the comparison, as drafts to be twisted at the edges of the rules.

A draft is kept in plain dictionaries with instants in microseconds; only `built` makes the domain's values of it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from app.domain.events import (
    BaselineAccepted,
    ConcernAcknowledged,
    DeviceGiven,
    DoseStarted,
    Event,
    EventKind,
    MedicationGiven,
    OxygenStarted,
    RateChanged,
    ReadingRef,
    Route,
    SymptomResolved,
)
from app.domain.facts import Escort, Facts, TabletContact
from app.domain.protocol.values import Protocol
from app.domain.readings import Reading
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.vitals import (
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)
from tests.oracle import oracle, plainly, verdicts
from tests.oracle.protocols import EXAMPLES, random_protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND, MINUTE = plainly.SECOND, plainly.MINUTE
SESSION_ID = UUID(int=1 << 64)
READING_IDS = [UUID(int=(2 << 64) + (n * 7919) % 1009) for n in range(1, 200)]
EVENT_IDS = [UUID(int=(3 << 64) + (n * 7919) % 1009) for n in range(1, 201)]
TABLET_IDS = [UUID(int=(4 << 64) + n) for n in range(8)]

VITALS = tuple(vital.value for vital in Vital)
CODES = (
    SymptomCode.NAUSEA,
    SymptomCode.NAUSEA,
    SymptomCode.DIZZINESS,
    SymptomCode.CHEST_PAIN,
    SymptomCode.SEIZURE,
    SymptomCode.HALLUCINATION,
)

# starts of sessions: plain days, and nights on which New York and London change their clocks
BASES = [
    int(datetime(*day, tzinfo=UTC).timestamp()) * SECOND
    for day in (
        (2026, 1, 14, 9, 0),
        (2026, 6, 30, 15, 30),
        (2028, 2, 29, 8, 0),
        (2026, 12, 31, 22, 0),
        (2026, 3, 8, 5, 0),
        (2026, 3, 8, 6, 20),
        (2026, 11, 1, 4, 30),
        (2026, 3, 29, 0, 0),
        (2026, 10, 24, 23, 30),
    )
]

ROOM_AIR = Oxygen(OxygenKind.ROOM_AIR)
NONE = Dissociation(DissociationGrade.NONE)
BEST = {scale: Consciousness(scale, verdicts.BEST[scale]) for scale in ConsciousnessScale}
STEP = {
    Vital.HEART_RATE: 4,
    Vital.SYSTOLIC: 6,
    Vital.DIASTOLIC: 4,
    Vital.RESPIRATORY_RATE: 1,
}
USUAL = {
    Vital.HEART_RATE: (58, 92),
    Vital.SYSTOLIC: (104, 138),
    Vital.DIASTOLIC: (62, 84),
    Vital.RESPIRATORY_RATE: (12, 18),
    Vital.SPO2: (97, 100),
}


@dataclass
class Draft:
    """A session under way, in plain dictionaries. `t` everywhere in microseconds."""

    rng: Random
    protocol: Protocol
    start: int
    end: int = 0
    as_of: int = 0
    usual: dict = field(default_factory=dict)
    readings: list = field(default_factory=list)
    events: list = field(default_factory=list)
    escort: dict | None = None
    tablets: list = field(default_factory=list)

    def good(self, t, *, spread=True):
        """A reading in which every item is met (or nearly always: noise may pass a narrow limit)."""
        rng, protocol = self.rng, self.protocol
        reading = {"t": t, "spo2": self.usual["spo2"], "oxygen": ROOM_AIR, "symptoms": (), "gait_steady": True}
        for vital, limit in protocol.recovery.items():
            usual = self.usual[vital]
            widest = min(
                [STEP[vital]]
                + [usual * p // 100 for p in (limit.percent_up, limit.percent_down) if p is not None]
                + [delta for delta in (limit.delta_up, limit.delta_down) if delta is not None]
            )
            widest = widest // 2 if spread else 0
            reading[vital.value] = usual + rng.randint(-widest, widest)
        instrument = protocol.dissociation_instrument
        reading["dissociation"] = (
            Dissociation(DissociationGrade.NONE, instrument, "2021" if instrument == "cadss-6" else "23-item", 0)
            if instrument
            else NONE
        )
        reading["consciousness"] = BEST[protocol.consciousness_scale]
        reading["orientated"] = True
        return reading

    def recovery(self):
        """The recovery readings, oldest first."""
        return sorted((r for r in self.readings if r["t"] > self.end), key=lambda r: r["t"])

    def before(self):
        """The readings before the dose, oldest first."""
        return sorted((r for r in self.readings if r["t"] < self.start), key=lambda r: r["t"])

    def add(self, kind, t, detail=None):
        """One event."""
        self.events.append({"kind": EventKind(kind), "t": t, "detail": detail})


def instant(t):
    """The UTC datetime at `t` microseconds."""
    return EPOCH + timedelta(microseconds=t)


def plausible(rng: Random) -> Draft:
    """A whole session of a patient who recovered, looked at when all could be met."""
    route = Route.IV_INFUSION if rng.random() < 0.7 else Route.INTRANASAL
    protocol = EXAMPLES[route] if rng.random() < 0.4 else random_protocol(rng, route)
    d = Draft(rng, protocol, rng.choice(BASES) + 2 * 60 * MINUTE + rng.randrange(3600) * SECOND)
    for vital, (low, high) in USUAL.items():
        limit = protocol.recovery.get(vital)
        ends = (low, high) if limit is None else (max(low, limit.floor), min(high, limit.ceiling))
        d.usual[vital] = rng.randint(min(ends), max(ends))
    d.usual["spo2"] = max(d.usual["spo2"], protocol.spo2.floor)
    d.add("checked-in", d.start - 70 * MINUTE)
    rule = protocol.baseline
    t = d.start - rng.randrange(1, 4) * MINUTE
    for _ in range(rule.min_readings + rng.choice((0, 0, 0, 1, 2))):
        d.readings.append(d.good(t, spread=rng.random() < 0.4))
        t -= (rule.spacing + rng.choice((0, 0, 1, 2))) * MINUTE + rng.choice((0, 0, 37)) * SECOND
    _dose(d, route)
    _recovery(d)
    return d


def _dose(d, route):
    rng = d.rng
    if route is Route.INTRANASAL:
        t = d.start
        for _ in range(rng.choice((1, 1, 2, 3))):
            d.add("nasal-device-given", t, DeviceGiven(Decimal(28)))
            d.end = t
            t += 5 * MINUTE
        return
    d.add("infusion-started", d.start, DoseStarted(Decimal("35.5"), 40))
    d.end = d.start + rng.choice((18, 40, 40, 55)) * MINUTE
    if rng.random() < 0.15:
        d.add("infusion-paused", d.start + 8 * MINUTE)
        d.add("infusion-resumed", d.start + rng.choice((8, 11)) * MINUTE)
    if rng.random() < 0.15:
        d.add("rate-changed", d.start + rng.choice((0, 9, 15)) * MINUTE, RateChanged(Decimal("40.25")))
    d.add("infusion-stopped", d.end)
    for _ in range(rng.choice((0, 1, 1, 2))):
        reading = d.good(rng.randrange(d.start, d.end + 1, SECOND))
        reading["systolic"] += rng.randint(0, 45)
        reading["diastolic"] += rng.randint(0, 20)
        reading["dissociation"] = Dissociation(rng.choice(list(DissociationGrade)))
        d.readings.append(reading)


def _recovery(d):
    rng, rule, fresh = d.rng, d.protocol.sustained, d.protocol.fresh_minutes * MINUTE
    clock = max(
        (d.start if name == "first-device" else d.end) + minutes * MINUTE
        for name, minutes in d.protocol.dose_minutes.items()
    )
    gap = rng.randint(rule.spacing, max(rule.spacing, rule.max_gap))
    count = max(rule.sets, 1 + -(-rule.minutes // gap)) + rng.choice((0, 0, 1))
    gap *= MINUTE
    last = max(clock - rng.randrange(0, fresh, SECOND), d.end + (count - 1) * gap + rng.randint(3, 9) * MINUTE)
    d.readings.extend(d.good(last - n * gap, spread=rng.random() < 0.7) for n in range(count))
    d.as_of = max(last, clock) + rng.randrange(0, max(SECOND, fresh - max(0, clock - last)), SECOND)
    first = last - (count - 1) * gap
    if rng.random() < 0.4 and first - d.end > 4 * MINUTE:
        early = d.good(rng.randrange(d.end + SECOND, first, SECOND))
        early["dissociation"] = Dissociation(DissociationGrade.MILD)
        if rng.random() < 0.5:
            early["symptoms"] = (Symptom(SymptomCode.DIZZINESS, Severity.MODERATE),)
            d.add(
                "symptom-resolved", rng.randrange(early["t"] + 1, first, SECOND), SymptomResolved(SymptomCode.DIZZINESS)
            )
        d.readings.append(early)
    if rng.random() < 0.2:
        d.add("medication-given", d.start - 3 * 60 * MINUTE, MedicationGiven("ondansetron"))
    if rng.random() < 0.15 and first - d.end > 8 * MINUTE:
        d.add("oxygen-started", d.end - 5 * MINUTE, OxygenStarted(Decimal(2)))
        d.add("oxygen-stopped", rng.randrange(d.end - 4 * MINUTE, first, SECOND))
    d.escort = {"present": True, "t": d.as_of - rng.randrange(0, max(SECOND, d.as_of - d.end), SECOND)}
    for n in range(rng.choice((0, 0, 1, 2))):
        d.tablets.append({"id": TABLET_IDS[n], "t": d.as_of - rng.randrange(0, 25 * SECOND, SECOND), "unsent": 0})
    if rng.random() < 0.2:  # somebody looked, this minute or long ago
        looked = d.as_of - rng.randrange(0, 3600 * SECOND, SECOND)
        d.tablets.append({"id": TABLET_IDS[6], "t": looked, "unsent": 0, "enrolled": False})


def built(d: Draft) -> Facts:
    """The draft as the domain's values, in an order that means nothing."""
    readings = []
    for n, r in enumerate(d.readings):
        fields = {k: v for k, v in r.items() if k not in ("t", "revision", "doubtful")}
        readings.append(
            Reading(
                id=READING_IDS[n],
                revision=r.get("revision", 1),
                measured_at=instant(r["t"]),
                clock_doubtful=r.get("doubtful", False),
                **fields,
            )
        )
    events = [
        Event(EVENT_IDS[n], e["kind"], instant(e["t"]), e["detail"], e.get("doubtful", False))
        for n, e in enumerate(d.events)
    ]
    if d.rng.random() < 0.05:  # sent twice: means nothing
        readings += readings[:2]
        events += events[-2:]
    d.rng.shuffle(readings)
    d.rng.shuffle(events)
    escort = None
    if d.escort is not None:
        seen = d.escort["t"]
        escort = Escort(d.escort.get("name", "A. Escort"), d.escort["present"], None if seen is None else instant(seen))
    tablets = tuple(
        TabletContact(
            t["id"], instant(t["t"]), t["unsent"], t.get("draft", False), t.get("enrolled", True), t.get("pace", 1)
        )
        for t in d.tablets
    )
    return Facts(SESSION_ID, tuple(events), tuple(readings), escort, tablets)


def answered(d: Draft, facts: Facts) -> Facts:
    """The same facts with what a clinician answers: concerns acknowledged, an unsound baseline accepted; not all."""
    rng, protocol = d.rng, d.protocol
    readings, events = plainly.plain_readings(facts.readings), plainly.plain_events(facts.events)
    start = oracle.dose_of(events)["start"]
    baseline = oracle.baseline_of(readings, start, protocol.baseline)
    more = []
    at = instant(d.as_of - 30 * SECOND)
    for concern in sorted(oracle.concerns_of(readings, baseline, protocol)):
        if rng.random() < 0.55:
            more.append(
                Event(EVENT_IDS[100 + len(more)], EventKind.CONCERN_ACKNOWLEDGED, at, ConcernAcknowledged(concern))
            )
    used = sorted(baseline["used"])
    chance = 0.6 if used and oracle.soundness(baseline, protocol.baseline, events, start) != verdicts.MET else 0.03
    if used and rng.random() < chance:
        match rng.randrange(12):
            case 0:
                used = used[1:]
            case 1:
                used = [(name, revision + 1) for name, revision in used]
            case 2:
                used = [*used, (str(READING_IDS[150]), 1)]
            case 3:
                used = [(str(r.id), r.revision) for r in facts.readings]
            case 4:
                used = [*used, *used]
        names = tuple(ReadingRef(UUID(name), revision) for name, revision in used)
        more.append(Event(EVENT_IDS[199], EventKind.BASELINE_ACCEPTED, at, BaselineAccepted(names)))
    if not more:
        return facts
    return Facts(facts.session_id, (*facts.events, *more), facts.readings, facts.escort, facts.tablets)


def edge(rng: Random) -> int:
    """Just before, at, or just after: in seconds, or in the smallest step there is."""
    return rng.choice((-SECOND, 0, 0, 0, SECOND, -1, 1))


def newest_or_any(d: Draft, readings=None):
    """A recovery reading, the newest most often; None where there is none."""
    readings = d.recovery() if readings is None else readings
    if not readings:
        return None
    return readings[-1] if d.rng.random() < 0.6 else d.rng.choice(readings)
