"""How machines sign in: SMART Backend Services. Errors are OAuth's own, and say as little as those allow.

An assertion that proves itself is always served, whatever failed before from the same place: a key cannot be guessed,
so nothing is gained by making a place wait, and a stranger could lock a machine out. What is counted are failures, so
that nobody can fill the audit with them.
"""

import json
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import Request, Response
from uuid_utils.compat import uuid7

from app.api.answers import answer
from app.api.contract import Out
from app.api.errors import refusals
from app.api.frame import Frame, Shared
from app.api.identify import refused_stranger, source
from app.api.routes import public
from app.api.routes import router as make_router
from app.clock import moment
from app.db.clients import FoundClient
from app.db.refusals import AlreadyKept
from app.db.work import EVERY_CLINIC, NO_CLINIC, service_actor
from app.domain.errors import NotFound
from app.domain.scopes import OFFERED, grant, spell
from app.exchange.jose import ALGORITHMS, Assertion, Unproven, check_claims, check_signature, read_assertion
from app.exchange.media_types import media_type
from app.services import lockout, machines
from app.services.lockout import TooManyAttempts
from app.services.machines import Given, TokenRefused
from app.services.sign_in import new_token

router = make_router()

_SAYS = {
    "invalid_client": "The client could not be proved to be one that is registered here.",
    "invalid_request": "The request is not one for a token: see the documentation for its fields.",
    "invalid_scope": "None of these scopes can be granted to this client.",
    "unsupported_grant_type": "Only client_credentials is served here.",
}
FIELDS = 20
"""The most fields a request for a token may have; those we do not know are left aside."""


class TokenOut(Out):
    access_token: str
    token_type: str
    expires_in: int
    scope: str


class SmartOut(Out):
    token_endpoint: str
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    grant_types_supported: list[str]
    scopes_supported: list[str]
    code_challenge_methods_supported: list[str]
    capabilities: list[str]


class NoPublicAddress(NotFound):
    """Machines cannot sign in here: the operator has not set PUBLIC_URL."""

    code = "no-public-url"


class TooManyProofs(TooManyAttempts):
    """Too many failed sign-ins of machines from here. Wait, then try again; a right one is always served."""


_ERROR: dict[str, Any] = {
    "application/json": {
        "schema": {
            "type": "object",
            "additionalProperties": False,
            "required": ["error", "error_description"],
            "properties": {
                "error": {"type": "string", "enum": sorted(_SAYS)},
                "error_description": {"type": "string"},
            },
        }
    }
}
_FORM = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["grant_type", "scope", "client_assertion_type", "client_assertion"],
                "properties": {
                    "grant_type": {"type": "string", "enum": [machines.GRANT]},
                    "scope": {"type": "string"},
                    "client_assertion_type": {"type": "string", "enum": [machines.PROOF]},
                    "client_assertion": {"type": "string"},
                    "clinic": {"type": "string", "format": "uuid"},
                },
            }
        }
    },
}


def token_url(shared: Frame) -> str:
    """The one address an assertion may be meant for. Never taken from a request: its Host is anybody's word."""
    if shared.public_url is None:
        raise NoPublicAddress
    return f"{shared.public_url}/oauth/token"


@router.post(
    "/oauth/token",
    response_model=TokenOut,
    responses={
        400: {"description": "The request or its scopes cannot be served", "content": _ERROR},
        401: {"description": "The client is not proved to be one of ours", "content": _ERROR},
        **refusals(404, 413, 429),
    },
    openapi_extra={**public(), "requestBody": _FORM},
)
async def give_token(request: Request, shared: Shared) -> Response:
    """Sign in as a machine (SMART Backend Services): a signed assertion for a token of five minutes, for one clinic.

    A client of all clinics names one in `clinic`. What is granted, `scope` in the answer says.
    """
    audience = token_url(shared)
    proving = _Proving(request, shared)
    try:
        given = await proving.run(audience, await _fields(request))
    except TokenRefused as refusal:
        await proving.record(refusal)
        return _refused(refusal)
    return answer(
        {
            "access_token": given.token,
            "token_type": "bearer",
            "expires_in": int(machines.TOKEN_LASTS.total_seconds()),
            "scope": spell(given.scopes),
        },
    )


def _refused(refusal: TokenRefused) -> Response:
    status = 401 if refusal.error == "invalid_client" else 400
    return Response(
        json.dumps({"error": refusal.error, "error_description": _SAYS[refusal.error]}).encode(),
        status_code=status,
        headers={"WWW-Authenticate": "Bearer"} if status == 401 else None,
        media_type="application/json",
    )


async def _fields(request: Request) -> dict[str, str]:
    """A form's fields, each there once, as text. Raises `TokenRefused`."""
    said = media_type(request.headers.get("content-type", ""))
    if said.name != "application/x-www-form-urlencoded" or not (said.parameters.keys() <= {"charset"} and said.is_utf8):
        raise TokenRefused("invalid_request")
    body = await request.body()
    if len(body) > machines.LONGEST_FORM:
        raise TokenRefused("invalid_request")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=FIELDS
        )
    except ValueError:
        raise TokenRefused("invalid_request") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise TokenRefused("invalid_request")
    return found


class _Proving:
    """One request for a token; who it turns out to be from is known bit by bit."""

    def __init__(self, request: Request, shared: Frame) -> None:
        self.shared = shared
        self.asked, self.wall = moment(shared.clock), shared.clock.wall()
        self.place = source(request, None)
        self.found: FoundClient | None = None
        self.proved = False
        self.clinic: UUID | None = None
        """Known once the client has proved itself, and may have a token for it."""

    async def run(self, audience: str, fields: dict[str, str]) -> Given:
        """The token. Raises `TokenRefused`."""
        asked = machines.read_request(fields)
        try:
            assertion = read_assertion(asked.assertion)
            found = await self._prove(assertion, audience, fields.get("client_id"))
        except Unproven as problem:
            raise TokenRefused("invalid_client", problem.because) from None
        database = self.shared.database
        try:
            await database.write(machines.use, service_actor(found.home), self.asked, found, assertion)
        except AlreadyKept:
            raise TokenRefused("invalid_client", "replayed") from None
        self.proved = True
        clinic = await database.read(machines.clinic_for, NO_CLINIC, self.asked.at, found, asked.clinic)
        if clinic is None:
            raise TokenRefused("invalid_request", "clinic")
        self.clinic = clinic
        scopes = grant(asked.scopes, found.client.scopes)
        if not scopes:
            raise TokenRefused("invalid_scope", "scope")
        actor = machines.actor_of(found, clinic, scopes)
        return await database.write(machines.give, actor, self.asked, found, scopes, uuid7(), new_token(), self.wall)

    async def _prove(self, assertion: Assertion, audience: str, said: str | None) -> FoundClient:
        """The client that signed it. Raises `Unproven`."""
        # SMART has no client_id here; where one is `said` all the same, it is the same one
        if said not in (None, assertion.client):
            raise Unproven("client-id")
        client_id = machines.client_id_of(assertion)
        found = None
        if client_id is not None:
            found = await self.shared.database.read(machines.find, EVERY_CLINIC, self.asked.at, client_id)
        if found is None:
            raise Unproven("unknown-client")
        self.found = found
        if not found.client.active:
            raise Unproven("disabled")
        check_claims(assertion, audience, self.wall)
        if assertion.key_url is not None and assertion.key_url != found.client.keys_url:
            raise Unproven("jku")
        keys = await self.shared.key_sets.keys_for(found, assertion.kid, self.wall)
        check_signature(assertion, keys)
        return found

    async def record(self, refusal: TokenRefused) -> None:
        """Into the audit. Raises `TooManyProofs` after a few of one client or of nobody, unproved, from one place."""
        if refusal.because is None:
            return
        if not self.proved:
            await self._count()
        found, clinic = self.found, self.clinic
        actor = machines.actor_of(found, clinic) if found and clinic else machines.failure_actor(found)
        client_id = found.id if found else None
        verb, action = machines.record_failure, "client.refused"
        await refused_stranger(self.shared, action, actor, self.asked, verb, client_id, refusal.because)

    async def _count(self) -> None:
        database = self.shared.database
        # all that are nobody count as one: a made-up id for each try wins nothing
        one = f"machine {self.found.id if self.found else ''}"
        try:
            attempt = await database.read(lockout.admit, NO_CLINIC, self.asked.at, one, self.place, self.wall)
        except TooManyAttempts as wait:
            raise TooManyProofs(wait.retry_after) from None
        await database.write(lockout.failed, NO_CLINIC, self.asked, attempt, self.wall)


_CONFIGURATION: dict[str, Any] = {"response_model": SmartOut, "responses": refusals(404), "openapi_extra": public()}


@router.get("/.well-known/smart-configuration", **_CONFIGURATION)
async def read_configuration(shared: Shared) -> Response:
    """What a SMART client must know to sign in."""
    return _configuration(shared)


@router.get("/fhir/.well-known/smart-configuration", **_CONFIGURATION)
async def read_fhir_configuration(shared: Shared) -> Response:
    """The same, where SMART looks for it."""
    return _configuration(shared)


def _configuration(shared: Frame) -> Response:
    return answer(
        {
            "token_endpoint": token_url(shared),
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
            "grant_types_supported": [machines.GRANT],
            "scopes_supported": ["system/*.rs", *(f"system/{name}.rs" for name in sorted(OFFERED))],
            # SMART asks for it of every server, though there is no page here at which a person signs in to an app
            "code_challenge_methods_supported": ["S256"],
            "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
        }
    )
