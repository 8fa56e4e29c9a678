"""Events from MedicationAdministrations and Observations."""

from decimal import Decimal
from uuid import UUID

from app.domain.events import (
    Addendum,
    BaselineAccepted,
    ConcernAcknowledged,
    Detail,
    DeviceGiven,
    DoseStarted,
    Event,
    EventKind,
    MedicationGiven,
    OxygenStarted,
    RateChanged,
    ReadingRef,
    SymptomResolved,
    Transferred,
)
from app.domain.readings import Reading
from app.domain.records import (
    EventHistory,
)
from app.domain.symptoms import SymptomCode
from tests.exchange.rebuild.found import Found, code_of, kept, name_in, said, void_of, when


def _typed(quantity: Found | None) -> tuple[Decimal | None, str | None]:
    return (None, None) if quantity is None else (Decimal(quantity["value"]), quantity.get("unit"))


def _given(one: Found) -> tuple[EventKind, Detail]:
    code = code_of(one["medicationCodeableConcept"])
    dosage = one.get("dosage", {})
    dose, unit = _typed(dosage.get("dose"))
    if "effectivePeriod" in one:
        return EventKind.INFUSION_STARTED, DoseStarted(dose, said(one, "planned-minutes"), said(one, "lot"))
    if "rateQuantity" in dosage:
        return EventKind.OXYGEN_STARTED, OxygenStarted(Decimal(dosage["rateQuantity"]["value"]))
    route = dosage.get("route", {})
    if "coding" in route:
        return EventKind.NASAL_DEVICE_GIVEN, DeviceGiven(dose, said(one, "lot"))
    words = route.get("text") or said(one, "medication-route")
    return EventKind.MEDICATION_GIVEN, MedicationGiven(code, dose, unit or said(one, "medication-unit"), words)


def _noted(one: Found, late: Reading | None) -> Detail:
    match EventKind(code_of(one["code"])):
        case EventKind.RATE_CHANGED:
            return RateChanged(Decimal(one["valueQuantity"]["value"]))
        case EventKind.SYMPTOM_RESOLVED:
            return SymptomResolved(SymptomCode(code_of(one["valueCodeableConcept"])))
        case EventKind.BASELINE_ACCEPTED:
            return BaselineAccepted(tuple(ReadingRef(name_in(r), said(r, "revision")) for r in one["derivedFrom"]))
        case EventKind.CONCERN_ACKNOWLEDGED:
            return ConcernAcknowledged(one["valueString"])
        case EventKind.TRANSFERRED:
            return Transferred(one["valueString"])
        case EventKind.ADDENDUM:
            return Addendum(one["valueString"], late)
        case _:
            return None


def event(versions: list[Found], late: Reading | None) -> EventHistory:
    one = versions[0]
    name = UUID(one["id"])
    if one["resourceType"] == "MedicationAdministration":
        kind, detail = _given(one)
        at = one.get("effectiveDateTime") or one["effectivePeriod"]["start"]
    else:
        kind, detail, at = EventKind(code_of(one["code"])), _noted(one, late), one["effectiveDateTime"]
    event = Event(name, kind, when(at), detail, bool(said(one, "clock-doubtful")))
    return EventHistory(kept(one, event), void_of(versions[-1], name))
