"""The clinic's settings over HTTP."""

from typing import Annotated

from fastapi import Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.kept import SignerOut, settled_document
from app.api.routes import router as make_router
from app.api.strict import Body, Choice, IfMatch, Instant, Whole
from app.db.settled import SETTINGS
from app.domain.alerting import LATEST_SECONDS, SOONEST_SECONDS, ClinicSettings, Loudness
from app.domain.people import Act
from app.services import clinic_settings

router = make_router()


class ClinicSettingsIn(Body):
    """How the clinic's tablets call. `loudest` off: none sounds. `quietest`: of a severe concern.

    `escalate_seconds`: after so many a call that nobody has seen grows louder, and goes to tablets that are not looked
    at; and again after as many.
    """

    loudest: Choice[Loudness]
    quietest: Choice[Loudness]
    vibration: bool
    escalate_seconds: Annotated[Whole, Field(ge=SOONEST_SECONDS, le=LATEST_SECONDS)]


class ClinicSettingsOut(Out):
    """`revision` 0, and nobody who kept them: they are as they are where no lead has settled them."""

    loudest: Loudness
    quietest: Loudness
    vibration: bool
    escalate_seconds: int
    revision: int
    recorded_at: Instant | None
    recorded_by: SignerOut | None
    tablet_id: str | None
    reason: str | None


@router.get("/v1/clinic/settings", response_model=ClinicSettingsOut)
async def get_clinic_settings(call: Annotated[Call, allow(Act.READ_SETTINGS)]) -> Response:
    """The clinic's settings. They have an ETag from the first time that a lead has settled them."""
    kept = await call.read(clinic_settings.find)
    return answer(settled_document(kept, SETTINGS), revision=kept.revision if kept else None)


@router.put(
    "/v1/clinic/settings",
    response_model=None,
    responses={200: {"model": ClinicSettingsOut}, 201: {"model": ClinicSettingsOut}, **refusals(412, 428)},
)
async def put_clinic_settings(
    body: ClinicSettingsIn, call: Annotated[Call, allow(Act.MANAGE_SETTINGS)], if_match: IfMatch
) -> Response:
    """Settle how the clinic's tablets call."""
    settings = ClinicSettings(body.loudest, body.quietest, body.vibration, body.escalate_seconds)
    change, kept = await call.write(clinic_settings.put, settings, if_match)
    return answer(settled_document(kept, SETTINGS), status=201 if change.created else 200, revision=kept.revision)
