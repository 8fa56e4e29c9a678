"""What a pack is about: one session's whole record as one plain document, from which every part is drawn.

The parts are made from this document and from nothing else, so that whoever holds it can make them again and compare.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from app.domain.assessment import Baseline, BaselineVital
from app.domain.audit import Link
from app.domain.canonical import Document
from app.domain.derive import Derived, derive_at
from app.domain.documents import (
    Written,
    clearance_document,
    confirmation_document,
    course_document,
    discharge_document,
    escort_document,
    event_document,
    form_answers_document,
    header_document,
    notice_document,
    override_document,
    patient_document,
    programme_document,
    reading_document,
    screening_document,
    signer_document,
)
from app.domain.instants import to_text
from app.domain.journal import Entry
from app.domain.people import Clinic
from app.domain.protocol.values import Protocol
from app.domain.readiness.limits import allowed_band
from app.domain.records import EventHistory, Kept, KeptAssessment, ReadingHistory, SessionRecord, Signer, Void
from app.domain.vitals import Vital
from app.exchange.fhir import Around

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PackContent:
    """Everything a pack is made of, as it stood at `at` when `by` took it.

    `entries`: the journal of the session, its patient, its course, its protocol version and the clinic's own sheet,
    from the first (see `sources`). `seals`: the links of the log that hold a head of these. `around`: what the Bundle
    needs beside. `demo`: this is no real patient.
    """

    record: SessionRecord
    protocol: Protocol
    clinic: Clinic
    demo: bool
    entries: tuple[Entry, ...]
    seals: tuple[Link, ...]
    at: datetime
    by: Signer
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


def _reading(history: ReadingHistory) -> Written:
    return {
        "id": str(history.current.value.id),
        "void": _void(history.void),
        "revisions": [_kept(kept, reading_document) for kept in history.revisions],
    }


def _judged(written: Written, history: ReadingHistory, derived: Derived) -> Written:
    """A reading with its phase and the concerns it raises."""
    current = history.current.value
    raised = [one for one in derived.concerns if (one.reading_id, one.revision) == (current.id, current.revision)]
    return {
        **written,
        "phase": derived.dose.phase_of(current.measured_at).value if derived.dose else None,
        "concerns": [
            {"vital": one.vital.value, "because": one.because, "waits": one.waits}
            for one in raised
            if history.void is None
        ],
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


def _signed(record: SessionRecord) -> list[KeptAssessment]:
    """The assessments somebody signed, each once, in the order of signing."""
    newest = {kept.digest: kept for kept in record.assessments}
    digests = dict.fromkeys(held.value.digest for held in record.confirmations)
    return [newest[digest] for digest in digests if digest in newest]


def _in_time(record: SessionRecord) -> tuple[list[EventHistory], list[ReadingHistory]]:
    events = sorted(record.events, key=lambda held: (held.event.value.at, held.event.value.id.int))
    readings = sorted(record.readings, key=lambda held: (held.current.value.measured_at, held.current.value.id.int))
    return events, readings


def recorded(taken: PackContent) -> dict[str, Any]:
    """What the journal alone says of a session: everything that was typed, signed, and kept of assessments."""
    record = taken.record
    events, readings = _in_time(record)
    return {
        "demo": taken.demo,
        "clinic": {"id": str(taken.clinic.id), "name": taken.clinic.name, "timezone": taken.clinic.timezone},
        "protocol": {
            "id": taken.protocol.id,
            "version": taken.protocol.version,
            "hash": taken.protocol.content_hash,
            "example": taken.protocol.example,
        },
        "session": {"id": str(record.id), **_kept(record.header, header_document)},
        "patient": {"id": str(record.header.value.patient_id), **_kept(record.patient, patient_document)},
        "programme": _or_null(record.programmes[-1] if record.programmes else None, programme_document),
        "course": _or_null(record.course, course_document),
        "screening": _or_null(record.screening, screening_document),
        "overrides": [_kept(held, override_document) for held in record.overrides],
        "clearance": _or_null(record.clearance, clearance_document),
        "course_clearance": _or_null(record.course_clearance, clearance_document),
        "events": [_event(held) for held in events],
        "readings": [_reading(held) for held in readings],
        "escort": _or_null(record.escort, escort_document),
        "form_answers": _or_null(record.form_answers[-1] if record.form_answers else None, form_answers_document),
        "flags": [_flag(kept) for kept in record.assessments if kept.change is not None],
        "signed": [_assessment(kept) for kept in _signed(record)],
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


DERIVED = {"session": ("state",), "readings": ("phase", "concerns"), "dose": (), "baseline": ()}
"""What the record of a pack says beside its journal, worked out from it: fields of a part, or the part."""


def content_document(taken: PackContent) -> Document:
    """The whole record of one session: text, whole numbers, booleans and null only; instants in UTC."""
    record = taken.record
    derived = derive_at(record, taken.protocol, taken.at)
    dose, reference = derived.dose, derived.baseline
    said = recorded(taken)
    _, readings = _in_time(record)
    return {
        **said,
        "session": {**said["session"], "state": derived.life.state.value if derived.life else None},
        "dose": {
            "started": to_text(dose.started.at) if dose and dose.started else None,
            "ended": to_text(dose.ended.at) if dose and dose.ended else None,
        },
        "baseline": {
            "sound": reference.sound,
            "accepted": reference.accepted,
            "because": reference.because,
            "vitals": _references(reference, taken.protocol),
        },
        "readings": [_judged(one, held, derived) for one, held in zip(said["readings"], readings, strict=True)],
    }
