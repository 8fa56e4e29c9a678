"""Events and their details as documents."""

from typing import assert_never
from uuid import UUID

from app.domain.documents.plain import Found, Written, decimal_from, decimal_or_null, decimal_text
from app.domain.documents.readings import reading_content, reading_document, reading_from
from app.domain.events import (
    DETAILS,
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
from app.domain.instants import from_text, to_text
from app.domain.numbers import decimal
from app.domain.symptoms import SymptomCode


def detail_document(detail: Detail) -> Written | None:
    """The detail of an event; null where its kind carries none."""
    match detail:
        case None:
            return None
        case DoseStarted():
            return {
                "dose_mg": decimal_text(detail.dose_mg),
                "planned_minutes": detail.planned_minutes,
                "lot": detail.lot,
            }
        case DeviceGiven():
            return {"dose_mg": decimal_text(detail.dose_mg), "lot": detail.lot}
        case RateChanged():
            return {"rate_ml_h": decimal_text(detail.rate_ml_h)}
        case MedicationGiven():
            return {
                "code": detail.code,
                "dose": decimal_or_null(detail.dose),
                "unit": detail.unit,
                "route": detail.route,
            }
        case OxygenStarted():
            return {"flow_l_min": decimal_text(detail.flow_l_min)}
        case SymptomResolved():
            return {"code": detail.code.value}
        case BaselineAccepted():
            return {"readings": [{"id": str(ref.id), "revision": ref.revision} for ref in sorted(detail.readings)]}
        case ConcernAcknowledged():
            return {"concern_id": detail.concern_id}
        case Transferred():
            return {"to": detail.to}
        case Addendum():
            return {"text": detail.text, "reading": reading_document(detail.reading) if detail.reading else None}
        case _:
            assert_never(detail)


def detail_from(kind: EventKind, document: Found | None) -> Detail:
    """The inverse of `detail_document` for an event of this kind."""
    expected = DETAILS[kind]
    if document is None or expected is None:
        return None
    if expected is DoseStarted:
        return DoseStarted(decimal(document["dose_mg"]), document["planned_minutes"], document["lot"])
    if expected is DeviceGiven:
        return DeviceGiven(decimal(document["dose_mg"]), document["lot"])
    if expected is RateChanged:
        return RateChanged(decimal(document["rate_ml_h"]))
    if expected is MedicationGiven:
        return MedicationGiven(document["code"], decimal_from(document["dose"]), document["unit"], document["route"])
    if expected is OxygenStarted:
        return OxygenStarted(decimal(document["flow_l_min"]))
    if expected is SymptomResolved:
        return SymptomResolved(SymptomCode(document["code"]))
    if expected is BaselineAccepted:
        return BaselineAccepted(tuple(ReadingRef(UUID(ref["id"]), ref["revision"]) for ref in document["readings"]))
    if expected is ConcernAcknowledged:
        return ConcernAcknowledged(document["concern_id"])
    if expected is Transferred:
        return Transferred(document["to"])
    return Addendum(document["text"], reading_from(document["reading"]) if document["reading"] else None)


def event_content(event: Event) -> Written:
    """What was typed, and nothing the service added: a repeat is equal exactly where this is."""
    detail = detail_document(event.detail)
    if detail is not None and isinstance(event.detail, Addendum) and event.detail.reading is not None:
        detail["reading"] = {"id": str(event.detail.reading.id), **reading_content(event.detail.reading)}
    return {"kind": event.kind.value, "at": to_text(event.at), "detail": detail}


def event_document(event: Event) -> Written:
    """`{id, kind, at, detail, clock_doubtful}`."""
    return {
        "id": str(event.id),
        "kind": event.kind.value,
        "at": to_text(event.at),
        "detail": detail_document(event.detail),
        "clock_doubtful": event.clock_doubtful,
    }


def event_from(document: Found) -> Event:
    """The inverse of `event_document`."""
    kind = EventKind(document["kind"])
    return Event(
        id=UUID(document["id"]),
        kind=kind,
        at=from_text(document["at"]),
        detail=detail_from(kind, document["detail"]),
        clock_doubtful=document["clock_doubtful"],
    )
