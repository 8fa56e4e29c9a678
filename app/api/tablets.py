"""Tablets over HTTP: the heartbeat, the outbox's key, and a lead's release."""

import base64
import secrets
from typing import Annotated

from fastapi import Response
from pydantic import Field

from app.api.answers import answer
from app.api.clock import ClockOut
from app.api.contract import Out
from app.api.deps import Call, allow
from app.api.deps import router as make_router
from app.api.strict import Body, Id, Text, Whole
from app.domain.people import Act
from app.domain.tablets import Contact, clock_is_doubtful
from app.services import tablet_keys, tablets

router = make_router()
DAY_MS = 86_400_000


class ContactIn(Body):
    """What a tablet says of itself. `clock_offset_ms`: its clock minus the service's wall clock."""

    unsent: Annotated[Whole, Field(ge=0, le=100_000)]
    open_sessions: Annotated[list[Id], Field(max_length=20)]
    clock_offset_ms: Annotated[int, Field(ge=-36_500 * DAY_MS, le=36_500 * DAY_MS)]


class ContactOut(ClockOut):
    """The service's clocks as `/v1/clock` shows them, and whether the tablet's is in doubt."""

    clock_in_doubt: bool


class KeyIn(Body):
    pass


class KeyOut(Out):
    """32 random bytes in base64."""

    key: str


class ReleaseIn(Body):
    session_id: Id
    reason: Annotated[str, Text()]


@router.put("/v1/tablets/{tablet_id}/contact", response_model=None, responses={200: {"model": ContactOut}})
async def put_contact(tablet_id: Id, body: ContactIn, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """A heartbeat. It keeps the tablet's sessions in step, and never extends a sign-in."""
    said = Contact(body.unsent, tuple(body.open_sessions), body.clock_offset_ms)
    await call.write_by_page(tablets.contact, tablet_id, said)
    clocks = {"now": call.now, "wall": call.wall, "pace": call.shared.clock.pace}
    return answer({**clocks, "clock_in_doubt": clock_is_doubtful(body.clock_offset_ms)})


@router.post("/v1/tablets/{tablet_id}/key", response_model=None, responses={200: {"model": KeyOut}})
async def release_key(tablet_id: Id, body: KeyIn, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """The key of this tablet's outbox, the same for everybody of the clinic who sees patients. Nothing keeps it."""
    fresh = base64.b64encode(secrets.token_bytes(32)).decode()
    return answer({"key": await call.write_by_page(tablet_keys.release_key, tablet_id, fresh)})


@router.post("/v1/tablets/{tablet_id}/release", response_model=None, status_code=204)
async def release_tablet(tablet_id: Id, body: ReleaseIn, call: Annotated[Call, allow(Act.MANAGE_TABLETS)]) -> Response:
    """A lead's word that a silent tablet holds nothing of this session any more, with the reason."""
    await call.write(tablets.release, tablet_id, body.session_id, body.reason)
    return Response(status_code=204)
