"""What a pack is about: one session's whole record as one plain document, from which every part is drawn.

The parts are made from this document and from nothing else, so that whoever holds it can make them again and compare.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from app.domain.assessment import Baseline, BaselineVital
from app.domain.audit import AuditEvent, Link
from app.domain.baseline import baseline
from app.domain.canonical import Document
from app.domain.concerns import Concern, concerns
from app.domain.documents import (
    Written,
    clearance_document,
    confirmation_document,
    course_document,
    discharge_document,
    escort_document,
    event_document,
    header_document,
    notice_document,
    override_document,
    patient_document,
    reading_document,
    screening_document,
    signer_document,
)
from app.domain.dose import Timeline, timeline
from app.domain.instants import to_text
from app.domain.people import Clinic
from app.domain.protocol.values import Protocol
from app.domain.readiness.limits import allowed_band
from app.domain.records import EventHistory, Kept, KeptAssessment, ReadingHistory, SessionRecord, Signer, Void
from app.domain.sessions import life_of
from app.domain.vitals import Vital
from app.exchange.fhir import Around, Past

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Taken:
    """Everything a pack is made of, as it stood at `at` when `by` took it.

    `assessments`: every one kept, oldest first. `chain`: the session's own audit chain from its first link. `seals`:
    the links of the clinic's chain that hold a head of it. `past` and `around`: what the Bundle needs beside.
    `demo`: this is no real patient.
    """

    record: SessionRecord
    protocol: Protocol
    clinic: Clinic
    demo: bool
    assessments: tuple[KeptAssessment, ...]
    chain: tuple[tuple[Link, AuditEvent | None], ...]
    seals: tuple[Link, ...]
    at: datetime
    by: Signer
    past: Past
    around: Around


def _kept(kept: Kept[T], document: Callable[[T], Written]) -> Written:
    return {**_provenance(kept), **document(kept.value)}


def _provenance(kept: Kept[Any]) -> Written:
    return {
        "revision": kept.revision,
        "recorded_at": to_text(kept.recorded_at),
        "recorded_by": signer_document(kept.by),
        "tablet_id": str(kept.tablet_id) if kept.tablet_id else None,
        "reason": kept.reason,
    }


def _or_null(kept: Kept[T] | None, document: Callable[[T], Written]) -> Written | None:
    return _kept(kept, document) if kept else None


def _void(void: Kept[Void] | None) -> Written | None:
    return {**_provenance(void), "reason": void.value.reason} if void else None


def _event(history: EventHistory) -> Written:
    return {**_kept(history.event, event_document), "void": _void(history.void)}


def _reading(history: ReadingHistory, dose: Timeline, raised: Mapping[tuple[UUID, int], list[Concern]]) -> Written:
    current = history.current.value
    return {
        "id": str(current.id),
        "phase": dose.phase_of(current.measured_at).value,
        "void": _void(history.void),
        "concerns": [
            {"vital": one.vital.value, "because": one.because, "waits": one.waits}
            for one in raised.get((current.id, current.revision), [])
            if history.void is None
        ],
        "revisions": [_kept(kept, reading_document) for kept in history.revisions],
    }


def _references(reference: Baseline, protocol: Protocol) -> Written:
    """Per vital: the baseline as (sum, count), and the lowest and highest whole number that is near it."""
    return {
        vital.value: {
            "sum": one.sum,
            "count": one.count,
            "shown": one.shown,
            "because": one.because,
            "band": list(_band(vital, one, protocol)) if one.known else None,
        }
        for vital, one in reference.vitals.items()
    }


def _band(vital: Vital, one: BaselineVital, protocol: Protocol) -> tuple[int, int]:
    if vital is not Vital.SPO2:
        return allowed_band(one, protocol.recovery[vital])
    lowest = -((protocol.spo2.max_drop * one.count - one.sum) // one.count)
    return max(protocol.spo2.floor, lowest), 100


def _assessment(kept: KeptAssessment) -> Written:
    return {**_flag(kept), "document": kept.document}


def _flag(kept: KeptAssessment) -> Written:
    return {
        "number": kept.number,
        "as_of": to_text(kept.as_of),
        "recorded_at": to_text(kept.recorded_at),
        "status": kept.status,
        "digest": kept.digest,
        "change": kept.change.value if kept.change else None,
    }


def _signed(taken: Taken) -> list[KeptAssessment]:
    """The assessments somebody signed, each once, in the order of signing."""
    newest = {kept.digest: kept for kept in taken.assessments}
    digests = dict.fromkeys(held.value.digest for held in taken.record.confirmations)
    return [newest[digest] for digest in digests if digest in newest]


def content_document(taken: Taken) -> Document:
    """The whole record of one session: text, whole numbers, booleans and null only; instants in UTC."""
    record, facts = taken.record, taken.record.facts()
    dose = timeline(facts.events)
    reference = baseline(facts.readings, facts.events, dose, taken.protocol.baseline)
    raised: dict[tuple[UUID, int], list[Concern]] = {}
    for concern in concerns(facts.readings, facts.events, taken.protocol.concerns, reference):
        raised.setdefault((concern.reading_id, concern.revision), []).append(concern)
    life = life_of(record.header.value.route, facts.events, record.discharge is not None)
    events = sorted(record.events, key=lambda held: (held.event.value.at, held.event.value.id.int))
    readings = sorted(record.readings, key=lambda held: (held.current.value.measured_at, held.current.value.id.int))
    return {
        "demo": taken.demo,
        "clinic": {"id": str(taken.clinic.id), "name": taken.clinic.name, "timezone": taken.clinic.timezone},
        "session": {"id": str(record.id), "state": life.state.value, **_kept(record.header, header_document)},
        "protocol": {
            "id": taken.protocol.id,
            "version": taken.protocol.version,
            "hash": taken.protocol.content_hash,
            "example": taken.protocol.example,
        },
        "patient": {"id": str(record.header.value.patient_id), **_kept(record.patient, patient_document)},
        "course": _or_null(record.course, course_document),
        "screening": _or_null(record.screening, screening_document),
        "overrides": [_kept(held, override_document) for held in record.overrides],
        "clearance": _or_null(record.clearance, clearance_document),
        "course_clearance": _or_null(record.course_clearance, clearance_document),
        "dose": {
            "started": to_text(dose.started.at) if dose.started else None,
            "ended": to_text(dose.ended.at) if dose.ended else None,
        },
        "baseline": {
            "sound": reference.sound,
            "accepted": reference.accepted,
            "because": reference.because,
            "vitals": _references(reference, taken.protocol),
        },
        "events": [_event(held) for held in events],
        "readings": [_reading(held, dose, raised) for held in readings],
        "escort": _or_null(record.escort, escort_document),
        "flags": [_flag(kept) for kept in taken.assessments if kept.change is not None],
        "signed": [_assessment(kept) for kept in _signed(taken)],
        "latest": _assessment(record.assessment) if record.assessment else None,
        "confirmations": [_kept(held, confirmation_document) for held in record.confirmations],
        "notices": [
            {
                **notice_document(held.notice),
                "acknowledged": {**_provenance(held.acknowledged), "note": held.acknowledged.value}
                if held.acknowledged
                else None,
            }
            for held in record.notices
        ],
        "discharge": _or_null(record.discharge, discharge_document),
    }
