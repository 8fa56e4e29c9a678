"""Signing in with the clinic's provider (OpenID Connect, code flow with PKCE), and a lead's settling of it.

A browser sets out (`begin`), says at the provider who it is, comes back to this service's own address with a code, and
hands that in (`finish`). No token of ours or of the provider's ever stands in an address.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field
from uuid_utils.compat import uuid7

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.frame import Frame, Shared
from app.api.identify import refused_stranger, source, tablet_of
from app.api.kept import SignerOut, kept_document
from app.api.routes import public
from app.api.routes import router as make_router
from app.api.sign_in import SignInOut, welcome
from app.api.strict import Body, Id, IfMatch, Instant, Text
from app.clock import moment
from app.db.identities import Begun
from app.db.providers import FoundProvider, provider_document, secret_of
from app.db.sealing import DoesNotOpen
from app.db.work import EVERY_CLINIC, NO_CLINIC, service_actor
from app.domain.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from app.domain.people import Act, Actor
from app.domain.providers import Identity, Provider
from app.domain.records import Kept
from app.exchange import openid
from app.exchange.jose import Keys, Unproven
from app.exchange.openid import Journey, Metadata
from app.services import identities, providers
from app.services.identities import (
    AddressNotSaid,
    NoSuchProvider,
    NotBegunHere,
    NotProvenByProvider,
    ProviderNotReached,
    UnknownIdentity,
)
from app.services.sign_in import new_token

router = make_router()
LOGOUT = "/v1/sign-in/provider/{clinic_id}/logout"
"""Where a clinic's provider says who has signed out there (`provider_logout`)."""

Token = Annotated[str, Text(128)]
Secret = Annotated[str, Text(providers.LONGEST)]


class OfferedProviderOut(Out):
    """Both null: nothing is offered."""

    clinic: Id | None
    name: str | None


class SetOutIn(Body):
    """One of the three. `ticket`: from "My account". `invitation`: its token, used when the browser comes back."""

    clinic: Id | None = None
    ticket: Token | None = None
    invitation: Token | None = None


class SetOutOut(Out):
    """`address`: where the browser goes now. `browser`: what it keeps to itself until it is back, and hands in then."""

    address: str
    browser: str
    expires_at: Instant


class ComeBackIn(Body):
    """What the provider put into the address, and what this browser had kept. `code`, or `error` without one."""

    browser: Token
    state: Token
    code: Annotated[str, Text(4096)] | None = None
    iss: Annotated[str, Text(500)] | None = None
    error: Annotated[str, Text(200)] | None = None


class ProviderIn(Body):
    """`client_secret` null: it stays, which it may at the same issuer and client id alone."""

    name: Annotated[str, Text()]
    issuer: Annotated[str, Text(500)]
    client_id: Annotated[str, Text(providers.LONGEST)]
    client_secret: Secret | None = None
    in_use: bool = Field(default=True, description="False: nobody signs in with it")


class ProviderOut(Out):
    """`revision` 0, and nothing besides `redirect_uri`: none was settled. The secret is never told.

    `redirect_uri`, `logout_uri`: what is registered with the provider, the second for back-channel logout; null where
    nobody has said this service's address.
    """

    name: str | None
    issuer: str | None
    client_id: str | None
    private: bool
    in_use: bool
    redirect_uri: str | None
    logout_uri: str | None
    revision: int
    recorded_at: Instant | None
    recorded_by: SignerOut | None
    tablet_id: str | None
    reason: str | None


def _addresses(shared: Frame, clinic_id: UUID) -> dict[str, object]:
    url = shared.public_url
    logout = None if url is None else f"{url}{LOGOUT.format(clinic_id=clinic_id)}"
    return {"redirect_uri": _back_to(shared), "logout_uri": logout}


def _back_to(shared: Frame) -> str | None:
    # the page itself: in an installed app no other address of ours reaches the service
    return None if shared.public_url is None else f"{shared.public_url}/"


# --- what a lead settles ---------------------------------------------------------------------------------------------

_UNSETTLED = {
    **dict.fromkeys(("name", "issuer", "client_id", "recorded_at", "recorded_by", "tablet_id", "reason")),
    "private": False,
    "in_use": False,
    "revision": 0,
}


def _document(kept: Kept[Provider], call: Call) -> dict[str, object]:
    addresses = _addresses(call.shared, call.actor.clinic_id)
    return {**kept_document(kept, provider_document(kept.value)), **addresses}


@router.get("/v1/clinic/provider", response_model=ProviderOut)
async def get_provider(call: Annotated[Call, allow(Act.MANAGE_STAFF)]) -> Response:
    """The provider that vouches for the clinic's people, as it is settled."""
    kept = await call.read(providers.settled)
    if kept is None:
        return answer(_UNSETTLED | _addresses(call.shared, call.actor.clinic_id))
    return answer(_document(kept, call), revision=kept.revision)


@router.put(
    "/v1/clinic/provider",
    response_model=None,
    responses={200: {"model": ProviderOut}, 201: {"model": ProviderOut}, **refusals(412, 428)},
)
async def put_provider(body: ProviderIn, call: Annotated[Call, allow(Act.MANAGE_STAFF)], if_match: IfMatch) -> Response:
    """Settle it. One on the clinic's own network is the operator's to allow: `infusion-vitals clinic oidc`."""
    change, kept = await call.write(
        providers.put_by_lead, body.name, body.issuer, body.client_id, body.client_secret, if_match, in_use=body.in_use
    )
    return answer(_document(kept, call), status=201 if change.created else 200, revision=kept.revision)


# --- there and back --------------------------------------------------------------------------------------------------


@router.get("/v1/sign-in/provider", response_model=OfferedProviderOut, openapi_extra=public())
async def what_is_offered(shared: Shared, clinic: Annotated[Id | None, Query()] = None) -> Response:
    """What a sign-in screen offers beside the password: of this clinic, or of the only one there is."""
    found = await shared.database.read(providers.offered, EVERY_CLINIC, shared.clock.now(), clinic)
    return answer({"clinic": found.clinic_id if found else None, "name": found.name if found else None})


@router.post(
    "/v1/sign-in/provider/begin",
    response_model=SetOutOut,
    responses=refusals(404, 409, 429),
    openapi_extra=public(),
)
async def set_out(body: SetOutIn, request: Request, shared: Shared) -> Response:
    """Begin to sign in with the clinic's provider, or to link an identity there to one's account."""
    back_to, wall = _back_to(shared), shared.clock.wall()
    purpose = await _purpose(body, shared)
    clinic_id = purpose.clinic_id if purpose else body.clinic
    assert clinic_id is not None, "one of the three is given"
    found = await shared.database.read(providers.in_use, service_actor(clinic_id), shared.clock.now(), clinic_id)
    if found is None:
        raise NoSuchProvider
    if back_to is None:
        raise AddressNotSaid
    try:
        metadata = await metadata_of(shared, found)
    except Unproven as problem:
        raise await _refused(shared, _nobody(request, found), ProviderNotReached(), problem.because) from None
    nobody = _nobody(request, found)
    address = source(request, None).address
    place = await shared.database.read(identities.admit, nobody, shared.clock.now(), address, wall)
    journey = Journey(new_token(), new_token(), back_to)
    until = await shared.database.write(
        identities.set_out,
        nobody,
        moment(shared.clock),
        journey.state,
        journey.browser,
        place,
        found.revision,
        wall,
        purpose,
    )
    there = openid.address_to(metadata, found.provider, journey)
    return answer({"address": there, "browser": journey.browser, "expires_at": until})


async def _purpose(body: SetOutIn, shared: Frame) -> Begun | None:
    clock = shared.clock
    if [body.clinic, body.ticket, body.invitation].count(None) != 2:
        raise Invalid(errors=[FieldError("clinic", "give one of clinic, ticket and invitation")])
    if body.ticket is not None:
        return await shared.database.read(identities.by_ticket, EVERY_CLINIC, clock.now(), body.ticket, clock.wall())
    if body.invitation is not None:
        return await shared.database.read(
            identities.by_invitation, EVERY_CLINIC, clock.now(), body.invitation, clock.wall()
        )
    return None


@router.post(
    "/v1/sign-in/provider/finish",
    response_model=SignInOut,
    responses=refusals(403, 404, 409),
    openapi_extra=public(),
)
async def come_back(body: ComeBackIn, request: Request, shared: Shared) -> Response:
    """Sign in with what the provider sent the browser back with, once. Whatever comes of it, it is used up."""
    wall, asked = shared.clock.wall(), moment(shared.clock)
    begun = await shared.database.read(identities.under_way, EVERY_CLINIC, asked.at, body.state)
    if begun is not None:
        begun = await shared.database.write(identities.come_back, service_actor(begun.clinic_id), asked, body.state)
    if begun is None:
        raise await _refused(shared, NO_CLINIC, NotBegunHere(), "not-begun")
    nobody = identities.nobody_yet(begun.clinic_id, tablet_of(request))
    if not identities.is_back(begun, body.browser, wall):
        raise await _refused(shared, nobody, NotBegunHere(), "not-begun-here")
    found = await shared.database.read(providers.in_use, service_actor(begun.clinic_id), asked.at, begun.clinic_id)
    if found is None:
        raise NoSuchProvider
    try:
        identity = await _proved(body, shared, begun, found)
    except Unproven as problem:
        raise await _refused(shared, nobody, NotProvenByProvider(), problem.because) from None
    who = await shared.database.read(identities.whose, nobody, asked.at, begun, identity, nobody.tablet_id)
    if who is None:
        raise await _refused(shared, nobody, UnknownIdentity(), "unknown-identity")
    secrets = new_token(), new_token()
    try:
        signed_in = await shared.database.write(
            identities.begin_sign_in, who.actor, moment(shared.clock), who, uuid7(), *secrets, wall, shared.policy
        )
    except (Forbidden, NotFound, Conflict) as refusal:
        raise await _refused(shared, who.actor, refusal, refusal.code) from None
    return welcome(signed_in)


async def metadata_of(shared: Frame, found: FoundProvider) -> Metadata:
    """What a clinic's provider says of itself, as it was fetched lately. Raises `Unproven`."""
    issuer = found.provider.issuer
    return await shared.key_sets.fetched(
        ("provider", found.clinic_id, found.revision),
        openid.metadata_url(issuer),
        shared.clock.wall(),
        lambda raw: openid.read_metadata(raw, issuer),
        private=found.provider.private,
        what="metadata",
    )


async def _proved(body: ComeBackIn, shared: Frame, begun: Begun, found: FoundProvider) -> Identity:
    """Who came back. Raises `Unproven`."""
    back_to = _back_to(shared)
    if found.revision != begun.provider_revision or back_to is None:
        raise Unproven("provider-changed")
    metadata = await metadata_of(shared, found)
    # whoever else sent the browser back says so here, or nobody does: then this code goes nowhere
    if body.iss != metadata.issuer and (body.iss is not None or metadata.names_itself):
        raise Unproven("answered-by-another")
    if body.code is None or body.error is not None:
        raise Unproven("refused-there")
    journey = Journey(body.state, body.browser, back_to)
    try:
        secret = await shared.database.read(secret_of, service_actor(found.clinic_id), shared.clock.now(), found)
    except DoesNotOpen:
        raise Unproven("our-secret-cannot-be-opened") from None
    signed = openid.read_id_token(await openid.redeem(metadata, found.provider, secret, body.code, journey))
    keys = await keys_of(shared, found, metadata, signed.kid)
    return openid.check_id_token(signed, keys, found.provider, journey.nonce, shared.clock.wall())


async def keys_of(shared: Frame, found: FoundProvider, metadata: Metadata, kid: str) -> Keys:
    """What a clinic's provider signs with, fetched again where `kid` is not among it. Raises `Unproven`."""
    return await shared.key_sets.fetched(
        ("provider-keys", found.clinic_id, found.revision),
        metadata.keys_url,
        shared.clock.wall(),
        openid.read_provider_keys,
        private=found.provider.private,
        holds=lambda held: kid in held,
    )


def _nobody(request: Request, found: FoundProvider) -> Actor:
    return identities.nobody_yet(found.clinic_id, tablet_of(request))


async def _refused(shared: Frame, actor: Actor, refusal: Exception, because: str) -> Exception:
    """The refusal, on record in the clinic it was asked of: one by one, or of very many in a minute as a number."""
    asked = moment(shared.clock)
    await refused_stranger(shared, "identity.refused", actor, asked, identities.record_refusal, because)
    return refusal
