"""What a nurse sees and asks, as Observations with our own codes: consciousness, dissociation, symptoms, gait, wits."""

from typing import Final

from app.domain.readings import Reading
from app.domain.vitals import CONSCIOUSNESS_SCORES, Consciousness, ConsciousnessScale, Dissociation, DissociationGrade
from app.exchange.fhir.parts import absent, coding, concept, ours
from app.exchange.fhir.systems import HL7, Resource, local

EXAM: Final = [concept(coding(f"{HL7}/observation-category", "exam", "Exam"))]
SURVEY: Final = [concept(coding(f"{HL7}/observation-category", "survey", "Survey"))]

LEVELS: dict[ConsciousnessScale, dict[int | str, str]] = {
    ConsciousnessScale.MOAAS: {
        5: "answers readily to a normal voice",
        4: "answers slowly to a normal voice",
        3: "answers only when called loudly or again",
        2: "answers only to a gentle shake",
        1: "answers only to pain",
        0: "does not answer to pain",
    },
    ConsciousnessScale.ACVPU: {
        "A": "alert",
        "C": "newly confused",
        "V": "answers to voice",
        "P": "answers to pain",
        "U": "does not answer",
    },
    ConsciousnessScale.RASS: {
        4: "violent, a danger to others",
        3: "very agitated",
        2: "agitated",
        1: "restless",
        0: "awake and calm",
        -1: "drowsy",
        -2: "lightly sedated",
        -3: "moderately sedated",
        -4: "deeply sedated",
        -5: "cannot be woken",
    },
}
"""What each score means, in our own words."""

_LEVELS = {
    (scale, score): ours(scale.value, str(score), LEVELS[scale][score])
    for scale, scores in CONSCIOUSNESS_SCORES.items()
    for score in scores
}
_GRADES = {grade: ours("dissociation-grade", grade.value) for grade in DissociationGrade}
OWN: Final = (
    "consciousness",
    "dissociation",
    "dissociation-instrument",
    "dissociation-version",
    "dissociation-score",
    "symptoms-present",
    "gait-steady",
    "orientated",
)
"""What a set holds that has no LOINC code we could verify."""
_CODES = {code: ours("observation", code) for code in OWN}
ITEMS: Final = local("dissociation-item")


def _level(consciousness: Consciousness) -> Resource:
    return _LEVELS[consciousness.scale, consciousness.score]


def consciousness(reading: Reading, reasons: dict[str, str]) -> Resource:
    """The level, as a code of its scale."""
    code = _CODES["consciousness"]
    if reading.consciousness is None:
        return {"code": code, "dataAbsentReason": absent(reasons.get("consciousness"))}
    return {"code": code, "valueCodeableConcept": _level(reading.consciousness)}


def _scored(dissociation: Dissociation) -> list[Resource]:
    found: list[Resource] = []
    if dissociation.instrument is not None:
        found.append({"code": _CODES["dissociation-instrument"], "valueString": dissociation.instrument})
    if dissociation.version is not None:
        found.append({"code": _CODES["dissociation-version"], "valueString": dissociation.version})
    if dissociation.score is not None:
        found.append({"code": _CODES["dissociation-score"], "valueInteger": dissociation.score})
    found.extend(
        {"code": concept(coding(ITEMS, str(number), f"item {number}")), "valueInteger": score}
        for number, score in dissociation.items
    )
    return found


def dissociation(reading: Reading, reasons: dict[str, str]) -> Resource:
    """The nurse's own grade, and an instrument's scores as components where one was used."""
    code = _CODES["dissociation"]
    if reading.dissociation is None:
        return {"code": code, "dataAbsentReason": absent(reasons.get("dissociation"))}
    found: Resource = {"code": code, "valueCodeableConcept": _GRADES[reading.dissociation.grade]}
    if components := _scored(reading.dissociation):
        found["component"] = components
    return found


def _answered(name: str, answer: bool | None, reason: str | None) -> Resource:
    if answer is None:
        return {"code": _CODES[name], "dataAbsentReason": absent(reason)}
    return {"code": _CODES[name], "valueBoolean": answer}


def symptoms(reading: Reading, reasons: dict[str, str]) -> Resource:
    """Whether any symptom was named when asked; each one named is a Condition that points here."""
    answer = None if reading.symptoms is None else bool(reading.symptoms)
    return _answered("symptoms-present", answer, reasons.get("symptoms"))


def gait(reading: Reading, reasons: dict[str, str]) -> Resource:
    """Whether the gait is steady."""
    return _answered("gait-steady", reading.gait_steady, reasons.get("gait_steady"))


def orientation(reading: Reading, reasons: dict[str, str]) -> Resource:
    """Whether the patient is orientated."""
    return _answered("orientated", reading.orientated, reasons.get("orientated"))
