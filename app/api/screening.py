"""Screening over HTTP: the answers, their signed override, and a clinician's clearance of one session."""

from typing import Annotated

from fastapi import Response
from pydantic import Field, create_model

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.errors import Malformed, refusals
from app.api.routes import router as make_router
from app.api.session_models import ClearanceOut, OverrideOut, ScreeningOut
from app.api.session_view import sheet_view
from app.api.signing import SignatureIn, prove
from app.api.strict import Body, Choice, Id, IfMatch, Instant, Text
from app.domain.documents import clearance_document, override_document, screening_document
from app.domain.errors import FieldError
from app.domain.people import Act
from app.domain.records import Screening, ScreeningOverride
from app.domain.screening import Exclusion, SameDayAnswer
from app.domain.signatures import SignedKind, ToSign
from app.domain.texts import NOTE
from app.services import screening

router = make_router()

AnswersIn = create_model(  # one required answer an exclusion, under its permanent id
    "AnswersIn",
    __base__=Body,
    **{exclusion.name.lower(): (bool, Field(alias=exclusion.value)) for exclusion in Exclusion},  # type: ignore[call-overload]
)


Item = Annotated[str, Text(64)]
"""What the session's protocol calls an item of its same-day check."""


class ScreeningIn(Body):
    """All eight exclusions answered; true means it is present.

    `same_day`: the same-day check, by the items of the session's protocol: was the answer the right one, or the wrong
    one. What is left out nobody answered. `asked_at`: when it was asked; needed where anything of it is answered.
    """

    answers: AnswersIn  # type: ignore[valid-type]
    same_day: dict[Item, Choice[SameDayAnswer]] = Field(default_factory=dict, max_length=20)
    asked_at: Instant | None = None


class OverrideIn(SignatureIn):
    """`same_day`: items of the same-day check that were answered wrongly; one of the two lists is not empty."""

    exclusions: Annotated[list[Choice[Exclusion]], Field(max_length=8)]
    reason: Annotated[str, Text()]
    same_day: list[Item] = Field(default_factory=list, max_length=20)


class SessionClearanceIn(Body):
    """`same_day`: items of the same-day check that ask for a clinician, cleared for this session."""

    note: Annotated[str, Text(NOTE, lines=True)] | None = None
    same_day: list[Item] = Field(default_factory=list, max_length=20)


@router.put(
    "/v1/sessions/{session_id}/screening",
    response_model=None,
    responses={200: {"model": ScreeningOut}, 201: {"model": ScreeningOut}, **refusals(409, 412, 428)},
)
async def put_screening(
    session_id: Id, body: ScreeningIn, call: Annotated[Call, allow(Act.CHART)], if_match: IfMatch
) -> Response:
    """Keep the eight answers, and those of the same-day check."""
    answers = {exclusion: getattr(body.answers, exclusion.name.lower()) for exclusion in Exclusion}
    offered = Screening(answers, body.same_day, body.asked_at)
    kept, new = await call.write(screening.put, session_id, offered, if_match)
    return answer(sheet_view(kept, screening_document), status=201 if new else 200, revision=kept.revision)


@router.post(
    "/v1/sessions/{session_id}/screening/override",
    response_model=None,
    responses={200: {"model": OverrideOut}, 201: {"model": OverrideOut}, **refusals(409, 429)},
)
async def override_screening(session_id: Id, body: OverrideIn, call: Annotated[Call, allow(Act.SIGN)]) -> Response:
    """A clinician's signed word that these exclusions and items of the same-day check do not stop this session."""
    chosen = tuple(exclusion for exclusion in Exclusion if exclusion in body.exclusions)
    items = tuple(sorted(set(body.same_day)))
    if not chosen and not items:
        raise Malformed(errors=[FieldError("exclusions", "is empty, and so is same_day: name what does not stop it")])
    says = {"exclusions": sorted(each.value for each in chosen), "reason": body.reason, "same_day": list(items)}
    proof = await prove(call, body, ToSign(SignedKind.SCREENING_OVERRIDE, str(session_id), says))
    value = ScreeningOverride(chosen, body.reason, proof, items)
    kept, new = await call.write(screening.override, session_id, value)
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
    kept, new = await call.write(screening.clear, session_id, body.note, if_match, tuple(sorted(set(body.same_day))))
    return answer(sheet_view(kept, clearance_document), status=201 if new else 200, revision=kept.revision)
