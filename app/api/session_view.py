"""What is shown of a session: plain documents made from the record. `session_models` describes the same for OpenAPI."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.api.answers import amounts_as_numbers
from app.api.courses import session_of_course
from app.api.kept import kept_document
from app.domain.concerns import Concern
from app.domain.derive import Derived
from app.domain.documents import (
    clearance_document,
    course_document,
    discharge_document,
    escort_document,
    event_document,
    header_document,
    notice_document,
    override_document,
    patient_document,
    proof_document,
    reading_document,
    screening_document,
)
from app.domain.events import Addendum, DeviceGiven, DoseStarted, Event, MedicationGiven, OxygenStarted, RateChanged
from app.domain.readiness import finding_shown
from app.domain.readings import Reading
from app.domain.records import (
    Confirmation,
    EventHistory,
    Kept,
    KeptAssessment,
    NoticeHistory,
    ReadingHistory,
    Void,
)
from app.domain.starting import missing_to_start
from app.memory import Memory
from app.services.sessions import SessionRead

Shown = dict[str, Any]


def provenance(kept: Kept[Any]) -> Shown:
    """Who typed it, when it arrived, on which tablet, and why."""
    return kept_document(kept, {})


_MOST_READINGS = 10_000
_READINGS: Memory[int, tuple[Kept[Reading], Shown]] = Memory(_MOST_READINGS)
"""Revisions that were shown lately: they stay as they are, and a long session is looked at again and again.

Each is found by identity; as it is held here, no other can be taken for it.
"""


def kept_reading(kept: Kept[Reading]) -> Shown:
    """One revision of a reading with its provenance."""
    found = _READINGS.get(id(kept))
    if found is None:
        found = (kept, {**reading_numbers(kept.value), **provenance(kept)})
        _READINGS.keep(id(kept), found)
    return found[1]


def reading_numbers(reading: Reading) -> Shown:
    """The reading as the contract spells it: the flow is a number."""
    shown: Shown = dict(reading_document(reading))
    if reading.oxygen is not None:
        shown["oxygen"] = {"kind": reading.oxygen.kind.value, "flow_l_min": reading.oxygen.flow_l_min}
    return shown


def void_view(void: Kept[Void] | None) -> Shown | None:
    """Why, who and when; null where the fact is in force."""
    return {**provenance(void), "reason": void.value.reason} if void else None


def reading_view(derived: Derived, history: ReadingHistory) -> Shown:
    """The newest revision, its phase and the concerns it raises."""
    (shown,) = reading_views(derived, (history,))
    return shown


def reading_views(derived: Derived, histories: Iterable[ReadingHistory]) -> list[Shown]:
    """As `reading_view`, of several readings of one session."""
    raised: dict[tuple[int, int], list[Shown]] = {}
    for concern in derived.concerns:
        raised.setdefault((concern.reading_id.int, concern.revision), []).append(_concern_view(concern))
    dose = derived.dose
    return [
        {
            **kept_reading(current := history.revisions[-1]),
            "phase": dose.phase_of(current.value.measured_at).value if dose else None,
            "revisions": len(history.revisions),
            "void": void_view(history.void),
            "concerns": raised.get((current.value.id.int, current.revision), []),
        }
        for history in histories
    ]


def _concern_view(concern: Concern) -> Shown:
    return {
        "id": concern.id,
        "vital": concern.vital.value,
        "because": concern.because,
        "must_be_acknowledged": concern.must_be_acknowledged,
        "acknowledged_by": concern.acknowledged_by,
    }


def event_view(history: EventHistory) -> Shown:
    """One event with its provenance; amounts are numbers."""
    kept = history.event
    return {
        **event_document(kept.value),
        "detail": _detail(kept.value),
        **provenance(kept),
        "void": void_view(history.void),
    }


def _detail(event: Event) -> Shown | None:
    shown: Mapping[str, Any] | None = event_document(event)["detail"]  # type: ignore[assignment]
    if shown is None:
        return None
    numbers: Shown = {}
    match event.detail:
        case DoseStarted() | DeviceGiven():
            numbers["dose_mg"] = event.detail.dose_mg
        case RateChanged():
            numbers["rate_ml_h"] = event.detail.rate_ml_h
        case MedicationGiven():
            numbers["dose"] = event.detail.dose
        case OxygenStarted():
            numbers["flow_l_min"] = event.detail.flow_l_min
        case Addendum(reading=Reading() as late):
            numbers["reading"] = reading_numbers(late)
        case _:
            pass
    return {**shown, **numbers}


def sheet_view(kept: Kept[Any] | None, document: Any) -> Shown | None:
    """A sheet's content with its provenance; null where there is none."""
    return {**document(kept.value), **provenance(kept)} if kept else None


def header_view(kept: Kept[Any]) -> Shown:
    """The header; the weight is a number."""
    return {**header_document(kept.value), "weight_kg": kept.value.weight_kg, **provenance(kept)}


def confirmation_view(kept: Kept[Confirmation], *, outdated: bool) -> Shown:
    """A signed decision. `information_arrived_after_signing` marks it; the signature itself never changes."""
    value = kept.value
    return {
        "id": value.id,
        "decision": value.decision.value,
        "digest": value.digest,
        "own_assessment": value.own_assessment,
        "reason": value.reason,
        "named": list(value.named),
        "signed_text": value.signed_text,
        "signed_at": value.signed_at,
        "signed_afterwards": value.had_left_at is not None,
        "had_left_at": value.had_left_at,
        "examined_by": value.examined_by,
        "signed_by": {"staff_id": kept.by.staff_id, "name": kept.by.name, "role": kept.by.role},
        "proof": proof_document(value.proof) if value.proof else None,
        "tablet_id": kept.tablet_id,
        "information_arrived_after_signing": outdated,
    }


def notice_view(history: NoticeHistory) -> Shown:
    """A notice, and who acknowledged it."""
    seen = history.acknowledged
    return {
        **notice_document(history.notice),
        "acknowledged": {**provenance(seen), "note": seen.value} if seen else None,
    }


def readiness_view(shown: Mapping[str, Any]) -> Shown:
    """The readiness of the contract: findings with their sentences; the baseline's flow of oxygen is a number."""
    return {
        **shown,
        "baseline": amounts_as_numbers(shown["baseline"]),
        "findings": [finding_shown(one) for one in shown["findings"]],
    }


def assessment_view(kept: KeptAssessment) -> Shown:
    """One kept assessment as it was shown, with its number and whether it raised or withdrew the flag."""
    return {
        **readiness_view(kept.display),
        "lapses_at": kept.lapses_at,
        "number": kept.number,
        "recorded_at": kept.recorded_at,
        "change": kept.change.value if kept.change else None,
    }


def session_view(found: SessionRead) -> Shown:
    """The whole record of the contract."""
    record, derived = found.record, found.derived
    life, due = derived.life, derived.due
    late = {held.notice.confirmation_id for held in record.notices}
    readiness = readiness_view(found.readiness)
    missing = missing_to_start(record, derived)
    return {
        "id": record.id,
        "version": found.version,
        "demo": found.demo,
        "state": life.state.value if life else found.state,
        "phase": derived.phase.value if derived.phase else None,
        "phase_since": life.since if life else None,
        "due": {"due_at": due.due_at, "overdue_at": due.overdue_at} if due else None,
        **header_view(record.header),
        "patient": {"id": record.header.value.patient_id, **(sheet_view(record.patient, patient_document) or {})},
        "course": sheet_view(record.course, course_document),
        "course_sessions": [session_of_course(session) for session in found.course],
        "screening": sheet_view(record.screening, screening_document),
        "overrides": [sheet_view(held, override_document) for held in record.overrides],
        "clearance": sheet_view(record.clearance, clearance_document),
        "course_clearance": sheet_view(record.course_clearance, clearance_document),
        "events": [event_view(history) for history in sorted(record.events, key=lambda held: held.event.value.at)],
        "readings": reading_views(
            derived, sorted(record.readings, key=lambda held: held.revisions[-1].value.measured_at)
        ),
        "baseline": readiness["baseline"],
        "to_start": None if missing is None else [one.document() for one in missing],
        "prompt": derived.prompt.document() if derived.prompt else None,
        "readiness": readiness,
        "escort": sheet_view(record.escort, escort_document),
        "confirmations": [confirmation_view(held, outdated=held.value.id in late) for held in record.confirmations],
        "notices": [notice_view(history) for history in record.notices],
        "discharge": sheet_view(record.discharge, discharge_document),
        "tablets": {str(tablet_id): name for tablet_id, name in found.tablets.items()},
    }
