"""The readiness rules a second time: plain dictionaries, loops and whole microseconds.

Nothing here is shared with the rules of `app.domain` but the shapes of the facts that come in, so that a mistake in one
of the two shows as a disagreement. A verdict is a number, so that the worst of several is their `max`.
"""

from datetime import datetime

from app.domain.facts import Facts
from app.domain.protocol.values import Protocol
from tests.oracle.plainly import MINUTE, SECOND, plain_events, plain_readings, ticks
from tests.oracle.verdicts import BEST, BROKEN, ITEMS, MET, UNKNOWN, VITALS, blocks, dissociated, items_of

WORDS = ("met", "unknown", "not-met")

FINDING_OF_ITEM = {
    "heart_rate": "heart-rate-recovered",
    "systolic": "systolic-recovered",
    "diastolic": "diastolic-recovered",
    "respiratory_rate": "respiratory-rate-recovered",
    "spo2": "spo2-recovered",
    "consciousness": "consciousness-recovered",
    "dissociation": "dissociation-absent",
    "gait": "gait-steady",
    "orientation": "orientated",
}


def dose_of(events):
    """{'start', 'end', 'strange'} from the dose events; instants None where there are none."""
    devices = sorted(e["t"] for e in events if e["kind"] == "nasal-device-given")
    if devices:
        return {"start": devices[0], "end": devices[-1], "strange": False}
    turn = {"infusion-paused": 0, "infusion-stopped": 1, "infusion-resumed": 2, "infusion-started": 2}
    moves = sorted((e["t"], turn[e["kind"]], e["kind"]) for e in events if e["kind"] in turn)
    starts = [t for t, _, kind in moves if kind == "infusion-started"]
    seconds = {t // SECOND for t in starts}
    # a rate change in the second of a start is how that infusion was started
    rates = {e["t"] for e in events if e["kind"] == "rate-changed" and e["t"] // SECOND not in seconds}
    state, strange, end = "idle", False, None
    for t in sorted({m[0] for m in moves} | rates):
        open_at_t = state in ("running", "paused")
        for moved_at, _, kind in moves:
            if moved_at != t:
                continue
            if kind == "infusion-paused":
                strange = strange or state != "running"
                state, end = "paused", None
            elif kind == "infusion-stopped":
                strange = strange or state not in ("running", "paused")
                state, end = "stopped", t
            elif kind == "infusion-resumed":
                # resumed after a stop: the dose goes on, and recovery begins anew at its next end
                strange = strange or state not in ("paused", "stopped")
                state, end = "running", None
            else:
                strange = strange or state in ("running", "paused")
                state, end = "running", None
        open_at_t = open_at_t or state in ("running", "paused")
        if t in rates and not open_at_t:
            strange = True
    # a stop that nothing started still is an infusion's end, though no dose's
    return {"start": min(starts, default=None), "end": end, "strange": strange}


def baseline_of(readings, start, rule):
    """Per vital {'sum', 'count', 'used'}; 'oxygen' as (kind, flow) or None; 'used' all readings any vital uses."""
    if start is None:
        before, upto = readings, max((r["t"] for r in readings), default=0)
    else:
        before, upto = [r for r in readings if r["t"] < start], start
    oldest = upto - rule.max_age_minutes * MINUTE
    answer = {"oxygen": None, "used": {}}
    for vital in VITALS:
        known = [r for r in before if r["t"] >= oldest and r[vital] is not None and not r["doubtful"]]
        at = {}
        for r in known:
            at.setdefault(r["t"], []).append(r)
        torn = any(len({r[vital] for r in here}) > 1 for here in at.values())
        picked, last = [], None
        for t in sorted(at, reverse=True):
            if last is None or last - t >= rule.spacing * MINUTE:
                picked.append(at[t])
                last = t
        if torn or len(picked) < rule.min_readings:
            answer[vital] = None
            continue
        values = [here[0][vital] for here in picked]  # newest first
        if rule.method == "mean":
            fraction = (sum(values), len(values))
        elif rule.method == "last":
            fraction = (values[0], 1)
        else:
            values.sort()
            half = len(values) // 2
            fraction = (values[half], 1) if len(values) % 2 else (values[half - 1] + values[half], 2)
        used = [r for here in picked for r in here]
        if vital == "spo2":
            kinds = {r["oxygen"][0] if r["oxygen"] else None for r in used}
            if len(kinds) != 1 or None in kinds:
                answer[vital] = None
                continue
            flows = [r["oxygen"][1] for r in used if r["oxygen"][1] is not None]
            answer["oxygen"] = (kinds.pop(), max(flows, default=None))
        answer[vital] = fraction
        for r in used:
            answer["used"][r["id"], r["revision"]] = r
    return answer


def is_sound(baseline, rule):
    """None where no reading is used at all."""
    if not baseline["used"]:
        return None
    for r in baseline["used"].values():
        for vital, limit in rule.limits.items():
            value = r[vital]
            if value is None:
                continue
            if limit.floor is not None and value < limit.floor:
                return False
            if limit.ceiling is not None and value > limit.ceiling:
                return False
        if r["consciousness"] is None or r["consciousness"][1] != BEST[r["consciousness"][0]]:
            return False
        if r["dissociation"] is None or dissociated(r["dissociation"]):
            return False
    return True


def is_accepted(baseline, events):
    """Whether an acceptance names exactly the readings and revisions that are used."""
    used = set(baseline["used"])
    return bool(used) and any(e["kind"] == "baseline-accepted" and e["names"] == used for e in events)


def soundness(baseline, rule, events, start):
    """The verdict of baseline-sound: never broken, as a clinician may accept it; open while there is no dose."""
    if start is None:
        return UNKNOWN
    return MET if is_sound(baseline, rule) or is_accepted(baseline, events) else UNKNOWN


def symptom_story(readings, events, protocol):
    """The worst verdict among open symptoms, and the instants at which one that blocked was resolved."""
    named, ended = {}, {}
    for r in readings:
        for code, grade in r["symptoms"] or ():
            named.setdefault(code, {}).setdefault(r["t"], []).append(grade)
    for e in events:
        if e["kind"] == "symptom-resolved":
            ended.setdefault(e["code"], set()).add(e["t"])
    worst, resolved = MET, []
    for code, mentions in named.items():
        grades = []
        for t in sorted(set(mentions) | ended.get(code, set())):
            if t in mentions:
                grades = grades + mentions[t]
            elif grades:
                if blocks(code, grades, protocol) != MET:
                    resolved.append(t)
                grades = []
        if grades:
            worst = max(worst, blocks(code, grades, protocol))
    return worst, resolved


def sustained_by(sets, after, rule):
    """Whether the run at the end of `sets` [(t, kind)] (those later than `after`) is long enough."""
    run, counted, last_counted, previous = [], 0, None, None
    for t, kind in sets:
        if kind != "good" or (after is not None and t <= after):
            run, counted, last_counted, previous = [], 0, None, None
            continue
        if previous is not None and t - previous > rule.max_gap * MINUTE:
            run, counted, last_counted = [], 0, None
        run.append(t)
        previous = t
        if last_counted is None or t - last_counted >= rule.spacing * MINUTE:
            counted += 1
            last_counted = t
    return counted >= rule.sets and run[-1] - run[0] >= rule.minutes * MINUTE


def concerns_of(readings, baseline, protocol):
    """The ids of the concerns that the protocol wants acknowledged."""
    ids = set()
    for r in readings:
        for vital, limit in protocol.concerns.items():
            value = r[vital]
            if value is None or not limit.acknowledge:
                continue
            low = limit.floor is not None and value < limit.floor
            high = limit.ceiling is not None and value > limit.ceiling
            far = False
            if limit.delta is not None and baseline[vital] is not None:
                total, count = baseline[vital]
                far = abs(value * count - total) > limit.delta * count
            if low or high or far:
                ids.add(f"{r['id']}.{r['revision']}.{vital}")
    return ids


def oxygen_on(moves, t):
    """Whether oxygen runs at t by its events, those at t included."""
    running = False
    for moved_at, on in moves:
        if moved_at <= t:
            running = on
    return running


def judge(facts: Facts, protocol: Protocol, as_of: datetime) -> dict:
    """{'outcomes': {criterion: word}, 'status', 'lapses_at', 'earliest_met_at', 'baseline', 'phases'}.

    Instants in microseconds or None; the baseline's vitals as (sum, count) or None; each reading's phase by its id.
    """
    now = ticks(as_of)
    readings, events = plain_readings(facts.readings), plain_events(facts.events)
    dose = dose_of(events)
    start, end = dose["start"], dose["end"]
    baseline = baseline_of(readings, start, protocol.baseline)
    found = {}

    if start is None or dose["strange"]:
        found["dose-finished"] = UNKNOWN
    else:
        found["dose-finished"] = BROKEN if end is None else MET

    doubtful = any(fact["doubtful"] for fact in (*readings, *events))
    found["clocks-certain"] = UNKNOWN if doubtful else MET

    origin = {"infusion-end": end, "last-device": end, "first-device": start}
    clocks = [None if origin[c] is None else origin[c] + m * MINUTE for c, m in protocol.dose_minutes.items()]
    found["minutes-since-dose"] = max(UNKNOWN if c is None else (MET if now >= c else BROKEN) for c in clocks)

    found["baseline-sound"] = soundness(baseline, protocol.baseline, events, start)

    oxygen_moves = sorted(
        (e["t"], e["kind"] == "oxygen-started") for e in events if e["kind"] in ("oxygen-started", "oxygen-stopped")
    )
    sets = {}
    for r in readings:
        if start is not None and end is not None and r["t"] > end:
            verdict = items_of(r, baseline, protocol, oxygen_on(oxygen_moves, r["t"]))
            so_far = sets.setdefault(r["t"], dict.fromkeys(ITEMS, MET))
            for item in ITEMS:
                so_far[item] = max(so_far[item], verdict[item])
    kinds = [(t, ("good", "incomplete", "bad")[max(sets[t].values())]) for t in sorted(sets)]
    newest = max(sets, default=None)
    oxygen_now = bool(oxygen_moves) and oxygen_moves[-1][1]

    for item, criterion in FINDING_OF_ITEM.items():
        found[criterion] = UNKNOWN if newest is None else sets[newest][item]
    if newest is not None and oxygen_now and oxygen_moves[-1][0] > newest:
        found["spo2-recovered"] = BROKEN

    open_symptom, resolved = symptom_story(readings, events, protocol)
    medicines = [(e["t"], e["code"]) for e in events if e["kind"] == "medication-given"]
    breaks = resolved + [t for t, _ in medicines] + [t for t, _ in oxygen_moves]
    after = max(breaks, default=None)
    if newest is None or kinds[-1][1] == "incomplete":
        found["sustained"] = UNKNOWN
    else:
        found["sustained"] = MET if sustained_by(kinds, after, protocol.sustained) else BROKEN

    recent = [t for t in sets if now - t < protocol.fresh_minutes * MINUTE]
    if any(UNKNOWN not in sets[t].values() for t in recent):
        found["fresh"] = MET
    else:
        found["fresh"] = UNKNOWN if recent or newest is None else BROKEN

    asked = newest is not None and all(
        r["symptoms"] is not None and not r["doubtful"] for r in readings if r["t"] == newest
    )
    found["symptoms-settled"] = max(open_symptom, MET if asked else UNKNOWN)

    longest = max(protocol.medication_minutes.values())
    settled = [t + protocol.medication_minutes.get(code, longest) * MINUTE for t, code in medicines]
    found["medication-settled"] = MET if all(now >= t for t in settled) else BROKEN

    said = {e["code"] for e in events if e["kind"] == "concern-acknowledged"}
    found["concerns-acknowledged"] = MET if concerns_of(readings, baseline, protocol) <= said else BROKEN

    if facts.escort is None:
        found["escort-present"] = UNKNOWN
    else:
        there = facts.escort.present and facts.escort.name.strip()
        seen = facts.escort.present_at if there else None
        found["escort-present"] = (
            MET if seen is not None and start is not None and end is not None and ticks(seen) > end else BROKEN
        )

    # whoever holds something back blocks, heard or not; silence is of those the lead knows, in seconds of a real clock
    held_back = [tablet for tablet in facts.tablets if tablet.draft or tablet.unsent != 0]
    silent = []
    for tablet in facts.tablets:
        if tablet.enrolled:
            clinic_second = SECOND * tablet.pace
            silent.append(ticks(tablet.heard_at) + clinic_second * protocol.tablet_seconds)
    found["tablets-in-step"] = BROKEN if held_back or min(silent, default=now + 1) <= now else MET

    worst = max(found.values())
    lapses = None
    earliest = None
    if worst == MET:
        lapses = min([newest + protocol.fresh_minutes * MINUTE, *silent])
        earliest = now
    elif (
        found["dose-finished"] == MET
        and found["clocks-certain"] == MET
        and all(baseline[vital] is not None for vital in VITALS)
    ):
        anew = open_symptom != MET or oxygen_now
        gate = max([now, *clocks, *settled])
        due = max((end if newest is None else newest) + protocol.schedule.recovery * MINUTE, now)
        earliest = first_chance(gate, due, [] if anew else kinds, after, protocol)
    return {
        "outcomes": {criterion: WORDS[verdict] for criterion, verdict in found.items()},
        "status": ("met", "cannot-tell", "not-met")[worst],
        "lapses_at": lapses,
        "earliest_met_at": earliest,
        "baseline": {vital: baseline[vital] for vital in VITALS}
        | {
            "oxygen": baseline["oxygen"],
            "used": sorted(baseline["used"]),
            "sound": is_sound(baseline, protocol.baseline),
            "accepted": is_accepted(baseline, events),
        },
        "phases": {r["id"]: phase(r["t"], start, end) for r in readings},
    }


def phase(t, start, end):
    """Which phase an instant lies in."""
    if start is None or t < start:
        return "baseline"
    return "recovery" if end is not None and t > end else "infusion"


def first_chance(gate, due, kinds, after, protocol):
    """The first instant, not before `gate`, at which the run is long enough and fresh.

    Each set to come is good: the first at `due`, then one each interval. Sets already taken may do without any more,
    where the newest is still fresh at the gate.
    """
    if (
        kinds
        and sustained_by(kinds, after, protocol.sustained)
        and gate - kinds[-1][0] < protocol.fresh_minutes * MINUTE
    ):
        return gate
    line = list(kinds)
    while True:
        line.append((due, "good"))
        if sustained_by(line, after, protocol.sustained):
            return max(due, gate)
        due += protocol.schedule.recovery * MINUTE
