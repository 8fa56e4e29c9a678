"""What signs, over HTTP: a passkey's answer, the password with six digits, or where the clinic says so it alone.

The answer of a passkey covers what is signed, word for word: its challenge is made of the digest of that, and of a
nonce that the service gave to this person. Whoever asks builds both likewise (docs/integrators.md).
"""

from collections.abc import Callable
from typing import Annotated, Concatenate, ParamSpec

from pydantic import Field

from app.api.calls import Call
from app.api.strict import Body
from app.db.work import Work
from app.domain.errors import FieldError, Invalid, Refusal
from app.domain.signatures import ProofKind, SignatureProof, Signing, ToSign, challenge
from app.exchange import passkeys
from app.exchange.passkeys import PasskeyAnswer, RelyingParty
from app.services import second_factor, signing
from app.services.second_factor import FactorNeeded, PasskeysNeedAName, SecondFactorNeeded

P = ParamSpec("P")

Hexadecimal = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Encoded = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=8192)]
"""Bytes as base64url, without padding."""
PasskeyId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=1400)]


class PasskeyAnswerIn(Body):
    """What `navigator.credentials.get` gave for the challenge SHA-256(nonce, digest of what is signed)."""

    nonce: Hexadecimal
    id: PasskeyId
    client_data: Encoded
    authenticator_data: Encoded
    signature: Encoded


class SignatureIn(Body):
    """What signs: `passkey`, or `password` with `code` (the six digits), or by the clinic's policy `password` alone."""

    password: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    code: Code | None = None
    passkey: PasskeyAnswerIn | None = None


class OwnerIn(SignatureIn):
    """What shows that an account is one's own: the password always, and a second factor where there is one."""

    recovery_code: Annotated[str, Field(min_length=24, max_length=64)] | None = None


def party_of(call: Call) -> RelyingParty:
    """For whom this service's passkeys are. Raises `PasskeysNeedAName`."""
    found = passkeys.relying_party(call.shared.public_url)
    if found is None:
        raise PasskeysNeedAName
    return found


async def _settled(
    call: Call, verb: Callable[Concatenate[Work, P], Refusal | None], *args: P.args, **kwargs: P.kwargs
) -> None:
    """What a verb used up or counted is kept, whatever it comes to; then its refusal is raised."""
    refusal = await call.database.write(verb, call.actor, call.asked, *args, **kwargs)
    if refusal is not None:
        raise refusal


async def _refuse(call: Call, refusal: Refusal, credential: str | None = None) -> Refusal:
    await call.database.write(second_factor.refused, call.actor, call.asked, refusal, credential)
    return refusal


async def _by_passkey(call: Call, given: PasskeyAnswerIn, to_sign: ToSign, *, signs: bool) -> None:
    party = party_of(call)
    found = await call.database.write(
        second_factor.take_answer, call.actor, call.asked, given.nonce, given.id, call.wall
    )
    if isinstance(found, Refusal):
        raise found
    answer = PasskeyAnswer(given.id, given.client_data, given.authenticator_data, given.signature)
    try:
        asked = challenge(given.nonce, to_sign.digest)
        count = passkeys.check_answer(party, asked, answer, found.public_key, found.sign_count)
    except passkeys.OtherChallenge:
        raise await _refuse(call, second_factor.ForAnother(), given.id) from None
    except passkeys.NotProven:
        raise await _refuse(call, second_factor.PasskeyRefused(), given.id) from None
    await _settled(call, second_factor.answered, given.id, count, signs=signs)


async def _password(call: Call, given: SignatureIn, otherwise: str) -> None:
    if given.password is None:
        raise Invalid(errors=[FieldError("password", f"is required{otherwise}")])
    await call.reauthenticate(given.password)


async def prove(call: Call, given: SignatureIn, to_sign: ToSign) -> SignatureProof:
    """Makes sure that whoever holds the tablet is who signs this. Raises what is wrong, noted in the audit."""
    if given.passkey is not None:
        await _by_passkey(call, given.passkey, to_sign, signs=True)
        return SignatureProof(ProofKind.PASSKEY, given.passkey.id)
    await _password(call, given, " unless a passkey signs")
    if given.code is not None:
        await _settled(call, second_factor.check_code, given.code, call.wall, signs=True)
        return SignatureProof(ProofKind.PASSWORD_AND_CODE)
    if await call.database.read(signing.current, call.actor, call.now) is Signing.SECOND_FACTOR:
        raise await _refuse(call, SecondFactorNeeded())
    return SignatureProof(ProofKind.PASSWORD)


async def prove_owner(call: Call, given: OwnerIn, to_sign: ToSign) -> None:
    """Makes sure that whoever changes what an account signs with is its owner."""
    await _password(call, given, "")
    if given.passkey is not None:
        await _by_passkey(call, given.passkey, to_sign, signs=False)
    elif given.code is not None:
        await _settled(call, second_factor.check_code, given.code, call.wall, signs=False)
    elif given.recovery_code is not None:
        await _settled(call, second_factor.use_code, given.recovery_code)
    elif (await call.database.read(second_factor.standing, call.actor, call.now)).has_any:
        raise await _refuse(call, FactorNeeded())
