"""PINs over HTTP: set during a shift, and quick back in with one."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field
from uuid_utils.compat import uuid7

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.frame import Shared
from app.api.identify import proof_of, refused_stranger, source
from app.api.routes import public
from app.api.routes import router as make_router
from app.api.sign_in import SignInOut, welcome
from app.api.strict import Body, Id, Instant, Text
from app.clock import moment
from app.db.work import EVERY_CLINIC, NO_CLINIC
from app.domain.people import Act
from app.services import pins, sign_in
from app.services.lockout import neighbourhood
from app.services.pins import FoundPin, WrongPin
from app.services.tablet_proofs import UNPROVEN, OldProof

router = make_router()

Device = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""32 random bytes in base64, which the tablet keeps to itself."""


class PinIn(Body):
    """4 to 8 digits, and the tablet's secret."""

    pin: Annotated[str, Text(64)]
    device: Device


class PinOut(Out):
    """Until when it holds, unless somebody signs out before."""

    valid_until: Instant


class PinSignInIn(Body):
    tablet_id: Id
    staff_id: Id
    pin: Annotated[str, Text(64)]
    device: Device


@router.put("/v1/tablets/{tablet_id}/pin", response_model=PinOut)
async def put_pin(tablet_id: Id, body: PinIn, call: Annotated[Call, allow(Act.OWN_SIGN_IN)]) -> Response:
    """Set one's PIN on an enrolled tablet until the end of this shift. Takes a sign-in by password."""
    pins.check_pin(body.pin)
    hashed = await call.shared.passwords.hash(body.pin)
    until = await call.write(pins.put, tablet_id, hashed, sign_in.fingerprint(body.device))
    return answer({"valid_until": until})


async def _counted(request: Request, shared: Shared, found: FoundPin) -> bool:
    """Whether the PIN may be tried once more, by the tablet that it was set on: a try that it has signed is counted."""
    database, clock = shared.database, shared.clock
    try:
        number = await proof_of(request, found.pin.tablet_id, found.tablet)
        tried: bool = await database.write(pins.count_try, found.actor, moment(clock), found.pin, found.tablet, number)
    except (*UNPROVEN, OldProof) as refusal:
        await database.write(pins.record_unproven, found.actor, moment(clock), refusal.code)
        raise
    return tried


@router.post("/v1/sign-in/pin", response_model=SignInOut, responses=refusals(401, 403, 409), openapi_extra=public())
async def begin_by_pin(body: PinSignInIn, request: Request, shared: Shared) -> Response:
    """Sign in again within a shift, on the tablet, which signs it with a number higher than any before.

    After five wrong tries in it its PINs are forgotten; then it takes the password.
    """
    database, clock = shared.database, shared.clock
    device = sign_in.fingerprint(body.device)
    found = await database.read(
        pins.look_up, EVERY_CLINIC, clock.now(), body.tablet_id, body.staff_id, device, clock.wall()
    )
    counted = found is not None and await _counted(request, shared, found)
    # what is unknown takes as long as what is wrong
    stored = found.pin.pin_hash if found is not None and counted else None
    # who knows the tablet's own secret is no stranger
    stranger = neighbourhood(source(request, None).address) if found is None else None
    if not await shared.passwords.matches(stored, body.pin, stranger=stranger):
        if found is None:
            await refused_stranger(
                shared, "sign-in.failed", NO_CLINIC, moment(clock), pins.record_unknown, body.staff_id
            )
        else:
            await database.write(pins.record_failure, found.actor, moment(clock), found.pin)
        raise WrongPin
    assert found is not None
    token, ticket = sign_in.new_token(), sign_in.new_token()
    signed_in = await database.write(
        pins.begin, found.actor, moment(clock), found.pin, uuid7(), token, ticket, clock.wall(), shared.policy
    )
    return welcome(signed_in)
