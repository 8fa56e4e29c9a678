"""What is asked for the monitoring form, and which forms are due, over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import MOST, After, Limit, a_page, by_revision, read_cursor, read_number, write_cursor
from app.api.errors import refusals
from app.api.kept import KeptOut, kept_document
from app.api.monitoring import AnswersContent
from app.api.routes import router as make_router
from app.api.strict import Body, Choice, Id, IfMatch, Instant, Text
from app.db.forms import DosedSession
from app.domain.documents import form_answers_document, programme_document
from app.domain.errors import Invalid
from app.domain.forms import SHORT, Answer, FormAnswers, Medicine, Programme
from app.domain.instants import from_text, to_text
from app.domain.monitoring import Missing
from app.domain.people import Act
from app.domain.records import Kept
from app.services import forms, monitoring, session_history
from app.services.monitoring import DueForm, DueForms

router = make_router()
FEW = 50
"""Forms of one page: each is worked out anew."""


class FormAnswersIn(Body):
    """What was asked for the form of one session. Left out, null, or a medicine not named: not asked yet.

    `unknown`: asked, and nobody could know. `monitor_phone` and `monitor_email`: where the clinic's own do not count.
    `sent_at`: when the form went to whoever asks for it.
    """

    first_treatment: Choice[Answer] | None = None
    medicines: dict[Choice[Medicine], Choice[Answer]] = Field(default_factory=dict)
    monitored_by: Annotated[str, Text()] | None = None
    monitor_phone: Annotated[str, Text(SHORT)] | None = None
    monitor_email: Annotated[str, Text()] | None = None
    sent_at: Instant | None = None

    def value(self) -> FormAnswers:
        """As the domain has it."""
        return FormAnswers(
            self.first_treatment,
            {group: self.medicines[group] for group in Medicine if group in self.medicines},
            self.monitored_by,
            self.monitor_phone,
            self.monitor_email,
            self.sent_at,
        )


class FormAnswersOut(AnswersContent, KeptOut):
    pass


class FormAnswersHistoryOut(Out):
    items: list[FormAnswersOut]
    next: str | None


class ProgrammeIn(Body):
    """Whether the patient is enrolled in the monitoring programme; `unknown`: asked, and nobody could know."""

    enrolled: Choice[Answer]


class ProgrammeOut(KeptOut):
    enrolled: Answer


class ProgrammeHistoryOut(Out):
    items: list[ProgrammeOut]
    next: str | None


class DuePatientOut(Out):
    id: UUID
    family_name: str
    given_name: str
    birth_date: date
    record_number: str


class LackOut(Out):
    """A field without an answer, and why."""

    id: str
    label: str
    because: str


class DueFormOut(Out):
    """A form that nobody has sent. `days_left`: by the clinic's calendar; below 0 it is late by so many.

    `told` false: what it holds could not be worked out, and what it lacks is not known.
    """

    session_id: UUID
    patient: DuePatientOut
    at: datetime
    due_on: date
    days_left: int
    told: bool
    fields: int
    missing: list[LackOut]


class DueFormsOut(Out):
    """The longest due first. `since`: sessions before that are not looked at."""

    items: list[DueFormOut]
    next: str | None
    since: datetime
    demo: bool
    as_of: datetime


def _answers(kept: Kept[FormAnswers]) -> dict[str, Any]:
    return kept_document(kept, form_answers_document(kept.value))


def _programme(kept: Kept[Programme]) -> dict[str, Any]:
    return kept_document(kept, programme_document(kept.value))


def _due(form: DueForm) -> dict[str, Any]:
    patient = form.record.patient.value
    return {
        "session_id": form.record.id,
        "patient": {
            "id": form.record.header.value.patient_id,
            "family_name": patient.family_name,
            "given_name": patient.given_name,
            "birth_date": patient.birth_date,
            "record_number": patient.record_number,
        },
        "at": form.at,
        "due_on": form.due_on,
        "days_left": form.days_left,
        "told": form.fields is not None,
        "fields": len(form.fields or ()),
        "missing": [
            {"id": one.id, "label": one.label, "because": one.answer.because}
            for one in form.fields or ()
            if isinstance(one.answer, Missing)
        ],
    }


def _place(at: str, this: str) -> DosedSession:
    try:
        return DosedSession(UUID(this), from_text(at), nasal=True)
    except (Invalid, OverflowError):
        raise ValueError(at) from None


@router.get("/v1/monitoring-forms", response_model=None, responses={200: {"model": DueFormsOut}, **refusals(422)})
async def read_due(call: Annotated[Call, allow(Act.READ_PATIENTS)], after: After = None, limit: Limit = 20) -> Response:
    """Monitoring forms that nobody has sent, with what each still lacks: at most 50 at once, the longest due first."""
    found: DueForms = await call.search(monitoring.due, read_cursor(after, _place), min(limit, FEW))
    following = found.following
    return answer(
        {
            "items": [_due(form) for form in found.items],
            "next": write_cursor((to_text(following.at), str(following.id)) if following else None),
            "since": found.since,
            "demo": found.demo,
            "as_of": call.now,
        }
    )


@router.put(
    "/v1/sessions/{session_id}/form-answers",
    response_model=None,
    responses={200: {"model": FormAnswersOut}, 201: {"model": FormAnswersOut}, **refusals(409, 412, 428)},
)
async def put_answers(
    session_id: Id, body: FormAnswersIn, call: Annotated[Call, allow(Act.CHART)], if_match: IfMatch
) -> Response:
    """What was asked for the monitoring form of an intranasal session, and when the form was sent."""
    kept, new = await call.write(forms.put_answers, session_id, body.value(), if_match)
    return answer(_answers(kept), status=201 if new else 200, revision=kept.revision)


@router.get(
    "/v1/sessions/{session_id}/form-answers/history",
    response_model=None,
    responses={200: {"model": FormAnswersHistoryOut}},
)
async def read_answers(
    session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Revisions of what was asked for the form."""
    found = await call.read(session_history.form_answers, session_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, _answers, by_revision))


@router.put(
    "/v1/patients/{patient_id}/programme",
    response_model=None,
    responses={200: {"model": ProgrammeOut}, 201: {"model": ProgrammeOut}, **refusals(409, 412, 428)},
)
async def put_programme(
    patient_id: Id, body: ProgrammeIn, call: Annotated[Call, allow(Act.CHART)], if_match: IfMatch
) -> Response:
    """Whether a patient is enrolled in the monitoring programme: asked once, for every session of theirs."""
    change, kept = await call.write(forms.put_programme, patient_id, Programme(body.enrolled), if_match)
    return answer(_programme(kept), status=201 if change.created else 200, revision=kept.revision)


@router.get(
    "/v1/patients/{patient_id}/programme/history",
    response_model=None,
    responses={200: {"model": ProgrammeHistoryOut}},
)
async def read_programmes(
    patient_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Revisions of whether a patient is enrolled."""
    found = await call.read(forms.programmes, patient_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, _programme, by_revision))
