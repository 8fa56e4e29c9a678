"""Readings from the Observations and Conditions that tell of them."""

from decimal import Decimal
from uuid import UUID

from app.domain.readings import Reading
from app.domain.records import (
    Kept,
    ReadingHistory,
)
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
from tests.exchange.rebuild.found import Found, Told, code_of, extensions, kept, parts, said, value, void_of, when

LOINC = {
    "8867-4": "heart_rate",
    "8480-6": "systolic",
    "8462-4": "diastolic",
    "9279-1": "respiratory_rate",
    "59408-5": "spo2",
}


def _absent(one: Found, field: str, reasons: dict[str, str]) -> None:
    why = one["dataAbsentReason"]
    if code_of(why) == "not-performed":
        reasons[field] = why["text"]


def _answer(one: Found, field: str, reasons: dict[str, str]) -> bool | None:
    if "valueBoolean" in one:
        return bool(one["valueBoolean"])
    _absent(one, field, reasons)
    return None


def _vital(one: Found, field: str, reasons: dict[str, str]) -> int | None:
    if "valueQuantity" in one:
        return int(one["valueQuantity"]["value"])
    _absent(one, field, reasons)
    return None


def _by_code(one: Found) -> dict[str, Found]:
    return {code_of(component["code"]): component for component in one.get("component", ())}


def _oxygen(spo2: Found, reasons: dict[str, str]) -> Oxygen | None:
    components = _by_code(spo2)
    gas = components["inspired-gas"]
    if "valueCodeableConcept" not in gas:
        _absent(gas, "oxygen", reasons)
        return None
    flow = components.get("3151-8", {}).get("valueQuantity", {}).get("value")
    return Oxygen(OxygenKind(code_of(gas["valueCodeableConcept"])), None if flow is None else Decimal(flow))


def _consciousness(one: Found, reasons: dict[str, str]) -> Consciousness | None:
    if "valueCodeableConcept" not in one:
        _absent(one, "consciousness", reasons)
        return None
    coding = one["valueCodeableConcept"]["coding"][0]
    scale = ConsciousnessScale(coding["system"].rsplit("/", 1)[1])
    code = coding["code"]
    return Consciousness(scale, code if scale is ConsciousnessScale.ACVPU else int(code))


def _dissociation(one: Found, reasons: dict[str, str]) -> Dissociation | None:
    if "valueCodeableConcept" not in one:
        _absent(one, "dissociation", reasons)
        return None
    by = {code: value(component) for code, component in _by_code(one).items() if not code.isdigit()}
    items = tuple((int(code), c["valueInteger"]) for code, c in _by_code(one).items() if code.isdigit())
    return Dissociation(
        DissociationGrade(code_of(one["valueCodeableConcept"])),
        by.get("dissociation-instrument"),
        by.get("dissociation-version"),
        by.get("dissociation-score"),
        items,
    )


def _symptoms(told: Told, name: UUID, whole: Found, sym: Found, reasons: dict[str, str]) -> tuple[Symptom, ...] | None:
    asked = _answer(sym, "symptoms", reasons)
    if asked is None:
        return None
    found = []
    void = whole["status"] == "entered-in-error"
    for code in SymptomCode:
        of_revision = [
            one
            for one in told.versions("Condition", f"{name}-{code.value}")
            if one["recordedDate"] == whole["issued"] and ("clinicalStatus" in one or void)
        ]
        if of_revision:
            severity = of_revision[0].get("severity")
            onset = when(of_revision[0].get("onsetDateTime"))
            found.append(Symptom(code, Severity(code_of(severity)) if severity else None, onset))
    assert bool(found) is asked
    return tuple(sorted(found, key=lambda one: one.code))


def _reading(told: Told, name: UUID, whole: Found) -> Reading:
    """The revision that this version of the set tells."""
    version = whole["meta"]["versionId"]
    part = {
        which: next(o for o in told.versions("Observation", f"{name}-{which}") if o["meta"]["versionId"] == version)
        for which in ("hr", "bp", "rr", "spo2", "loc", "dis", "sym", "gait", "ori")
    }
    reasons: dict[str, str] = {}
    pressure = {LOINC[code]: component for code, component in _by_code(part["bp"]).items()}
    vitals = {
        "heart_rate": part["hr"],
        "systolic": pressure["systolic"],
        "diastolic": pressure["diastolic"],
        "respiratory_rate": part["rr"],
        "spo2": part["spo2"],
    }
    marked = [value(e) for one in part.values() for e in extensions(one, "confirmed-unlikely")]
    return Reading(
        id=name,
        revision=parts(extensions(whole, "kept")[0])["revision"],
        measured_at=when(whole["effectiveDateTime"]),
        **{field: _vital(one, field, reasons) for field, one in vitals.items()},
        oxygen=_oxygen(part["spo2"], reasons),
        consciousness=_consciousness(part["loc"], reasons),
        dissociation=_dissociation(part["dis"], reasons),
        symptoms=_symptoms(told, name, whole, part["sym"], reasons),
        gait_steady=_answer(part["gait"], "gait_steady", reasons),
        orientated=_answer(part["ori"], "orientated", reasons),
        not_measured=tuple(sorted(reasons.items())),
        confirmed_unlikely=frozenset(map(Vital, marked)),
        note=whole["note"][0]["text"] if "note" in whole else None,
        clock_doubtful=bool(said(whole, "clock-doubtful")),
    )


def history(told: Told, name: UUID, wholes: list[Found]) -> ReadingHistory:
    revisions: dict[int, Kept[Reading]] = {}
    for whole in wholes:
        if whole["status"] != "entered-in-error" or len(wholes) == 1:
            reading = _reading(told, name, whole)
            revisions.setdefault(reading.revision, kept(whole, reading))
    return ReadingHistory(tuple(revisions.values()), void_of(wholes[-1], name))
