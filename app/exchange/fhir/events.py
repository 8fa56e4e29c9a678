"""Events: what was given is a MedicationAdministration, everything else an Observation; the id is the event's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from app.domain.dose import ORDER_AT_ONE_INSTANT
from app.domain.events import (
    Addendum,
    BaselineAccepted,
    ConcernAcknowledged,
    DeviceGiven,
    DoseStarted,
    Event,
    EventKind,
    MedicationGiven,
    OxygenStarted,
    RateChanged,
    SymptomResolved,
    Transferred,
)
from app.domain.records import EventHistory, Kept, Void
from app.domain.symptoms import label
from app.exchange.fhir.context import Context, Step
from app.exchange.fhir.observations import performer
from app.exchange.fhir.parts import (
    coding,
    concept,
    extension,
    instant,
    kept,
    meta,
    ours,
    quantity,
    signer,
    voided,
)
from app.exchange.fhir.systems import HL7, Resource

GIVEN: Final = frozenset(
    {
        EventKind.INFUSION_STARTED,
        EventKind.NASAL_DEVICE_GIVEN,
        EventKind.MEDICATION_GIVEN,
        EventKind.OXYGEN_STARTED,
    }
)
"""The kinds that are MedicationAdministrations."""

CATEGORY: Final = [concept(coding(f"{HL7}/observation-category", "procedure", "Procedure"))]
_DOUBTFUL = extension("clock-doubtful", valueBoolean=True)


@dataclass(frozen=True, slots=True)
class _Course:
    """How far a given dose had come: FHIR's status, and its end where there was one."""

    status: str
    end: datetime | None = None


def _marks(history: EventHistory, void: Kept[Void] | None) -> list[Resource]:
    found = [kept(history.event)]
    if history.event.value.clock_doubtful:
        found.append(_DOUBTFUL)
    if void is not None:
        found.append(voided(void))
    return found


def _said(event: Event) -> dict[str, Any]:
    """The value of an event that is an Observation."""
    match event.detail:
        case RateChanged(rate_ml_h=rate):
            return {"valueQuantity": quantity(rate, "mL/h")}
        case SymptomResolved(code=code):
            return {"valueCodeableConcept": ours("symptom", code.value, label(code))}
        case ConcernAcknowledged(concern_id=text) | Transferred(to=text) | Addendum(text=text):
            return {"valueString": text}
        case BaselineAccepted(readings=refs):
            # each revision a clinician looked at, by the set it is; the revision stands beside it
            return {
                "derivedFrom": [
                    {
                        "extension": [extension("revision", valuePositiveInt=ref.revision)],
                        "reference": f"Observation/{ref.id}-set",
                    }
                    for ref in sorted(refs)
                ]
            }
        case _:
            return {}


def _observation(context: Context, history: EventHistory, void: Kept[Void] | None) -> Resource:
    event = history.event.value
    changed = void.recorded_at if void else history.event.recorded_at
    return {
        "resourceType": "Observation",
        "id": str(event.id),
        "meta": meta(2 if void else 1, changed),
        "extension": _marks(history, void),
        "status": "entered-in-error" if void else "final",
        "category": CATEGORY,
        "code": ours("event", event.kind.value),
        "subject": context.subject,
        "encounter": context.encounter,
        "effectiveDateTime": instant(event.at),
        "issued": instant(history.event.recorded_at),
        "performer": [performer(history.event.by)],
        **_said(event),
    }


def _medication(event: Event) -> tuple[str, Resource, list[Resource]]:
    """(code, dosage, extensions) of what was given; an empty dosage where no amount was typed."""
    match event.detail:
        case DoseStarted():
            more = [extension("planned-minutes", valueInteger=event.detail.planned_minutes)]
            return (
                "ketamine",
                {"route": ours("route", "iv-infusion"), "dose": quantity(event.detail.dose_mg, "mg")},
                (more if event.detail.planned_minutes is not None else []) + _lot(event.detail.lot),
            )
        case DeviceGiven():
            dosage = {"route": ours("route", "intranasal"), "dose": quantity(event.detail.dose_mg, "mg")}
            return "esketamine", dosage, _lot(event.detail.lot)
        case OxygenStarted():
            return "oxygen", {"rateQuantity": quantity(event.detail.flow_l_min, "L/min")}, []
        case MedicationGiven():
            return event.detail.code, *_typed_dosage(event.detail)
        case _:
            raise TypeError(f"{event.kind} gives nothing")


def _lot(lot: str | None) -> list[Resource]:
    return [extension("lot", valueString=lot)] if lot else []


def _typed_dosage(given: MedicationGiven) -> tuple[Resource, list[Resource]]:
    """Route and unit as typed: words, not codes. FHIR lets a dosage stand only with an amount."""
    if given.dose is None:
        typed = [("medication-route", given.route), ("medication-unit", given.unit)]
        return {}, [extension(name, valueString=text) for name, text in typed if text]
    amount: dict[str, Decimal | str] = {"value": given.dose}
    if given.unit:
        amount["unit"] = given.unit
    return ({"route": concept(text=given.route)} if given.route else {}) | {"dose": amount}, []


def _course(event: Event, step: Step) -> _Course:
    """How far this infusion had come at a step: what follows it, up to the next start."""
    later = sorted(
        (one for one in step.events if (one.at, ORDER_AT_ONE_INSTANT[one.kind], one.id.int) > _place(event)),
        key=_place,
    )
    found = _Course("in-progress")
    for one in later:
        match one.kind:
            case EventKind.INFUSION_STARTED:
                break
            case EventKind.INFUSION_PAUSED:
                found = _Course("on-hold")
            case EventKind.INFUSION_RESUMED:
                found = _Course("in-progress")
            case EventKind.INFUSION_STOPPED:
                found = _Course("completed", one.at)
            case _:
                pass
    return found


def _place(event: Event) -> tuple[datetime, int, int]:
    return event.at, ORDER_AT_ONE_INSTANT[event.kind], event.id.int


def _courses(context: Context, history: EventHistory) -> Iterator[tuple[datetime, _Course]]:
    """How far the dose had come after each arrival that changed that; a device or a dose of pills is over at once."""
    event, arrived = history.event.value, history.event.recorded_at
    if event.kind is not EventKind.INFUSION_STARTED:
        yield arrived, _Course("completed")
        return
    before: _Course | None = None
    # its own arrival is a step: from there on
    for place in range(context.place(arrived), len(context.steps)):
        step = context.steps[place]
        if history.void is not None and step.at >= history.void.recorded_at:
            return
        course = _course(event, step)
        if course != before:
            before = course
            yield step.at, course


def _administration(
    context: Context, history: EventHistory, version: int, at: datetime, course: _Course, void: Kept[Void] | None
) -> Resource:
    event = history.event.value
    code, dosage, more = _medication(event)
    found: Resource = {
        "resourceType": "MedicationAdministration",
        "id": str(event.id),
        "meta": meta(version, at),
        "extension": [*_marks(history, void), *more],
        "status": "entered-in-error" if void else course.status,
        "medicationCodeableConcept": ours("medication", code),
        "subject": context.subject,
        "context": context.encounter,
    }
    if event.kind is EventKind.INFUSION_STARTED:
        found["effectivePeriod"] = {"start": instant(event.at)}
        if course.end is not None:
            found["effectivePeriod"]["end"] = instant(course.end)
    else:
        found["effectiveDateTime"] = instant(event.at)
    found["performer"] = [{"actor": signer(history.event.by)}]
    if dosage:
        found["dosage"] = dosage
    return found


def medication_administration_versions(context: Context, history: EventHistory) -> Iterator[Resource]:
    """Every version of what this event gave, oldest first; an infusion changes as it is paused, resumed, stopped."""
    version, course = 0, _Course("completed")
    for at, course in _courses(context, history):
        version += 1
        yield _administration(context, history, version, at, course, None)
    if history.void is not None:
        yield _administration(context, history, version + 1, history.void.recorded_at, course, history.void)


def event_versions(context: Context, history: EventHistory) -> Iterator[Resource]:
    """Every version of an event, as what it is: given, or noted."""
    if history.event.value.kind in GIVEN:
        yield from medication_administration_versions(context, history)
        return
    yield _observation(context, history, None)
    if history.void is not None:
        yield _observation(context, history, history.void)
