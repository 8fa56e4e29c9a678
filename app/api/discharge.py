"""Discharge over HTTP."""

from typing import Annotated

from fastapi import Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.session_models import DischargeOut
from app.api.session_view import sheet_view
from app.api.strict import Body, Id, Instant, Text
from app.domain.documents import discharge_document
from app.domain.people import Act
from app.domain.texts import NOTE
from app.services import discharge

router = make_router()


class DischargeIn(Body):
    left_at: Instant
    instructions_given: bool
    note: Annotated[str, Text(NOTE, lines=True)] | None = None


@router.post(
    "/v1/sessions/{session_id}/discharge",
    response_model=None,
    responses={200: {"model": DischargeOut}, 201: {"model": DischargeOut}, **refusals(409)},
)
async def discharge_patient(session_id: Id, body: DischargeIn, call: Annotated[Call, allow(Act.CHART)]) -> Response:
    """The patient left: closes the session. Needs a signature that still holds, an escort here, no open notice."""
    kept, new = await call.write(
        discharge.discharge,
        session_id,
        body.left_at,
        instructions_given=body.instructions_given,
        note=body.note,
    )
    return answer(sheet_view(kept, discharge_document), status=201 if new else 200)
