"""Domain values as plain JSON documents, and back: for keeping, for equality on repeat, for the audit, for answers.

Every key is always there, null where there is nothing. Instants are text in UTC, decimals plain text without trailing
zeros, ids text in lower case: equal values have equal documents. What is not simply the fields of its type says so in
the `Form` beside it; the rest is read off the type.
"""

from operator import attrgetter

from app.domain.codec import Codec, Form, Found, Misfit, Written
from app.domain.events import DETAILS, Addendum, BaselineAccepted, Event
from app.domain.facts import Escort
from app.domain.forms import FormAnswers, Programme
from app.domain.numbers import decimal_text
from app.domain.readings import Reading
from app.domain.records import (
    Clearance,
    Confirmation,
    Course,
    Discharge,
    Notice,
    Patient,
    Screening,
    ScreeningOverride,
    SessionHeader,
    Signer,
    Void,
)
from app.domain.screening import Exclusion
from app.domain.signatures import SignatureProof
from app.domain.vitals import Dissociation, Oxygen

__all__ = [
    "Found",
    "Misfit",
    "Written",
    "clearance_document",
    "clearance_from",
    "confirmation_document",
    "confirmation_from",
    "course_document",
    "course_from",
    "decimal_text",
    "discharge_document",
    "discharge_from",
    "dissociation_document",
    "dissociation_from",
    "escort_document",
    "escort_from",
    "event_content",
    "event_document",
    "event_from",
    "form_answers_document",
    "form_answers_from",
    "header_document",
    "header_from",
    "notice_document",
    "notice_from",
    "override_document",
    "override_from",
    "oxygen_document",
    "oxygen_from",
    "pair",
    "patient_document",
    "patient_from",
    "programme_document",
    "programme_from",
    "proof_document",
    "proof_from",
    "reading_content",
    "reading_document",
    "reading_from",
    "screening_document",
    "screening_from",
    "signer_document",
    "signer_from",
    "void_document",
    "void_from",
]

pair = Codec().pair

oxygen_document, oxygen_from = pair(Oxygen)
dissociation_document, dissociation_from = pair(Dissociation, Form(null_if_empty=("items",)))
reading_document, reading_from = pair(Reading, Form(order={"symptoms": attrgetter("code")}))
pair(BaselineAccepted, Form(order={"readings": attrgetter("id", "revision")}))
event_document, event_from = pair(Event, Form(chosen=("kind", "detail", DETAILS)))
patient_document, patient_from = pair(Patient, Form(beside=("given_name",)))
course_document, course_from = pair(Course)
clearance_document, clearance_from = pair(Clearance)
header_document, header_from = pair(
    SessionHeader, Form(names={"protocol_id": "protocol.id", "protocol_version": "protocol.version"})
)
screening_document, screening_from = pair(Screening)
override_document, override_from = pair(ScreeningOverride, Form(order={"exclusions": list(Exclusion).index}))
escort_document, escort_from = pair(Escort)
programme_document, programme_from = pair(Programme)
form_answers_document, form_answers_from = pair(FormAnswers)
void_document, void_from = pair(Void)
confirmation_document, confirmation_from = pair(Confirmation)
notice_document, notice_from = pair(Notice)
discharge_document, discharge_from = pair(Discharge)
proof_document, proof_from = pair(SignatureProof)
signer_document, signer_from = pair(Signer)

ADDED = frozenset({"id", "revision", "clock_doubtful"})
"""What of a fact the service and the address say, and nobody typed."""


def _typed(document: Written) -> Written:
    return {key: value for key, value in document.items() if key not in ADDED}


def reading_content(reading: Reading) -> Written:
    """What a nurse typed, and nothing the service added: a repeat is equal exactly where this is.

    Symptoms go by code and instants by UTC, so that order and offset of what was sent make no difference.
    """
    return _typed(reading_document(reading))


def event_content(event: Event) -> Written:
    """What was typed, and nothing the service added: a repeat is equal exactly where this is."""
    content = _typed(event_document(event))
    if isinstance(event.detail, Addendum) and event.detail.reading is not None:
        late = event.detail.reading
        content["detail"] = {"text": event.detail.text, "reading": {"id": str(late.id), **reading_content(late)}}
    return content
