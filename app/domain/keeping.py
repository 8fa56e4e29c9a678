"""Values as facts to keep: of each kind the document, its id, its own instant."""

from datetime import datetime
from uuid import UUID

from app.domain.canonical import Document
from app.domain.documents import (
    clearance_document,
    confirmation_document,
    discharge_document,
    escort_document,
    event_document,
    form_answers_document,
    header_document,
    notice_document,
    override_document,
    reading_document,
    screening_document,
    void_document,
)
from app.domain.events import Event
from app.domain.facts import Escort
from app.domain.forms import FormAnswers
from app.domain.journal import Fact, Kind
from app.domain.readings import Reading
from app.domain.records import (
    Clearance,
    Confirmation,
    Decision,
    Discharge,
    Notice,
    Screening,
    ScreeningOverride,
    SessionHeader,
    Void,
)

PAST = {Decision.CONFIRM: "confirmed", Decision.DECLINE: "declined", Decision.OVERRIDE: "overridden"}


def header(session_id: UUID, value: SessionHeader, revision: int, reason: str | None = None) -> Fact:
    """A revision of what is planned."""
    document, patient_id = header_document(value), value.patient_id
    return Fact(Kind.SESSION, str(session_id), document, revision, reason=reason, patient_id=patient_id)


def screening(session_id: UUID, value: Screening, revision: int) -> Fact:
    """A revision of the eight answers."""
    return Fact(Kind.SCREENING, str(session_id), screening_document(value), revision)


def override(session_id: UUID, value: ScreeningOverride, number: int) -> Fact:
    """One more signed override; `number` counts them from 1."""
    return Fact(Kind.OVERRIDE, str(session_id), override_document(value), number, reason=value.reason)


def clearance(session_id: UUID, value: Clearance, revision: int) -> Fact:
    """A revision of a clinician's word on this session."""
    return Fact(Kind.CLEARANCE, str(session_id), clearance_document(value), revision)


def escort(session_id: UUID, value: Escort) -> Fact:
    """A revision of who takes the patient home."""
    return Fact(Kind.ESCORT, str(session_id), escort_document(value), value.revision, at=value.present_at)


def form_answers(session_id: UUID, value: FormAnswers, revision: int) -> Fact:
    """A revision of what was asked for the monitoring form."""
    return Fact(Kind.FORM_ANSWERS, str(session_id), form_answers_document(value), revision, at=value.sent_at)


def reading(value: Reading, reason: str | None = None, sent_as: UUID | None = None) -> Fact:
    """A reading, or (revision 2 and up) a correction of it, sent under an id of its own."""
    document, at = reading_document(value), value.measured_at
    return Fact(Kind.READING, str(value.id), document, value.revision, at=at, reason=reason, sent_as=sent_as)


def event(value: Event) -> Fact:
    """What was given or done."""
    return Fact(Kind.EVENT, str(value.id), event_document(value), at=value.at)


def void(kind: Kind, value: Void) -> Fact:
    """A fact was entered in error; `kind` says of which sort it is."""
    return Fact(kind, str(value.fact_id), void_document(value), reason=value.reason)


def confirmation(value: Confirmation) -> Fact:
    """A signed decision, with every word of it."""
    action = f"discharge.{PAST[value.decision]}"
    document = confirmation_document(value)
    return Fact(Kind.CONFIRMATION, str(value.id), document, at=value.signed_at, action=action, reason=value.reason)


def notice(value: Notice) -> Fact:
    """Something a signer must look at."""
    return Fact(Kind.NOTICE, str(value.id), notice_document(value))


def acknowledgement(notice_id: UUID, note: str | None) -> Fact:
    """It was looked at."""
    return Fact(Kind.ACKNOWLEDGEMENT, str(notice_id), {"note": note}, reason=note)


def discharge(session_id: UUID, value: Discharge) -> Fact:
    """The patient left."""
    return Fact(Kind.DISCHARGE, str(session_id), discharge_document(value), at=value.left_at)


def baseline(session_id: UUID, references: Document, revision: int) -> Fact:
    """The reference values, when they became known or changed."""
    return Fact(Kind.BASELINE, str(session_id), references, revision)


def assessment(session_id: UUID, document: Document, number: int, at: datetime, action: str) -> Fact:
    """An assessment that says something new."""
    return Fact(Kind.ASSESSMENT, str(session_id), document, number, at=at, action=action)
