"""The whole board: read at once, and live as server-sent events."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.api.answers import NOTHING_NEW, is_named, still_so
from app.api.board_memory import pieces_of
from app.api.board_models import BoardNewsOut, WholeBoardOut
from app.api.calls import Call, allow
from app.api.identify import still_signed_in
from app.api.routes import router as make_router
from app.api.strict import IfNoneMatch
from app.domain.people import Act
from app.services import boards

router = make_router()
_CACHED = {"Cache-Control": "private, no-cache"}


class InPieces(Response):
    """JSON whose pieces leave one after the other: nobody puts a large document together only to send it."""

    def __init__(self, pieces: Sequence[bytes], headers: Mapping[str, str]) -> None:
        length = {"Content-Length": str(sum(map(len, pieces)))}
        super().__init__(headers={**headers, **length}, media_type="application/json")
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI hands it in
        """As ASGI asks."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


STREAM: dict[str, Any] = {
    "description": "Events named `board`, each `{items, gone, as_of, version}`: at first every active session, then "
    "what changes; `version` grows by one with each change, so that a missed one is seen. A sign of life every two "
    "seconds of the wall clock; a page that hears nothing says so. None goes by when an event came: `as_of` says "
    "as of when the board is.",
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


@router.get("/v1/board", response_model=None, responses={200: {"model": WholeBoardOut}, 304: NOTHING_NEW})
async def read_whole_board(call: Annotated[Call, allow(Act.READ_PATIENTS)], named: IfNoneMatch) -> Response:
    """Every active session of the clinic at once. With the last ETag in If-None-Match: 304 while nothing has changed.

    What this service has kept is in it; what another one of the same clinic has, within a second.
    """
    found = await call.shared.following.board(call.actor.clinic_id)
    # whoever holds it was shown it themself, and that is on record: another's tag says nothing
    tag = f'"{found.tag}.{call.actor.id}"'
    if is_named(tag, named):
        return still_so(tag, **_CACHED)
    await call.write_by_page(boards.read_whole, found.count)
    rest = {"version": found.version, "demo": call.shared.demo, "as_of": found.as_of}
    return InPieces(pieces_of(found.items, rest), {"ETag": tag, **_CACHED})


@router.get("/v1/stream", response_model=None, response_class=Response, responses={200: STREAM})
async def stream(request: Request, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """The board as it changes. Ends with the sign-in, which it never extends."""
    await call.read(boards.follow)

    async def events() -> AsyncIterator[bytes]:
        async for news in call.shared.following.follow(call.actor.clinic_id):
            if not await still_signed_in(request, call.shared):
                return
            yield b"event: board\ndata: " + news + b"\n\n"

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)
