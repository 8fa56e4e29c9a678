"""Screening over HTTP: the answers, their signed override, and a clinician's clearance of one session."""

from typing import Annotated

from fastapi import Response
from pydantic import Field, create_model

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.session_models import ClearanceOut, OverrideOut, ScreeningOut
from app.api.session_view import sheet_view
from app.api.strict import Body, Choice, Id, IfMatch, Text
from app.domain.documents import clearance_document, override_document, screening_document
from app.domain.people import Act
from app.domain.records import Screening, ScreeningOverride
from app.domain.screening import Exclusion
from app.domain.texts import NOTE
from app.services import screening

router = make_router()

AnswersIn = create_model(  # one required answer an exclusion, under its permanent id
    "AnswersIn",
    __base__=Body,
    **{exclusion.name.lower(): (bool, Field(alias=exclusion.value)) for exclusion in Exclusion},  # type: ignore[call-overload]
)


class ScreeningIn(Body):
    """All eight exclusions answered; true means it is present."""

    answers: AnswersIn  # type: ignore[valid-type]


class OverrideIn(Body):
    exclusions: Annotated[list[Choice[Exclusion]], Field(min_length=1, max_length=8)]
    reason: Annotated[str, Text()]
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class SessionClearanceIn(Body):
    note: Annotated[str, Text(NOTE, lines=True)] | None = None


@router.put(
    "/v1/sessions/{session_id}/screening",
    response_model=None,
    responses={200: {"model": ScreeningOut}, 201: {"model": ScreeningOut}, **refusals(409, 412, 428)},
)
async def put_screening(
    session_id: Id, body: ScreeningIn, call: Annotated[Call, allow(Act.CHART)], if_match: IfMatch
) -> Response:
    """Keep the eight answers."""
    answers = {exclusion: getattr(body.answers, exclusion.name.lower()) for exclusion in Exclusion}
    kept, new = await call.write(screening.put, session_id, Screening(answers), if_match)
    return answer(sheet_view(kept, screening_document), status=201 if new else 200, revision=kept.revision)


@router.post(
    "/v1/sessions/{session_id}/screening/override",
    response_model=None,
    responses={200: {"model": OverrideOut}, 201: {"model": OverrideOut}, **refusals(409, 429)},
)
async def override_screening(session_id: Id, body: OverrideIn, call: Annotated[Call, allow(Act.SIGN)]) -> Response:
    """A clinician's signed word that these exclusions, though present, do not stop this session."""
    await call.reauthenticate(body.password)
    chosen = tuple(exclusion for exclusion in Exclusion if exclusion in body.exclusions)
    kept, new = await call.write(screening.override, session_id, ScreeningOverride(chosen, body.reason))
    return answer(sheet_view(kept, override_document), status=201 if new else 200)


@router.put(
    "/v1/sessions/{session_id}/clearance",
    response_model=None,
    responses={200: {"model": ClearanceOut}, 201: {"model": ClearanceOut}, **refusals(409, 412, 428)},
)
async def put_clearance(
    session_id: Id, body: SessionClearanceIn, call: Annotated[Call, allow(Act.CLEAR)], if_match: IfMatch
) -> Response:
    """A clinician clears this one session."""
    kept, new = await call.write(screening.clear, session_id, body.note, if_match)
    return answer(sheet_view(kept, clearance_document), status=201 if new else 200, revision=kept.revision)
