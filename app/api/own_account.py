"""One's own account: the invitation that opens it, its password, and where one is signed in."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Request, Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.frame import Shared
from app.api.identify import tablet_of
from app.api.routes import public
from app.api.routes import router as make_router
from app.api.sign_in import ClinicOut, Password, SignedInStaffOut, clinic_document, person_document
from app.api.strict import Body, Id, Instant, Text
from app.clock import moment
from app.db.work import EVERY_CLINIC, service_actor
from app.domain.people import Act
from app.services import identities, invitations, own_account, providers
from app.services.password_choice import check_password
from app.services.sign_in import new_token

router = make_router()

Token = Annotated[str, Text(128)]


class InvitationIn(Body):
    """The token goes into the body: an address is kept in too many places."""

    token: Token


class InvitedOut(Out):
    """`provider`: what the clinic calls the one that can be signed in with instead of choosing a password."""

    staff: SignedInStaffOut
    expires_at: Instant
    provider: str | None


class AcceptIn(Body):
    token: Token
    password: Password


class OwnAccountOut(Out):
    """`provider`: what the clinic calls the one that people can sign in with; `linked`: whether this account can."""

    staff: SignedInStaffOut
    clinic: ClinicOut
    password_must_change: bool
    has_password: bool
    provider: str | None
    linked: bool


class OwnPasswordIn(Body):
    password: Password = Field(description="The one the account has now")


class TicketOut(Out):
    """What `POST /v1/sign-in/provider/begin` is told, once, to link what is found there to this account."""

    ticket: str
    expires_at: Instant


class ChangePasswordIn(Body):
    password: Password = Field(description="The one it has now")
    new_password: Password


class OpenSignInOut(Out):
    """A sign-in by password, with those by PIN that belong to it."""

    id: Id
    begun_at: Instant
    last_used_at: Instant | None = Field(description="null: locked, and a PIN opens it again")
    ends_at: Instant
    tablet_id: Id | None
    tablet_name: str | None
    pin: bool
    here: bool


class OpenSignInsOut(Out):
    items: list[OpenSignInOut]


@router.post("/v1/invitations/open", response_model=InvitedOut, responses=refusals(404), openapi_extra=public())
async def open_invitation(body: InvitationIn, shared: Shared) -> Response:
    """Whom an invitation is for. Looking uses nothing up."""
    clock = shared.clock
    found = await shared.database.read(invitations.find, EVERY_CLINIC, clock.now(), body.token, clock.wall())
    home = found.clinic.id
    offered = await shared.database.read(providers.offered, service_actor(home), clock.now(), home)
    return answer(
        {
            "staff": person_document(found.staff_id, found.staff, found.clinic),
            "expires_at": found.until,
            "provider": offered.name if offered else None,
        }
    )


@router.post("/v1/invitations/accept", status_code=204, responses=refusals(404), openapi_extra=public())
async def accept_invitation(body: AcceptIn, request: Request, shared: Shared) -> Response:
    """Choose the password of the account that one was invited to. Then sign in with it."""
    database, clock = shared.database, shared.clock
    found = await database.read(invitations.find, EVERY_CLINIC, clock.now(), body.token, clock.wall())
    check_password(body.password, found.staff, found.clinic)
    hashed = await shared.passwords.hash(body.password)
    actor = invitations.invited(found, tablet_of(request))
    await database.write(invitations.accept, actor, moment(clock), body.token, hashed, clock.wall())
    return Response(status_code=204)


@router.get("/v1/account", response_model=OwnAccountOut)
async def get_account(call: Annotated[Call, allow(Act.OWN_PASSWORD)]) -> Response:
    """Who one is here."""
    own, clinic = await call.read(own_account.find)
    offered = await call.read(providers.offered, clinic.id)
    return answer(
        {
            "staff": person_document(own.staff_id, own.staff, clinic),
            "clinic": clinic_document(clinic),
            "password_must_change": own.must_change,
            "has_password": own.password_hash is not None,
            "provider": offered.name if offered else None,
            "linked": await call.read(identities.identity_of, own.staff_id) is not None,
        }
    )


@router.post("/v1/account/identity/begin", response_model=TicketOut, responses=refusals(404, 429))
async def begin_linking(body: OwnPasswordIn, call: Annotated[Call, allow(Act.OWN_SIGN_IN)]) -> Response:
    """Begin to link one's identity at the clinic's provider to this account, which takes the password."""
    await call.reauthenticate(body.password)
    ticket = new_token()
    until = await call.write(identities.give_ticket, ticket, call.wall)
    return answer({"ticket": ticket, "expires_at": until})


@router.post("/v1/account/identity/unlink", status_code=204, responses=refusals(429))
async def unlink_identity(body: OwnPasswordIn, call: Annotated[Call, allow(Act.OWN_SIGN_IN)]) -> Response:
    """Nobody signs in to this account by the provider any more. All sign-ins but this one are over at once."""
    await call.reauthenticate(body.password)
    await call.write(own_account.unlink_identity, call.wall)
    return Response(status_code=204)


@router.post("/v1/account/password", status_code=204, responses=refusals(429))
async def change_password(body: ChangePasswordIn, call: Annotated[Call, allow(Act.OWN_PASSWORD)]) -> Response:
    """Change one's own password. All sign-ins but this one, their author tickets and every PIN are over at once."""
    await call.reauthenticate(body.password)
    own, clinic = await call.read(own_account.find)
    check_password(body.new_password, own.staff, clinic, field="new_password", old=body.password)
    hashed = await call.shared.passwords.hash(body.new_password)
    await call.write(own_account.change_password, hashed, call.wall)
    return Response(status_code=204)


@router.get("/v1/account/sign-ins", response_model=OpenSignInsOut)
async def list_sign_ins(call: Annotated[Call, allow(Act.OWN_SIGN_IN)]) -> Response:
    """Where one is signed in, or can be again with a PIN; newest first."""
    found = await call.read(own_account.open_shifts, call.wall, call.shared.policy)
    return answer({"items": [asdict(one) for one in found]})


@router.post("/v1/account/sign-ins/{sign_in_id}/end", status_code=204)
async def end_sign_in(sign_in_id: Id, call: Annotated[Call, allow(Act.OWN_SIGN_IN)]) -> Response:
    """End one of one's own: its token is worth nothing from now on, and the PIN set in it is forgotten."""
    await call.write(own_account.end_shift, sign_in_id, call.wall, call.shared.policy)
    return Response(status_code=204)
