"""One set against the limits of a protocol, item by item."""

MET, UNKNOWN, BROKEN = 0, 1, 2
NUMBERS = ("heart_rate", "systolic", "diastolic", "respiratory_rate")
VITALS = (*NUMBERS, "spo2")
BEST = {"moaas": 5, "acvpu": "A", "rass": 0}
RANK = {"mild": 0, "moderate": 1, "severe": 2}
ITEMS = (*VITALS, "consciousness", "dissociation", "gait", "orientation", "symptoms")


def dissociated(d):
    return d["grade"] != "none" or (d["score"] or 0) > 0 or any(score > 0 for score in d["items"])


def number_verdict(value, reference, limit):
    """One of the four numbers against its limits; the reference is (sum, count) or None."""
    if value is None:
        return UNKNOWN
    if value < limit.floor or value > limit.ceiling:
        return BROKEN
    if reference is None:
        return UNKNOWN
    total, count = reference
    above, below = value * count - total, total - value * count
    if limit.percent_up is not None and 100 * above > limit.percent_up * total:
        return BROKEN
    if limit.percent_down is not None and 100 * below > limit.percent_down * total:
        return BROKEN
    if limit.delta_up is not None and above > limit.delta_up * count:
        return BROKEN
    if limit.delta_down is not None and below > limit.delta_down * count:
        return BROKEN
    return MET


def spo2_verdict(r, baseline, limit, running):
    value, oxygen, usual = r["spo2"], r["oxygen"], baseline["oxygen"]
    reference = baseline["spo2"]
    if value is None:
        number = UNKNOWN
    elif value < limit.floor:
        number = BROKEN
    elif reference is None:
        number = UNKNOWN
    else:
        total, count = reference
        number = BROKEN if total - value * count > limit.max_drop * count else MET
    if running:
        air = UNKNOWN if oxygen and oxygen[0] == "room-air" else BROKEN
    elif oxygen is None:
        air = UNKNOWN
    elif oxygen[0] == "room-air":
        air = MET
    elif oxygen[1] is None or usual is None:
        air = UNKNOWN
    elif usual[0] == "room-air":
        air = BROKEN
    elif usual[1] is None:
        air = UNKNOWN
    else:
        air = MET if oxygen[1] <= usual[1] else BROKEN
    return max(number, air)


def items_of(r, baseline, protocol, running):
    """{item: verdict} of one recovery reading."""
    if r["doubtful"]:
        return dict.fromkeys(ITEMS, UNKNOWN)
    verdict = {v: number_verdict(r[v], baseline[v], protocol.recovery[v]) for v in NUMBERS}
    verdict["spo2"] = spo2_verdict(r, baseline, protocol.spo2, running)

    level = r["consciousness"]
    if level is None or level[0] != protocol.consciousness_scale:
        verdict["consciousness"] = UNKNOWN
    else:
        verdict["consciousness"] = MET if level[1] == BEST[level[0]] else BROKEN

    d, wanted = r["dissociation"], protocol.dissociation_instrument
    if d is None:
        verdict["dissociation"] = UNKNOWN
    elif dissociated(d):
        verdict["dissociation"] = BROKEN
    elif wanted is not None and (d["score"] is None or d["instrument"] != wanted):
        verdict["dissociation"] = UNKNOWN
    else:
        verdict["dissociation"] = MET

    verdict["gait"] = {True: MET, False: BROKEN, None: UNKNOWN}[r["gait"]]
    verdict["orientation"] = {True: MET, False: BROKEN, None: UNKNOWN}[r["orientation"]]
    if r["symptoms"] is None:
        verdict["symptoms"] = UNKNOWN
    else:
        verdict["symptoms"] = max((blocks(code, [grade], protocol) for code, grade in r["symptoms"]), default=MET)
    return verdict


def blocks(code, grades, protocol):
    """BROKEN where the symptom blocks, UNKNOWN where a grade that was not given might, MET otherwise."""
    if code in protocol.symptoms.always:
        return BROKEN
    if any(g is not None and RANK[g] >= RANK[protocol.symptoms.from_severity] for g in grades):
        return BROKEN
    return UNKNOWN if None in grades else MET
