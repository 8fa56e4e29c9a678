"""The monitoring summary of an intranasal session over HTTP, as JSON and as a page."""

import asyncio
import functools
from typing import Annotated, Any

from fastapi import Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.readiness import up_to_date
from app.api.routes import router as make_router
from app.api.strict import Id, Instant
from app.domain.forms import Answer, Medicine
from app.domain.monitoring import AnswerOrigin
from app.domain.people import Act
from app.exchange.monitoring import print_summary, summary_document
from app.services import monitoring
from app.services.monitoring import Summarised

router = make_router()
PDF = "application/pdf"


class AnswersContent(Out):
    """What was asked for the form of one session; null, or a medicine that is not named: not asked yet."""

    first_treatment: Answer | None
    medicines: dict[Medicine, Answer]
    monitored_by: str | None
    monitor_phone: str | None
    monitor_email: str | None
    sent_at: Instant | None


class NumberedAnswersOut(AnswersContent):
    revision: int


class NumberedProgrammeOut(Out):
    enrolled: Answer
    revision: int


class RestsOnFactOut(Out):
    kind: str
    id: str
    revision: int


class AnswerSourceOut(Out):
    """Where an answer stands, or would."""

    origin: AnswerOrigin
    words: str


class MonitoringFieldOut(Out):
    id: str
    group: str
    label: str
    value: Any
    words: str | None
    missing: str | None
    source: AnswerSourceOut
    rests_on: list[RestsOnFactOut]


class MonitoringSummaryOut(Out):
    session_id: Id
    patient_id: Id
    demo: bool
    as_of: Instant
    fields: list[MonitoringFieldOut]
    missing: list[str]
    answers: NumberedAnswersOut | None
    programme: NumberedProgrammeOut | None


@router.get(
    "/v1/sessions/{session_id}/monitoring-summary",
    response_model=None,
    responses={200: {"model": MonitoringSummaryOut}, **refusals(409)},
)
async def read_summary(session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """What a monitoring form asks of an intranasal session: each field's answer and readings, or what is missing."""
    found: Summarised = await up_to_date(call, monitoring.summarise, session_id)
    return answer(summary_document(found.record, found.fields, demo=found.demo, at=found.at))


@router.get(
    "/v1/sessions/{session_id}/monitoring-summary.pdf",
    response_class=Response,
    responses={
        200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}, "description": "The page"},
        **refusals(409),
    },
)
async def read_page(session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """The same as a page for people."""
    found: Summarised = await up_to_date(call, monitoring.summarise, session_id)
    drawn = functools.partial(print_summary, demo=found.demo, at=found.at, by=found.by)
    data = await asyncio.to_thread(drawn, found.record, found.site, found.fields)
    name = f'attachment; filename="monitoring-{session_id}.pdf"'
    return Response(data, media_type=PDF, headers={"Content-Disposition": name})
