"""Signing in and out, and the very first run."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field
from uuid_utils.compat import uuid7

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.frame import Frame, Shared
from app.api.identify import prove, refused_stranger, source, tablet_of
from app.api.routes import public
from app.api.routes import router as make_router
from app.api.strict import Body, Choice, Id, Instant, Text
from app.clock import Clock, moment
from app.db.credentials import Credentials
from app.db.work import EVERY_CLINIC, NO_CLINIC
from app.domain.people import Act, Actor, Clinic, Role, Staff
from app.domain.signatures import Signing
from app.services import first_run, sign_in
from app.services.clinics import check_clinic, known_zones
from app.services.password_choice import LONGEST as LONGEST_PASSWORD
from app.services.password_choice import check_password
from app.services.sign_in import SignedIn, WrongCredentials
from app.services.usernames import LONGEST as LONGEST_USERNAME
from app.services.usernames import check_username

router = make_router()

Password = Annotated[str, Text(LONGEST_PASSWORD * 4, lines=True, blank=True)]
"""Any text; what is a good one is said where one is chosen."""


class SignInIn(Body):
    username: Annotated[str, Text(LONGEST_USERNAME * 4)]
    password: Password


class SignedInStaffOut(Out):
    id: Id
    username: str
    name: str
    role: Role
    clinic: str


class ClinicOut(Out):
    id: Id
    name: str
    timezone: str


class SignInOut(Out):
    access_token: str
    expires_at: Instant
    author_ticket: str
    password_must_change: bool = Field(description="Until it is: nothing else is open to this token")
    staff: SignedInStaffOut
    clinic: ClinicOut


class LeadIn(Body):
    username: Annotated[str, Text(LONGEST_USERNAME)]
    name: Annotated[str, Text()]
    password: Password


class FirstRunIn(Body):
    """`signing`: what a signature takes in this clinic; a lead can change it."""

    token: Annotated[str, Text(128)]
    clinic: Annotated[str, Text()]
    timezone: Annotated[str, Text(64)] = "UTC"
    signing: Choice[Signing] = Signing.SECOND_FACTOR
    lead: LeadIn


class FirstRunNeededOut(Out):
    """`timezones`: what a clinic may choose from; empty where there is nothing to choose."""

    needed: bool
    timezones: list[str]


class FirstRunOut(Out):
    clinic: ClinicOut
    staff: SignedInStaffOut


def person_document(staff_id: UUID, person: Staff, clinic: Clinic) -> dict[str, object]:
    """Somebody of this clinic, as whoever is concerned sees them."""
    return {
        "id": staff_id,
        "username": person.username,
        "name": person.name,
        "role": person.role.value,
        "clinic": clinic.name,
    }


def clinic_document(clinic: Clinic) -> dict[str, object]:
    """The clinic that one is signed in to."""
    return {"id": clinic.id, "name": clinic.name, "timezone": clinic.timezone}


@router.post(
    "/v1/sign-in",
    response_model=SignInOut,
    responses=refusals(401, 429),
    openapi_extra=public(),
)
async def begin(body: SignInIn, request: Request, shared: Shared) -> Response:
    """Sign in. The token goes into `Authorization: Bearer` of everything else.

    What is typed in this sign-in may be sent by others of the clinic, for a week, with its `author_ticket` in
    `X-Author-Ticket`: the author stays its author. Charting alone.
    """
    place = source(request, tablet_of(request))
    found = await shared.database.read(sign_in.credentials_of, EVERY_CLINIC, shared.clock.now(), body.username)
    actor = _actor(found, place.tablet_id)
    if not await prove(shared, actor, body.username, found.password_hash if found else None, body.password, place):
        asked = moment(shared.clock)
        await refused_stranger(shared, "sign-in.failed", actor, asked, sign_in.record_failure, body.username)
        raise WrongCredentials
    return welcome(await _keep(shared, shared.clock, actor))


def welcome(signed_in: SignedIn) -> Response:
    """The answer to whoever has just signed in."""
    return answer(
        {
            "access_token": signed_in.token,
            "expires_at": signed_in.expires_at,
            "author_ticket": signed_in.ticket,
            "password_must_change": signed_in.must_change,
            "staff": person_document(signed_in.staff_id, signed_in.staff, signed_in.clinic),
            "clinic": clinic_document(signed_in.clinic),
        }
    )


def _actor(found: Credentials | None, tablet_id: UUID | None) -> Actor:
    if found is None:
        return NO_CLINIC
    return Actor(found.clinic_id, found.staff_id, found.staff.name, found.staff.role, tablet_id)


async def _keep(shared: Frame, clock: Clock, actor: Actor) -> SignedIn:
    secrets = sign_in.new_token(), sign_in.new_token()
    return await shared.database.write(
        sign_in.begin, actor, moment(clock), uuid7(), *secrets, clock.wall(), shared.policy
    )


@router.post("/v1/sign-out", status_code=204)
async def end(call: Annotated[Call, allow(Act.OWN_PASSWORD)]) -> Response:
    """Sign out: the shift is over, the token is worth nothing from now on, and the PIN set in it is forgotten."""
    await call.database.write(sign_in.end, call.actor, call.asked, call.wall)
    return Response(status_code=204)


@router.post("/v1/sign-in/lock", status_code=204)
async def lock(call: Annotated[Call, allow(Act.OWN_PASSWORD)]) -> Response:
    """Lock: this token is worth nothing from now on. The shift goes on, and a PIN set in it opens the tablet again."""
    await call.database.write(sign_in.lock, call.actor, call.asked, call.wall)
    return Response(status_code=204)


@router.get("/v1/first-run", response_model=FirstRunNeededOut, openapi_extra=public())
async def is_needed(shared: Shared) -> Response:
    """Whether this service still waits for its first clinic; nothing of whom it holds, nothing of the token."""
    needed = await shared.database.read(first_run.is_empty, NO_CLINIC, shared.clock.now())
    return answer({"needed": needed, "timezones": sorted(known_zones()) if needed else []})


@router.post(
    "/v1/first-run",
    status_code=201,
    response_model=FirstRunOut,
    responses=refusals(403, 409),
    openapi_extra=public(),
)
async def set_up(body: FirstRunIn, request: Request, shared: Shared) -> Response:
    """Create the first clinic and its lead, once, on an empty service, with the token from its console."""
    await shared.database.read(first_run.check, NO_CLINIC, shared.clock.now(), body.token)
    check_clinic(body.clinic, body.timezone)
    check_username(body.lead.username, field="lead.username")
    lead = Staff(body.lead.username, body.lead.name, Role.LEAD)
    clinic = Clinic(uuid7(), body.clinic, body.timezone)
    check_password(body.lead.password, lead, clinic, field="lead.password")
    hashed = await shared.passwords.hash(body.lead.password)
    staff_id = uuid7()
    actor = Actor(clinic.id, staff_id, lead.name, Role.LEAD, tablet_of(request))
    await shared.database.write(
        first_run.set_up, actor, moment(shared.clock), body.token, clinic, staff_id, lead, hashed, body.signing
    )
    request.app.state.first_run_token = None
    return answer(
        {
            "clinic": clinic_document(clinic),
            "staff": person_document(staff_id, lead, clinic),
        },
        status=201,
    )
