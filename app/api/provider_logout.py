"""A clinic's provider says that somebody has signed out there (OpenID Back-Channel Logout): their sign-ins end here.

Asked by the provider itself, which signs what it says; a token that proves itself is always served, once. The answer
says nothing of whether anybody was signed in.
"""

from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request, Response

from app.api.answers import answer
from app.api.contract import Out
from app.api.errors import refusals
from app.api.frame import Frame, Shared
from app.api.identify import refused_stranger
from app.api.providers import LOGOUT, keys_of, metadata_of
from app.api.routes import public
from app.api.routes import router as make_router
from app.api.strict import Id, WrongContentType
from app.clock import moment
from app.db.providers import FoundProvider
from app.db.refusals import AlreadyKept
from app.db.work import service_actor
from app.exchange.jose import Unproven
from app.exchange.media_types import media_type
from app.exchange.openid_logout import SignedOutThere, check_logout_token, read_logout_token
from app.services import identities, providers, signed_in
from app.services.identities import LogoutNotProven

router = make_router()
FORM = "application/x-www-form-urlencoded"
_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "required": ["logout_token"],
                "properties": {"logout_token": {"type": "string"}},
            }
        }
    },
}
_FIELDS = 20
"""The most fields of the form; those that we do not know are left aside."""


class SendLogoutAsForm(WrongContentType):
    """Send the logout token as application/x-www-form-urlencoded."""


class SignedOutOut(Out):
    """`signed_out`: always true; whether anybody was signed in is not told."""

    signed_out: bool


@router.post(
    LOGOUT,
    response_model=SignedOutOut,
    responses=refusals(400, 413, 415),
    openapi_extra={**public(), "requestBody": _BODY},
)
async def sign_out_there(clinic_id: Id, request: Request, shared: Shared) -> Response:
    """For the clinic's provider: whoever has signed out there, by its logout token, is signed out here everywhere."""
    if media_type(request.headers.get("content-type", "")).name != FORM:
        raise SendLogoutAsForm
    body, asked = await request.body(), moment(shared.clock)
    actor = service_actor(clinic_id)
    found = await shared.database.read(providers.in_use, actor, asked.at, clinic_id)
    if found is None:
        raise LogoutNotProven
    try:
        there = await _proved(shared, found, _token_in(body))
        await shared.database.write(signed_in.end_all_there, actor, asked, there, shared.clock.wall(), shared.policy)
    except Unproven as problem:
        because = problem.because
    except AlreadyKept:
        because = "replayed"
    else:
        return answer({"signed_out": True})
    nobody, said = identities.nobody_yet(clinic_id, None), f"logout: {because}"
    await refused_stranger(shared, "identity.refused", nobody, asked, identities.record_refusal, said)
    raise LogoutNotProven


def _token_in(body: bytes) -> str:
    """The token of the form, there once. Raises `Unproven`."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=_FIELDS)
    except ValueError:
        raise Unproven("form") from None
    tokens = [value for name, value in pairs if name == "logout_token"]
    if len(tokens) != 1:
        raise Unproven("form")
    return tokens[0]


async def _proved(shared: Frame, found: FoundProvider, token: str) -> SignedOutThere:
    """Who has signed out there. Raises `Unproven`."""
    signed = read_logout_token(token)
    keys = await keys_of(shared, found, await metadata_of(shared, found), signed.kid)
    return check_logout_token(signed, keys, found.provider, shared.clock.wall())
