"""Webhooks as a lead sees them: how deliveries stand, what was given up, and sending that again."""

from typing import Annotated, Any
from uuid import UUID

from annotated_types import Ge, Le
from fastapi import Path, Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import MOST, After, Limit, a_page, read_cursor, read_number
from app.api.routes import router as make_router
from app.api.strict import Digits, Id, Instant
from app.domain.people import Act
from app.domain.webhooks import Letter, WebhookState
from app.services import webhooks

router = make_router()


class WebhookOut(Out):
    """`position`: how far in the feed it has been looked at. `waiting`: deliveries that have yet to be made.

    `dead`: deliveries that were given up. `paused`: why nothing is sent. The secret is shown to nobody.
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
    }


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
    """Webhooks of the clinic, the oldest first. An operator registers them on the command line."""
    found = await call.read(webhooks.states, read_cursor(after, UUID), limit + 1)
    return answer(a_page(found, limit, _state, lambda state: (str(state.webhook.id),)))


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
