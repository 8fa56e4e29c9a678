"""The record in plain words, for the pages: what was done, what was seen, who wrote it."""

import unicodedata
from collections.abc import Mapping
from typing import Any

NOT_MEASURED = "n/m"
NAMES = {
    "heart_rate": "heart rate",
    "systolic": "systolic",
    "diastolic": "diastolic",
    "respiratory_rate": "respiratory rate",
    "spo2": "SpO2",
    "oxygen": "oxygen",
    "consciousness": "consciousness",
    "dissociation": "dissociation",
    "symptoms": "symptoms",
    "gait_steady": "gait",
    "orientated": "orientation",
}
SCALES = {"moaas": "MOAA/S", "acvpu": "ACVPU", "rass": "RASS"}
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})

Found = Mapping[str, Any]


def typed(text: str) -> str:
    """What a person typed, held together: writing from right to left must not reorder what stands beside it."""
    if any(unicodedata.bidirectional(one) in _RIGHT_TO_LEFT for one in text):
        return f"\u2068{text}\u2069"
    return text


def plain(code: str) -> str:
    """A code as words."""
    return code.replace("-", " ")


def sentence(text: str) -> str:
    """With a capital at its head."""
    return text[:1].upper() + text[1:]


def who(signer: Found) -> str:
    """`Ada Berg (nurse)`."""
    return f"{typed(signer['name'])} ({signer['role']})"


def short_id(name: str) -> str:
    """Enough of an id to find it by eye."""
    return name[:8]


def event_words(event: Found) -> str:
    """What was given or done, with its amounts."""
    detail = event["detail"] or {}
    said: list[str] = []
    match event["kind"]:
        case "infusion-started" | "nasal-device-given":
            said.append(f"{detail['dose_mg']} mg")
            if detail.get("planned_minutes") is not None:
                said.append(f"planned for {detail['planned_minutes']} min")
            said.append(f"lot {typed(detail['lot'])}" if detail["lot"] else "lot not given")
        case "rate-changed":
            said.append(f"{detail['rate_ml_h']} ml/h")
        case "medication-given":
            amount = " ".join(typed(detail[name]) for name in ("dose", "unit", "route") if detail[name])
            said.append(f"{plain(detail['code'])} {amount}".strip())
        case "oxygen-started":
            said.append(f"{detail['flow_l_min']} l/min")
        case "symptom-resolved":
            said.append(plain(detail["code"]))
        case "baseline-accepted":
            said.append(f"{len(detail['readings'])} readings")
        case "concern-acknowledged":
            _, revision, vital = detail["concern_id"].split(".")
            said.append(f"{NAMES[vital]} of reading {short_id(detail['concern_id'])}, revision {revision}")
        case "transferred":
            said.append(f"to {typed(detail['to'])}")
        case "addendum":
            said.append(typed(detail["text"]))
        case _:
            pass
    head = sentence(plain(event["kind"]))
    return f"{head}: {', '.join(said)}" if said else head


def oxygen_words(oxygen: Found | None) -> str:
    """`air`, `O2 2 l/min`; empty where it was not given."""
    if oxygen is None:
        return ""
    if oxygen["kind"] == "room-air":
        return "air"
    return f"O2 {oxygen['flow_l_min']} l/min" if oxygen["flow_l_min"] else "O2, flow not given"


def consciousness_words(level: Found | None) -> str:
    """`MOAA/S 5`."""
    return f"{SCALES[level['scale']]} {level['score']}" if level else NOT_MEASURED


def dissociation_words(seen: Found | None) -> str:
    """The grade, and the instrument's total where one was used."""
    if seen is None:
        return NOT_MEASURED
    if seen["instrument"] is None:
        return str(seen["grade"])
    score = "no total" if seen["score"] is None else seen["score"]
    return f"{seen['grade']}; {seen['instrument'].upper()} ({seen['version']}) {score}"


def symptom_words(symptoms: list[Found] | None) -> str:
    """What was named; whether anybody asked."""
    if symptoms is None:
        return "symptoms not asked"
    if not symptoms:
        return "no symptoms"
    return ", ".join(f"{plain(one['code'])} ({one['severity'] or 'severity not given'})" for one in symptoms)


def on_feet_words(gait: bool | None, orientated: bool | None) -> str:
    """Gait and orientation."""
    steps = {True: "steady", False: "unsteady", None: "gait n/m"}[gait]
    mind = {True: "orientated", False: "not orientated", None: "orientation n/m"}[orientated]
    return f"{steps}, {mind}"


def missing_words(not_measured: Found) -> list[str]:
    """Each field that was not measured, with its reason."""
    return [f"{NAMES.get(field, plain(field))} not measured: {typed(why)}" for field, why in not_measured.items()]
