"""One reading as observations: each field has a value, or says that it was not measured or not asked. Never blank.

Status by table 0085: F final, C corrected, D deleted (void), X cannot be obtained (not measured), N not asked.
Codes: LOINC and UCUM where the pair is sure; else our own, coding system `99IVITALS`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.documents import decimal_text
from app.domain.readings import Reading
from app.domain.symptoms import label
from app.domain.vitals import VITALS, Consciousness, Vital
from app.exchange.hl7.er7 import components, text

OWN = "99IVITALS"
LOINC, UCUM = "LN", "UCUM"
SCORE = "{score}"


@dataclass(frozen=True, slots=True)
class Observation:
    """One OBX. `value` is encoded already, None where there is none; `reason` says why not, where anybody said so."""

    code: str
    kind: str
    value: str | None
    unit: str = ""
    sub_id: str = ""
    reason: str | None = None


def own(code: str, name: str) -> str:
    """A coded value or identifier of our own."""
    return components(text(code), text(name), OWN)


def loinc(code: str, name: str) -> str:
    """A LOINC code."""
    return components(code, text(name), LOINC)


def unit(ucum: str) -> str:
    """A UCUM unit."""
    return components(text(ucum), "", UCUM) if ucum else ""


def _yes_no(value: bool) -> str:
    return components("Y", "Yes", "HL70136") if value else components("N", "No", "HL70136")


def observations(reading: Reading, phase: str) -> Iterator[Observation]:
    """Everything a reading says, in a fixed order."""
    reasons = dict(reading.not_measured)

    def none(code: str, kind: str, field: str, ucum: str = "") -> Observation:
        return Observation(code, kind, None, unit(ucum), reason=reasons.get(field))

    yield Observation(own("phase", "Phase"), "CWE", own(phase, phase))
    for vital in Vital:
        facts = VITALS[vital]
        code, value = loinc(facts.loinc, facts.label), reading.vital(vital)
        if value is None:
            yield none(code, "NM", vital.value, facts.unit)
        else:
            yield Observation(code, "NM", str(value), unit(facts.unit))
    yield from _oxygen(reading, none(own("oxygen", "Oxygen"), "CWE", "oxygen"))
    if reading.consciousness is None:
        yield none(own("consciousness", "Consciousness"), "NM", "consciousness")
    else:
        yield _consciousness(reading.consciousness)
    yield from _dissociation(reading, none(own("dissociation", "Dissociation"), "CWE", "dissociation"))
    yield from _symptoms(reading, none(own("symptom", "Symptom"), "CWE", "symptoms"))
    for field, name in (("gait_steady", "Gait steady"), ("orientated", "Orientated")):
        said: bool | None = getattr(reading, field)
        code = own(field.replace("_", "-"), name)
        yield none(code, "CWE", field) if said is None else Observation(code, "CWE", _yes_no(said))


def _oxygen(reading: Reading, none: Observation) -> Iterator[Observation]:
    oxygen = reading.oxygen
    if oxygen is None:
        yield none
        return
    yield Observation(none.code, "CWE", own(oxygen.kind.value, oxygen.kind.value))
    if oxygen.flow_l_min is not None:
        code = loinc("3151-8", "Inhaled oxygen flow rate")
        yield Observation(code, "NM", decimal_text(oxygen.flow_l_min), unit("L/min"))


def _consciousness(consciousness: Consciousness) -> Observation:
    scale, score = consciousness.scale.value, consciousness.score
    code = own(f"consciousness-{scale}", f"Consciousness by {scale.upper()}")
    if isinstance(score, str):
        return Observation(code, "CWE", own(score, score))
    return Observation(code, "NM", str(score), unit(SCORE))


def _dissociation(reading: Reading, none: Observation) -> Iterator[Observation]:
    dissociation = reading.dissociation
    if dissociation is None:
        yield none
        return
    yield Observation(none.code, "CWE", own(dissociation.grade.value, dissociation.grade.value))
    if dissociation.instrument is not None and dissociation.score is not None:
        name = f"{dissociation.instrument} {dissociation.version}"
        code = own(f"{dissociation.instrument}-{dissociation.version}", name)
        yield Observation(code, "NM", str(dissociation.score), unit(SCORE))


def _symptoms(reading: Reading, none: Observation) -> Iterator[Observation]:
    if reading.symptoms is None:
        yield none
        return
    if not reading.symptoms:
        yield Observation(none.code, "CWE", own("none", "asked, none"))
    for number, symptom in enumerate(sorted(reading.symptoms, key=lambda one: one.code), 1):
        yield Observation(none.code, "CWE", own(symptom.code.value, label(symptom.code)), sub_id=str(number))
        code = own("symptom-severity", "Severity of symptom")
        severity = own(symptom.severity.value, symptom.severity.value) if symptom.severity else None
        yield Observation(code, "CWE", severity, sub_id=str(number))
