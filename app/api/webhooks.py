"""Webhooks as a lead sees them: adding and ending them, how deliveries stand, what was given up, and sending again."""

import secrets
from typing import Annotated, Any
from uuid import UUID

from annotated_types import Ge, Le, Len
from fastapi import Path, Response
from uuid_utils.compat import uuid7

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import MOST, After, Limit, a_page, read_cursor, read_number
from app.api.routes import router as make_router
from app.api.strict import Body, Digits, Id, Instant, Text
from app.domain.feed import PUBLISHED
from app.domain.people import Act
from app.domain.webhooks import Letter, Webhook, WebhookState
from app.exchange.webhooks import LONGEST_URL, SECRET_BYTES, new_secret
from app.services import webhooks

router = make_router()


class WebhookOut(Out):
    """`position`: how far in the feed it has been looked at. `waiting`: deliveries that have yet to be made.

    `dead`: deliveries that were given up. `paused`: why nothing is sent. `failing_since`: since when the oldest that
    failed and is tried again waits. `added_at` and that one are by the wall clock. The secret is never shown again.
    """

    id: Id
    url: str
    kinds: list[str] | None
    with_values: bool
    allow_private: bool
    paused: str | None
    added_at: Instant
    position: int
    waiting: int
    dead: int
    last_failure: str | None
    failing_since: Instant | None


class WebhookIn(Body):
    """`kinds` null: every kind of event. `with_values`: what was recorded is sent too, so patient data leaves."""

    url: Annotated[str, Text(LONGEST_URL)]
    kinds: Annotated[list[Annotated[str, Text(64)]], Len(1, len(PUBLISHED))] | None = None
    with_values: bool = False


class SecretOut(Out):
    """`secret`: what signs its deliveries, shown in this answer alone."""

    id: Id
    secret: str


class WebhooksOut(Out):
    items: list[WebhookOut]
    next: str | None


class LetterOut(Out):
    """`last_answer`: the last answer's status code, or in a word why there was none."""

    position: int
    id: Id
    kind: str
    session_id: Id | None
    waiting_since: Instant
    tries: int
    last_answer: str | None


class LettersOut(Out):
    items: list[LetterOut]
    next: str | None


def _state(state: WebhookState) -> dict[str, Any]:
    webhook = state.webhook
    return {
        "id": webhook.id,
        "url": webhook.url,
        "kinds": None if webhook.kinds is None else sorted(webhook.kinds),
        "with_values": webhook.with_values,
        "allow_private": webhook.allow_private,
        "paused": webhook.paused,
        "added_at": webhook.added_at,
        "position": state.position,
        "waiting": state.waiting,
        "dead": state.dead,
        "last_failure": state.last_failure,
        "failing_since": state.failing_since,
    }


def _secret() -> str:
    return new_secret(secrets.token_bytes(SECRET_BYTES))


def _letter(letter: Letter) -> dict[str, Any]:
    return {
        "position": letter.position,
        "id": letter.id,
        "kind": letter.kind,
        "session_id": letter.session_id,
        "waiting_since": letter.waiting_since,
        "tries": letter.tries,
        "last_answer": letter.outcome,
    }


@router.get("/v1/webhooks", response_model=WebhooksOut)
async def read_webhooks(
    call: Annotated[Call, allow(Act.MANAGE_WEBHOOKS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Webhooks of the clinic, the oldest first."""
    found = await call.read(webhooks.states, read_cursor(after, UUID), limit + 1)
    return answer(a_page(found, limit, _state, lambda state: (str(state.webhook.id),)))


@router.post("/v1/webhooks", status_code=201, response_model=SecretOut)
async def add_webhook(body: WebhookIn, call: Annotated[Call, allow(Act.MANAGE_WEBHOOKS)]) -> Response:
    """Send what changes from now on to an https address; never to one of our own network: the operator adds those."""
    webhook = Webhook(
        id=uuid7(),
        clinic_id=call.actor.clinic_id,
        url=body.url,
        kinds=None if body.kinds is None else frozenset(body.kinds),
        with_values=body.with_values,
        allow_private=False,
        secret=_secret(),
        old_secret=None,
        old_until=None,
        paused=None,
        added_at=call.wall,
    )
    await call.write(webhooks.add, webhook)
    return answer({"id": webhook.id, "secret": webhook.secret}, status=201)


@router.post("/v1/webhooks/{webhook_id}/secret", response_model=SecretOut)
async def change_secret(webhook_id: Id, call: Annotated[Call, allow(Act.MANAGE_WEBHOOKS)]) -> Response:
    """Another secret. For a day deliveries carry two signatures: one by it, one by the secret before."""
    fresh = _secret()
    await call.write(webhooks.rotate, webhook_id, fresh, call.wall)
    return answer({"id": webhook_id, "secret": fresh})


@router.post("/v1/webhooks/{webhook_id}/try", status_code=204, response_model=None)
async def try_now(webhook_id: Id, call: Annotated[Call, allow(Act.MANAGE_WEBHOOKS)]) -> Response:
    """Send at once all that waits; one that was set aside is sent to again."""
    await call.write(webhooks.resume, webhook_id, call.wall)
    return Response(status_code=204)


@router.post("/v1/webhooks/{webhook_id}/end", status_code=204, response_model=None)
async def end_webhook(webhook_id: Id, call: Annotated[Call, allow(Act.MANAGE_WEBHOOKS)]) -> Response:
    """Forget the target, its secret, and all that waits for it."""
    await call.write(webhooks.remove, webhook_id)
    return Response(status_code=204)


@router.get("/v1/webhooks/{webhook_id}/dead", response_model=LettersOut)
async def read_dead_letters(
    call: Annotated[Call, allow(Act.MANAGE_WEBHOOKS)], webhook_id: UUID, after: After = None, limit: Limit = 50
) -> Response:
    """Deliveries that were given up, in the order of the feed."""
    found = await call.read(webhooks.letters, webhook_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, _letter, lambda letter: (str(letter.position),)))


@router.post("/v1/webhooks/{webhook_id}/dead/{position}/resend", status_code=204, response_model=None)
async def resend_dead_letter(
    call: Annotated[Call, allow(Act.MANAGE_WEBHOOKS)],
    webhook_id: UUID,
    position: Annotated[int, Ge(1), Le(10**15), Digits, Path()],
) -> Response:
    """Try one of them again, at once. Later events of its session may have been delivered before it."""
    await call.write(webhooks.resend, webhook_id, position, call.wall)
    return Response(status_code=204)
