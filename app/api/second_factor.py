"""One's own second factor: passkeys, six digits, recovery codes; and what a signature takes in this clinic."""

from typing import Annotated

from fastapi import Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.signing import Code, Encoded, Hexadecimal, OwnerIn, SignatureIn, party_of, prove, prove_owner
from app.api.strict import Body, Choice, Id, IfMatch, Instant, Text
from app.db.clinics import get as clinic_of
from app.db.second_factors import Passkey
from app.domain.people import Act
from app.domain.signatures import SignedKind, Signing, SigningPolicy, ToSign, challenge
from app.exchange import passkeys, six_digits
from app.exchange.passkeys import relying_party
from app.services import second_factor, sign_in, signing
from app.services.second_factor import ADD_PASSKEY, SIGN

router = make_router()
SERVICE = "Infusion Vitals"
SIX_DIGITS = "six-digits"


class PasskeyOut(Out):
    id: str
    name: str
    added_at: Instant


class SecondFactorOut(Out):
    """What one signs with. `passkeys_for`: under which name passkeys are made; null where this service has none.

    `reset`: somebody else has set the password since; what was added after that does not sign.
    """

    signing: Signing
    passkeys: list[PasskeyOut]
    passkeys_for: str | None
    six_digits: bool
    recovery_codes: int
    reset: bool


class NonceOut(Out):
    nonce: Hexadecimal
    expires_at: Instant


class PasskeyBegunOut(NonceOut):
    """For `navigator.credentials.create`: its challenge, and the passkeys that this person has."""

    challenge: str
    party: str
    user_id: Id
    username: str
    name: str
    have: list[str]


class PasskeyIn(Body):
    """What `navigator.credentials.create` gave, and what its owner calls it."""

    nonce: Hexadecimal
    name: Annotated[str, Text()]
    client_data: Encoded
    attestation: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=32_768)]


class DigitsBegunOut(NonceOut):
    """`secret` (base32) is told this once; `address`: the same, as authenticator apps open it."""

    secret: str
    address: str


class DigitsIn(Body):
    nonce: Hexadecimal
    code: Code


class RemoveIn(OwnerIn):
    """`factor`: a passkey's id, or `six-digits`."""

    factor: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=1400)]


class RecoveryCodesOut(Out):
    """Shown this once; each is good once."""

    codes: list[str]


class SigningIn(SignatureIn):
    signing: Choice[Signing]


class SigningOut(Out):
    signing: Signing
    revision: int


def _adding(call: Call) -> ToSign:
    return ToSign(SignedKind.ADD_FACTOR, str(call.actor.staff_id), {})


def _passkey(value: Passkey) -> dict[str, object]:
    return {"id": value.id, "name": value.name, "added_at": value.added_at}


OwnCall = Annotated[Call, allow(Act.OWN_SIGN_IN)]


@router.get("/v1/account/second-factor", response_model=SecondFactorOut)
async def get_second_factor(call: OwnCall) -> Response:
    """What one signs with, and what a signature takes here."""
    found = await call.read(second_factor.standing)
    party = relying_party(call.shared.public_url)
    return answer(
        {
            "signing": found.signing.value,
            "passkeys": [_passkey(each) for each in found.passkeys],
            "passkeys_for": party.id if party else None,
            "six_digits": found.six_digits,
            "recovery_codes": found.recovery_codes,
            "reset": found.reset,
        }
    )


@router.post("/v1/account/nonces", status_code=201, response_model=NonceOut)
async def give_nonce(call: OwnCall) -> Response:
    """A nonce for one answer of a passkey of one's own: good once, for minutes."""
    nonce = second_factor.new_nonce()
    until = await call.write_by_page(second_factor.give_nonce, nonce, SIGN, call.wall)
    return answer({"nonce": nonce, "expires_at": until}, status=201)


@router.post(
    "/v1/account/passkeys/begin", status_code=201, response_model=PasskeyBegunOut, responses=refusals(409, 429)
)
async def begin_passkey(body: OwnerIn, call: OwnCall) -> Response:
    """What a device is asked for a new passkey. Takes the password, and a second factor where there is one."""
    party = party_of(call)
    await prove_owner(call, body, _adding(call))
    found = await call.read(second_factor.standing)
    credentials = await call.database.read(sign_in.own_credentials, call.actor, call.now)
    nonce = second_factor.new_nonce()
    until = await call.write(second_factor.begin_passkey, nonce, call.wall)
    said = {
        "nonce": nonce,
        "expires_at": until,
        "challenge": passkeys.encoded(challenge(nonce, _adding(call).digest)),
        "party": party.id,
        "user_id": call.actor.staff_id,
        "username": credentials.staff.username,
        "name": credentials.staff.name,
        "have": [each.id for each in found.passkeys],
    }
    return answer(said, status=201)


@router.post("/v1/account/passkeys", status_code=201, response_model=PasskeyOut, responses=refusals(409))
async def add_passkey(body: PasskeyIn, call: OwnCall) -> Response:
    """Keep the new passkey. Its device has to have verified who holds it."""
    party = party_of(call)
    refusal = await call.database.write(
        second_factor.take_nonce, call.actor, call.asked, body.nonce, ADD_PASSKEY, call.wall
    )
    if refusal is not None:
        raise refusal
    asked = challenge(body.nonce, _adding(call).digest)
    try:
        added = passkeys.check_added(party, asked, body.client_data, body.attestation)
    except passkeys.NotProven:
        refused = second_factor.PasskeyRefused()
        await call.database.write(second_factor.refused, call.actor, call.asked, refused)
        raise refused from None
    assert call.actor.staff_id is not None
    value = Passkey(added.id, call.actor.staff_id, added.public_key, added.sign_count, body.name, call.now)
    await call.write(second_factor.add_passkey, value)
    return answer(_passkey(value), status=201)


@router.post(
    "/v1/account/six-digits/begin", status_code=201, response_model=DigitsBegunOut, responses=refusals(409, 429)
)
async def begin_digits(body: OwnerIn, call: OwnCall) -> Response:
    """The secret for an authenticator app. Takes the password, and a second factor where there is one."""
    await prove_owner(call, body, _adding(call))
    credentials = await call.database.read(sign_in.own_credentials, call.actor, call.now)
    clinic = await call.database.read(clinic_of, call.actor, call.now)
    nonce, secret = second_factor.new_nonce(), six_digits.new_secret()
    until = await call.write(second_factor.begin_digits, nonce, secret, call.wall)
    service = f"{SERVICE}, {clinic.name}" if clinic else SERVICE
    address = six_digits.address(secret, credentials.staff.username, service)
    return answer({"nonce": nonce, "expires_at": until, "secret": secret, "address": address}, status=201)


@router.post("/v1/account/six-digits", status_code=204)
async def add_digits(body: DigitsIn, call: OwnCall) -> Response:
    """The app shows the right digits: from now on they count, instead of any before."""
    await call.write(second_factor.add_digits, body.nonce, body.code, call.wall)
    return Response(status_code=204)


@router.post("/v1/account/second-factor/remove", status_code=204, responses=refusals(404, 409, 429))
async def remove(body: RemoveIn, call: OwnCall) -> Response:
    """Give a factor up. Takes the password, and a second factor or a recovery code."""
    to_sign = ToSign(SignedKind.REMOVE_FACTOR, str(call.actor.staff_id), {"factor": body.factor})
    await prove_owner(call, body, to_sign)
    if body.factor == SIX_DIGITS:
        await call.write(second_factor.remove_digits)
    else:
        await call.write(second_factor.remove_passkey, body.factor)
    return Response(status_code=204)


@router.post(
    "/v1/account/recovery-codes", status_code=201, response_model=RecoveryCodesOut, responses=refusals(409, 429)
)
async def make_codes(body: OwnerIn, call: OwnCall) -> Response:
    """Ten recovery codes, instead of any before. They are shown this once."""
    await prove_owner(call, body, ToSign(SignedKind.RECOVERY_CODES, str(call.actor.staff_id), {}))
    codes = second_factor.new_codes()
    await call.write(second_factor.keep_codes, codes)
    return answer({"codes": codes}, status=201)


@router.get("/v1/clinic/signing", response_model=SigningOut)
async def get_signing(call: Annotated[Call, allow(Act.READ_PROTOCOLS)]) -> Response:
    """What a signature takes in this clinic."""
    found = await call.read(signing.policy)
    return answer({"signing": found.value.signing.value, "revision": found.revision}, revision=found.revision)


@router.put("/v1/clinic/signing", response_model=SigningOut, responses=refusals(409, 412, 428, 429))
async def put_signing(body: SigningIn, call: Annotated[Call, allow(Act.MANAGE_STAFF)], if_match: IfMatch) -> Response:
    """What a signature takes from now on. The lead signs for it by what holds now."""
    # what has moved on is said before anything is used up
    await call.read(signing.check, body.signing, if_match)
    to_sign = ToSign(SignedKind.SIGNING_POLICY, str(call.actor.clinic_id), {"signing": body.signing.value})
    proof = await prove(call, body, to_sign)
    change = await call.write(signing.put, SigningPolicy(body.signing, proof), if_match)
    return answer({"signing": body.signing.value, "revision": change.revision}, revision=change.revision)
