"""The escort over HTTP."""

from typing import Annotated

from fastapi import Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.session_models import EscortOut
from app.api.session_view import sheet_view
from app.api.strict import Body, Id, Identifier, IfMatch, Instant, Text
from app.domain.documents import escort_document
from app.domain.facts import Escort, EscortCall
from app.domain.people import Act
from app.services import escort

router = make_router()


class EscortCallIn(Body):
    """The escort was reached by phone, where the session's protocol allows it. It is no sighting."""

    number: Annotated[str, Identifier(40)]
    reached_at: Instant
    reached_by: Annotated[str, Text()]
    arrives_at: Instant | None = None


class EscortIn(Body):
    """Who takes the patient home. `present` without `present_at` means present now."""

    name: Annotated[str, Text()]
    relationship: Annotated[str, Text(80)] | None = None
    present: bool
    present_at: Instant | None = None
    phone: EscortCallIn | None = None


@router.put(
    "/v1/sessions/{session_id}/escort",
    response_model=None,
    responses={200: {"model": EscortOut}, 201: {"model": EscortOut}, **refusals(409, 412, 428)},
)
async def put_escort(
    session_id: Id, body: EscortIn, call: Annotated[Call, allow(Act.CHART)], if_match: IfMatch
) -> Response:
    """Who takes the patient home, and when they were seen here. With If-Match and no time: seen again, now."""
    call_made = EscortCall(**dict(body.phone)) if body.phone else None
    offered = Escort(body.name, body.present, body.present_at, body.relationship, phone=call_made)
    kept, new = await call.write(escort.put, session_id, offered, if_match)
    return answer(sheet_view(kept, escort_document), status=201 if new else 200, revision=kept.revision)
