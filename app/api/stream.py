"""Server-sent events: the board, live."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from app.api.board_models import BoardNewsOut
from app.api.deps import Call, allow, still_signed_in
from app.api.deps import router as make_router
from app.domain.people import Act
from app.services import sessions

router = make_router()
STREAM: dict[str, Any] = {
    "description": "Events named `board`, each `{items, gone, as_of}`: first every active session, then what changes. "
    "A sign of life at least every ten seconds of the wall clock; a page that hears nothing says so.",
    "content": {
        # of each event: so it is read before OpenAPI 3.2
        "text/event-stream": {
            "schema": {
                "type": "object",
                "properties": {
                    "event": {"const": "board"},
                    "data": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "contentSchema": {"$ref": f"#/components/schemas/{BoardNewsOut.__name__}"},
                    },
                },
                "required": ["event", "data"],
                "additionalProperties": False,
            }
        }
    },
}


@router.get("/v1/stream", response_model=None, response_class=Response, responses={200: STREAM})
async def stream(request: Request, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """The board as it changes. Ends with the sign-in, which it never extends."""
    await call.read(sessions.follow)

    async def events() -> AsyncIterator[bytes]:
        async for news in call.shared.following.follow(call.actor.clinic_id):
            if not await still_signed_in(request, call.shared):
                return
            yield b"event: board\ndata: " + json.dumps(news, separators=(",", ":")).encode() + b"\n\n"

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)
