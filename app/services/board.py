"""A session's line: what the board needs of it, written at every change so that a look at the board is one query."""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.db.sessions import Line
from app.domain.brief import brief, signer_of, stands_at
from app.domain.canonical import Document
from app.domain.confirmations import signature_in_force, speaks_of_this_recovery
from app.domain.derive import Derived
from app.domain.events import DoseStarted, Event
from app.domain.instants import to_text, to_text_or_none
from app.domain.overrides import holds_until
from app.domain.peaks import Peaks
from app.domain.readings import Reading
from app.domain.records import Decision, Patient, SessionRecord
from app.domain.starting import missing_to_start
from app.domain.vitals import Vital

log = logging.getLogger(__name__)


def look_version(kept: int, patient: int) -> int:
    """The version of a look at a session: a later look never has a smaller one, and any change makes it greater.

    Both parts only grow, and a look is read from one snapshot: `kept` counts what was kept under the session's row
    lock, and `patient` the revisions of the sheet of the patient, who is pinned. Not counted is what belongs to others
    and decides nothing here: the course's plan, clearance and other sessions, the names of tablets, and the two
    instants that are told as of the look.
    """
    return kept + patient


def line_of(record: SessionRecord, derived: Derived, next_if_heard_at: datetime | None, before: Line) -> Line:
    """The session's line, from its record and what that comes to. Nothing of it is moved by a tablet that is heard.

    `before`: the line as it stood: where the session stands now may not be known, and then the board shows it as it
    stood, and says that it cannot tell.
    """
    latest, life, due = record.assessment, derived.life, derived.due
    header = record.header
    return Line(
        revision=header.revision,
        course_id=header.value.course_id,
        state=life.state.value if life else before.state,
        active=derived.active if life else before.active,
        due_at=due.due_at if due else None,
        overdue_at=due.overdue_at if due else None,
        next_change_at=None if derived.closed else next_if_heard_at,
        status=latest.status if latest else None,
        status_since=latest.as_of if latest else None,
        digest=latest.digest if latest else None,
        board=board_document(record, derived),
        at=stands_at(record, derived),
        chair_key=chair_key(header.value.chair) if header.value.chair else None,
        signer_id=signed.by.staff_id if (signed := signer_of(record)) else None,
        dose_started_at=derived.dose.started.at if derived.dose and derived.dose.started else None,
        brief=_told(record, derived),
    )


def _told(record: SessionRecord, derived: Derived) -> Document | None:
    found = brief(record, derived)
    if found is None:
        log.error("brief-failed", extra={"session": str(record.id)})
    return found


def chair_key(chair: str) -> str:
    """A chair as it is looked for: capitals and the spaces between its words make no other chair."""
    return " ".join(chair.casefold().split())


def board_document(record: SessionRecord, derived: Derived) -> Document:
    """What the board shows of a session: whose it is and where, the last set, what waits, what is still in the way.

    `failed`: the parts that could not be worked out.
    """
    life = derived.life
    readings = derived.evidence.facts.readings if derived.evidence else _in_order(record.readings_in_force())
    outcomes = record.assessment.outcomes if record.assessment else {}
    missing = missing_to_start(record, derived)
    header = record.header.value
    return {
        "patient": patient_shown(header.patient_id, record.patient.value, record.patient.revision),
        "route": header.route.value,
        "chair": header.chair,
        "planned_at": to_text_or_none(header.planned_at),
        "had_left_at": to_text_or_none(header.had_left_at),
        "phase": derived.phase.value if derived.phase else None,
        "phase_since": to_text(life.since) if life and life.since else None,
        "planned_minutes": _planned_minutes(derived.dose.started if derived.dose else None),
        "last_set": _last_set(readings[-1]) if readings else None,
        "concerns": [
            {
                "id": concern.id,
                "vital": concern.vital.value,
                "value": concern.value,
                "measured_at": to_text(concern.measured_at),
                "because": concern.because,
                "acknowledge": concern.must_be_acknowledged,
            }
            for concern in derived.concerns
            if concern.acknowledged_by is None
        ],
        "peaks": _peaks(derived.peaks),
        "signed": _signed(record, derived),
        "to_start": None if missing is None else [one.document() for one in missing],
        "open_notices": sum(1 for held in record.notices if held.acknowledged is None),
        "not_met": [name for name, outcome in outcomes.items() if outcome == "not-met"],
        "unknown": [name for name, outcome in outcomes.items() if outcome == "unknown"],
        "failed": [failed.part for failed in derived.failed],
    }


def _signed(record: SessionRecord, derived: Derived) -> Document | None:
    """Who lets the patient leave, and until when an override does; None where nobody does, or that is not known."""
    held, ended = signature_in_force(record.confirmations), derived.dose.ended if derived.dose else None
    if held is None or not speaks_of_this_recovery(held.value, ended.at if ended else None):
        return None
    signed, until = held.value, None
    if signed.decision is Decision.OVERRIDE:
        if derived.evidence is None:
            return None
        until = holds_until(signed.signed_at, derived.evidence.protocol.signature_minutes)
    return {
        "decision": signed.decision.value,
        "name": held.by.name,
        "signed_at": to_text(signed.signed_at),
        "until": to_text_or_none(until),
    }


def _in_order(readings: Sequence[Reading]) -> Sequence[Reading]:
    return sorted(readings, key=lambda reading: (reading.measured_at, reading.id.int))


def patient_shown(patient_id: UUID, patient: Patient, revision: int) -> Document:
    """A patient as the board shows them. `revision`: of their sheet, for the version of the look."""
    return {
        "id": str(patient_id),
        "family_name": patient.family_name,
        "given_name": patient.given_name,
        "given_names": list(patient.given_names),
        "birth_date": patient.birth_date.isoformat(),
        "record_number": patient.record_number,
        "revision": revision,
    }


def _peaks(found: Peaks | None) -> Document:
    if found is None:
        return {"dose_started_at": None, **{vital.value: None for vital in Vital}, "dissociation": None}
    return {
        "dose_started_at": to_text_or_none(found.dose_started_at),
        **{vital.value: value for vital, value in found.vitals.items()},
        "dissociation": found.dissociation.value if found.dissociation else None,
    }


def _planned_minutes(started: Event | None) -> int | None:
    return started.detail.planned_minutes if started and isinstance(started.detail, DoseStarted) else None


def _last_set(reading: Reading) -> Document:
    return {
        "id": str(reading.id),
        "measured_at": to_text(reading.measured_at),
        **{vital.value: reading.vital(vital) for vital in Vital},
        "dissociation": reading.dissociation.grade.value if reading.dissociation else None,
    }
