"""The vital signs of a reading as US Core shapes them: one Observation a vital, blood pressure and SpO2 as panels."""

from typing import Any, Final

from app.domain.readings import Reading
from app.domain.vitals import VITALS, OxygenKind, Vital
from app.exchange.fhir.parts import absent, coding, concept, extension, ours, quantity
from app.exchange.fhir.systems import CORE, HL7, LOINC, US_CORE, Resource

CATEGORY: Final = [concept(coding(f"{HL7}/observation-category", "vital-signs", "Vital Signs"))]
METHOD: Final = ours("method", "typed-by-hand")
SET: Final = concept(
    coding(LOINC, "85353-1", "Vital signs, weight, height, head circumference, oxygen saturation and BMI panel")
)
PROFILES: Final = {
    "set": [f"{CORE}/vitalspanel"],
    "hr": [f"{CORE}/heartrate"],
    "rr": [f"{CORE}/resprate"],
    "bp": [f"{US_CORE}/us-core-blood-pressure"],
    "spo2": [f"{CORE}/oxygensat"],
}
_HEART_RATE = concept(coding(LOINC, VITALS[Vital.HEART_RATE].loinc, "Heart rate"))
_RESPIRATORY_RATE = concept(coding(LOINC, VITALS[Vital.RESPIRATORY_RATE].loinc, "Respiratory rate"))
_BLOOD_PRESSURE = concept(coding(LOINC, "85354-9", "Blood pressure panel with all children optional"))
_SYSTOLIC = concept(coding(LOINC, VITALS[Vital.SYSTOLIC].loinc, "Systolic blood pressure"))
_DIASTOLIC = concept(coding(LOINC, VITALS[Vital.DIASTOLIC].loinc, "Diastolic blood pressure"))
_SPO2 = concept(
    coding(LOINC, VITALS[Vital.SPO2].loinc, "Oxygen saturation in Arterial blood by Pulse oximetry"),
    coding(LOINC, "2708-6", "Oxygen saturation in Arterial blood"),
)
_FLOW = concept(coding(LOINC, "3151-8", "Inhaled oxygen flow rate"))
_GAS = ours("observation", "inspired-gas")
_GASES = {kind: ours("inspired-gas", kind.value) for kind in OxygenKind}
_UNLIKELY = {vital: extension("confirmed-unlikely", valueCode=vital.value) for vital in Vital}
FLOW_UNIT: Final = "L/min"


def measured(value: int | None, vital: Vital, reasons: dict[str, str]) -> dict[str, Any]:
    """The value in its unit, or why there is none."""
    if value is None:
        return {"dataAbsentReason": absent(reasons.get(vital.value))}
    return {"valueQuantity": quantity(value, VITALS[vital].unit)}


def heart_rate(reading: Reading, reasons: dict[str, str]) -> Resource:
    """Code, value and method of the heart rate."""
    return {"code": _HEART_RATE, **measured(reading.heart_rate, Vital.HEART_RATE, reasons), "method": METHOD}


def respiratory_rate(reading: Reading, reasons: dict[str, str]) -> Resource:
    """Code, value and method of the respiratory rate."""
    value = measured(reading.respiratory_rate, Vital.RESPIRATORY_RATE, reasons)
    return {"code": _RESPIRATORY_RATE, **value, "method": METHOD}


def blood_pressure(reading: Reading, reasons: dict[str, str]) -> Resource:
    """One panel: both components always, each with its value or why there is none."""
    return {
        "code": _BLOOD_PRESSURE,
        "method": METHOD,
        "component": [
            {"code": _SYSTOLIC, **measured(reading.systolic, Vital.SYSTOLIC, reasons)},
            {"code": _DIASTOLIC, **measured(reading.diastolic, Vital.DIASTOLIC, reasons)},
        ],
    }


def spo2(reading: Reading, reasons: dict[str, str]) -> Resource:
    """SpO2, and what was breathed meanwhile: room air said in so many words, or supplemental with its flow."""
    oxygen = reading.oxygen
    components: list[Resource]
    if oxygen is None:
        components = [{"code": _GAS, "dataAbsentReason": absent(reasons.get("oxygen"))}]
    else:
        components = [{"code": _GAS, "valueCodeableConcept": _GASES[oxygen.kind]}]
        if oxygen.flow_l_min is not None:
            components.append({"code": _FLOW, "valueQuantity": quantity(oxygen.flow_l_min, FLOW_UNIT)})
        elif oxygen.kind is OxygenKind.SUPPLEMENTAL:
            components.append({"code": _FLOW, "dataAbsentReason": absent(None)})
    value = measured(reading.spo2, Vital.SPO2, reasons)
    return {"code": _SPO2, **value, "method": METHOD, "component": components}


def confirmed_unlikely(reading: Reading, *vitals: Vital) -> list[Resource]:
    """Which of these values were typed a second time, because they are unlikely and true."""
    if not reading.confirmed_unlikely:
        return []
    return [_UNLIKELY[vital] for vital in vitals if vital in reading.confirmed_unlikely]
