"""What calls over HTTP: what somebody has seen, and which tablets are called by push."""

from typing import Annotated

from fastapi import Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.strict import Body, Id, Instant, Text
from app.domain.people import Act
from app.exchange.webhooks import LONGEST_URL
from app.services import alerts

router = make_router()


class SeenIn(Body):
    """`alerts`: the ids of severe concerns; of an overdue set `<session>/due/<due_at in milliseconds since 1970>`."""

    session_id: Id
    alerts: Annotated[list[Annotated[str, Text()]], Field(min_length=1, max_length=50)]


class SeenAlertOut(Out):
    """`seen_at`: by the wall clock."""

    session_id: Id
    alert: str
    seen_at: Instant


class SeenOut(Out):
    items: list[SeenAlertOut]


class PushIn(Body):
    """As the browser's PushSubscription says it; keys in base64url without padding."""

    endpoint: Annotated[str, Text(LONGEST_URL)]
    p256dh: Annotated[str, Text()]
    auth: Annotated[str, Text()]


class PushOut(Out):
    """`key`: the installation's public key (VAPID), for the browser's own subscribing. `called`: this tablet is."""

    key: str
    called: bool


@router.post("/v1/alerts/seen", response_model=None, status_code=204, responses=refusals(404))
async def say_seen(body: SeenIn, call: Annotated[Call, allow(Act.ANSWER_ALERTS)]) -> Response:
    """Somebody has seen what calls in a session: no tablet calls for it any more. No acknowledgement of the record."""
    await call.write(alerts.see, body.session_id, body.alerts, call.wall)
    return Response(status_code=204)


@router.get("/v1/alerts/seen", response_model=SeenOut)
async def read_seen(call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """What somebody has seen of all that calls: a tablet asks before it calls again."""
    found = await call.read(alerts.seen)
    items = [{"session_id": session_id, "alert": alert, "seen_at": seen_at} for session_id, alert, seen_at in found]
    return answer({"items": items})


@router.get("/v1/tablets/{tablet_id}/push", response_model=PushOut)
async def read_push(tablet_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """Whether this tablet is called while nobody looks at it, and the key to subscribe with."""
    found = await call.read(alerts.push_state, tablet_id, call.wall, call.shared.policy.idle)
    return answer({"key": found.key, "called": found.called})


@router.put("/v1/tablets/{tablet_id}/push", response_model=None, status_code=204)
async def put_push(tablet_id: Id, body: PushIn, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """Call this tablet while nobody looks at it, until one's shift on it ends. No message names a patient."""
    await call.write(alerts.subscribe, tablet_id, body.endpoint, body.p256dh, body.auth)
    return Response(status_code=204)


@router.delete("/v1/tablets/{tablet_id}/push", response_model=None, status_code=204)
async def delete_push(tablet_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """Call this tablet no more."""
    await call.write(alerts.unsubscribe, tablet_id)
    return Response(status_code=204)
