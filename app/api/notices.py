"""Notices over HTTP."""

from typing import Annotated

from fastapi import Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.session_models import NoticeOut
from app.api.session_view import notice_view
from app.api.strict import Body, Id, Text
from app.domain.people import Act
from app.domain.texts import NOTE
from app.services import notices

router = make_router()


class AcknowledgeIn(Body):
    note: Annotated[str, Text(NOTE, lines=True)] | None = None


@router.post(
    "/v1/sessions/{session_id}/notices/{notice_id}/acknowledge",
    response_model=None,
    responses={200: {"model": NoticeOut}, **refusals(409)},
)
async def acknowledge(
    session_id: Id, notice_id: Id, body: AcknowledgeIn, call: Annotated[Call, allow(Act.ACKNOWLEDGE)]
) -> Response:
    """Acknowledge information that arrived after the signature. Somebody other than the signer says why in `note`."""
    return answer(notice_view(await call.write(notices.acknowledge, session_id, notice_id, body.note)))
