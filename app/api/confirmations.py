"""Signatures over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field
from uuid_utils.compat import uuid7

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.session_models import ConfirmationOut
from app.api.session_view import confirmation_view
from app.api.signing import SignatureIn, prove
from app.api.strict import Choice, Id, Instant, Text
from app.domain.instants import to_text_or_none
from app.domain.people import Act
from app.domain.records import Decision
from app.domain.signatures import SignedKind, ToSign
from app.domain.texts import LINE, NOTE
from app.services import confirmations

router = make_router()


class ConfirmationIn(SignatureIn):
    """A decision over the digest of exactly what was on screen. `own_assessment`: the clinician's own words.

    `had_left_at`: signed afterwards, of a patient who had left then, as the readiness on screen said; needed exactly
    where it says so. `examined_by`: who had examined the patient before they left; needed then, but for a decline.
    """

    id: Id | None = None
    decision: Choice[Decision]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    own_assessment: Annotated[str, Text(NOTE, lines=True)]
    reason: Annotated[str, Text(NOTE, lines=True)] | None = None
    had_left_at: Instant | None = None
    examined_by: Annotated[str, Text(LINE)] | None = None


def _to_sign(session_id: UUID, body: ConfirmationIn) -> ToSign:
    says = {
        "decision": body.decision.value,
        "digest": body.digest,
        "own_assessment": body.own_assessment,
        "reason": body.reason,
        "had_left_at": to_text_or_none(body.had_left_at),
        "examined_by": body.examined_by,
    }
    return ToSign(SignedKind.CONFIRMATION, str(session_id), says)


@router.post(
    "/v1/sessions/{session_id}/confirmations",
    response_model=None,
    responses={200: {"model": ConfirmationOut}, 201: {"model": ConfirmationOut}, **refusals(409, 429)},
)
async def sign(session_id: Id, body: ConfirmationIn, call: Annotated[Call, allow(Act.SIGN)]) -> Response:
    """Confirm, decline or override. Refused where any outcome has changed since the digest was shown."""
    proof = await prove(call, body, _to_sign(session_id, body))
    kept, new = await call.write(
        confirmations.sign,
        session_id,
        body.id or uuid7(),
        body.decision,
        body.digest,
        body.own_assessment,
        body.reason,
        body.had_left_at,
        body.examined_by,
        proof=proof,
    )
    return answer(confirmation_view(kept, outdated=False), status=201 if new else 200)
