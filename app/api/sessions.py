"""Sessions over HTTP: planning one, its whole record, the board."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field

from app.api.answers import NOTHING_NEW, answer
from app.api.board_models import BoardOut
from app.api.calls import Call, allow
from app.api.cursors import After, Limit, read_cursor, write_cursor
from app.api.errors import refusals
from app.api.readiness import already_known, up_to_date
from app.api.routes import router as make_router
from app.api.session_models import HeaderOut, SessionOut
from app.api.session_view import header_view, session_view
from app.api.strict import Body, Choice, Id, Identifier, IfMatch, IfNoneMatch, Instant, Places3, Text, Whole
from app.domain.events import Route
from app.domain.people import Act
from app.domain.records import SessionHeader
from app.services import boards, sessions

router = make_router()


class ProtocolRefIn(Body):
    id: Annotated[str, Text(80)]
    version: Whole


HAD_LEFT = (
    "The session is charted afterwards: when the patient had left. It is assessed as of then, and not on the board, as "
    "long as nothing in its record lies after that"
)


class SessionIn(Body):
    patient_id: Id
    route: Choice[Route]
    protocol: ProtocolRefIn
    chair: Annotated[str, Identifier(40)] | None = None
    planned_at: Instant | None = None
    course_id: Id | None = None
    weight_kg: Places3 | None = None
    had_left_at: Annotated[Instant | None, Field(description=HAD_LEFT)] = None

    def value(self) -> SessionHeader:
        """As a domain value."""
        return SessionHeader(
            patient_id=self.patient_id,
            route=self.route,
            protocol_id=self.protocol.id,
            protocol_version=self.protocol.version,
            chair=self.chair,
            planned_at=self.planned_at,
            course_id=self.course_id,
            weight_kg=self.weight_kg,
            had_left_at=self.had_left_at,
        )


@router.put(
    "/v1/sessions/{session_id}",
    response_model=None,
    responses={200: {"model": HeaderOut}, 201: {"model": HeaderOut}, **refusals(409, 412, 428)},
)
async def put_session(
    session_id: Id, body: SessionIn, call: Annotated[Call, allow(Act.CHART)], if_match: IfMatch
) -> Response:
    """Plan a session, or revise its header. Patient, route and protocol version are pinned from the first put."""
    kept, new = await call.write(sessions.put, session_id, body.value(), if_match)
    return answer({"id": session_id, **header_view(kept)}, status=201 if new else 200, revision=kept.revision)


@router.get("/v1/sessions/{session_id}", response_model=None, responses={200: {"model": SessionOut}, 304: NOTHING_NEW})
async def read_session(session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)], named: IfNoneMatch) -> Response:
    """The whole record, caught up to this instant."""
    if (same := await already_known(call, session_id, named)) is not None:
        return same
    found = await up_to_date(call, sessions.read, session_id)
    return answer(session_view(found), revision=found.record.header.revision, look=found.tag)


@router.get("/v1/sessions", response_model=None, responses={200: {"model": BoardOut}})
async def read_board(
    call: Annotated[Call, allow(Act.READ_PATIENTS)],
    status: Literal["active", "planned", "closed", "afterwards"] = "active",
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """The board (`active`: checked-in, infusing, recovering), or the planned, the closed, those charted afterwards."""
    items, following, demo = await call.read(boards.page, status, read_cursor(after, UUID), limit)
    return answer(
        {
            "items": items,
            "next": write_cursor((str(following),) if following else None),
            "demo": demo,
            "as_of": call.now,
        }
    )
