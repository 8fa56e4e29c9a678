"""Signing in and out, and the very first run."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from uuid_utils.compat import uuid7

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.frame import Frame, Shared
from app.api.identify import prove, source, tablet_of
from app.api.routes import public
from app.api.routes import router as make_router
from app.api.strict import Body, Id, Instant, Text
from app.clock import Clock, moment
from app.db.staff import Credentials
from app.db.work import NOBODY
from app.domain.people import Act, Actor, Clinic, Role, Staff
from app.services import first_run, sign_in
from app.services.clinics import check_clinic, known_zones
from app.services.first_run import AlreadySetUp
from app.services.passwords import LONGEST as LONGEST_PASSWORD
from app.services.passwords import check_password
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
    staff: SignedInStaffOut
    clinic: ClinicOut


class LeadIn(Body):
    username: Annotated[str, Text(LONGEST_USERNAME)]
    name: Annotated[str, Text()]
    password: Password


class FirstRunIn(Body):
    token: Annotated[str, Text(128)]
    clinic: Annotated[str, Text()]
    timezone: Annotated[str, Text(64)] = "UTC"
    lead: LeadIn


class FirstRunNeededOut(Out):
    """`timezones`: what a clinic may choose from; empty where there is nothing to choose."""

    needed: bool
    timezones: list[str]


class FirstRunOut(Out):
    clinic: ClinicOut
    staff: SignedInStaffOut


def _person(staff_id: UUID, person: Staff, clinic: Clinic) -> dict[str, object]:
    return {
        "id": staff_id,
        "username": person.username,
        "name": person.name,
        "role": person.role.value,
        "clinic": clinic.name,
    }


def _clinic(clinic: Clinic) -> dict[str, object]:
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
    found = await shared.database.read(sign_in.credentials_of, NOBODY, shared.clock.now(), body.username)
    actor = _actor(found, place[1])
    if not await prove(shared, body.username, found.password_hash if found else None, body.password, place):
        await shared.database.write(sign_in.record_failure, actor, moment(shared.clock), body.username)
        raise WrongCredentials
    return welcome(await _keep(shared, shared.clock, actor))


def welcome(signed_in: SignedIn) -> Response:
    """The answer to whoever has just signed in."""
    return answer(
        {
            "access_token": signed_in.token,
            "expires_at": signed_in.expires_at,
            "author_ticket": signed_in.ticket,
            "staff": _person(signed_in.staff_id, signed_in.staff, signed_in.clinic),
            "clinic": _clinic(signed_in.clinic),
        }
    )


def _actor(found: Credentials | None, tablet_id: UUID | None) -> Actor:
    if found is None:
        return NOBODY
    return Actor(found.clinic_id, found.staff_id, found.staff.name, found.staff.role, tablet_id)


async def _keep(shared: Frame, clock: Clock, actor: Actor) -> SignedIn:
    secrets = sign_in.new_token(), sign_in.new_token()
    return await shared.database.write(
        sign_in.begin, actor, moment(clock), uuid7(), *secrets, clock.wall(), shared.policy
    )


@router.post("/v1/sign-out", status_code=204)
async def end(call: Annotated[Call, allow(Act.OWN_SIGN_IN)]) -> Response:
    """Sign out: the shift is over, the token is worth nothing from now on, and the PIN set in it is forgotten."""
    await call.database.write(sign_in.end, call.actor, call.asked, call.wall)
    return Response(status_code=204)


@router.post("/v1/sign-in/lock", status_code=204)
async def lock(call: Annotated[Call, allow(Act.OWN_SIGN_IN)]) -> Response:
    """Lock: this token is worth nothing from now on. The shift goes on, and a PIN set in it opens the tablet again."""
    await call.database.write(sign_in.lock, call.actor, call.asked, call.wall)
    return Response(status_code=204)


@router.get("/v1/first-run", response_model=FirstRunNeededOut, openapi_extra=public())
async def is_needed(shared: Shared) -> Response:
    """Whether this service still waits for its first clinic; nothing of whom it holds, nothing of the token."""
    # a service that has its clinic says so without looking: it never becomes empty again
    needed = shared.first_run.open and await shared.database.read(first_run.is_empty, NOBODY, shared.clock.now())
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
    async with shared.first_run.turn:
        return await _set_up(body, request, shared)


async def _set_up(body: FirstRunIn, request: Request, shared: Frame) -> Response:
    shared.first_run.check(body.token)
    check_clinic(body.clinic, body.timezone)
    check_username(body.lead.username, field="lead.username")
    check_password(body.lead.password, username=body.lead.username, clinic=body.clinic, field="lead.password")
    hashed = await shared.passwords.hash(body.lead.password)
    clinic = Clinic(uuid7(), body.clinic, body.timezone)
    staff_id = uuid7()
    lead = Staff(body.lead.username, body.lead.name, Role.LEAD)
    actor = Actor(clinic.id, staff_id, lead.name, Role.LEAD, tablet_of(request))
    try:
        await shared.database.write(first_run.set_up, actor, moment(shared.clock), clinic, staff_id, lead, hashed)
    except AlreadySetUp:
        shared.first_run.close()
        raise
    shared.first_run.close()
    request.app.state.first_run_token = None
    return answer(
        {
            "clinic": _clinic(clinic),
            "staff": _person(staff_id, lead, clinic),
        },
        status=201,
    )
