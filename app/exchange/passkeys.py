"""Passkeys as browsers speak of them (W3C WebAuthn, level 3): what they are asked, and whether an answer holds."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_attestation_object, parse_client_data_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException

from app.domain.addresses import is_loopback

ALGORITHMS = (
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
)
"""What every phone, computer and security key has one of."""


class NotProven(Exception):
    """The answer is not that of this passkey, at this address, with its owner verified."""


class OtherChallenge(NotProven):
    """The answer is for another challenge."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """For whom a passkey is: the name of the service's host, and the origin of its pages."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Added:
    """A passkey as its device made it; `id` and `public_key` (COSE) as base64url."""

    id: str
    public_key: str
    sign_count: int


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """What a device answered, each part as base64url."""

    id: str
    client_data: str
    authenticator_data: str
    signature: str


def relying_party(address: str | None) -> RelyingParty | None:
    """Whose passkeys the service at this address takes: browsers know them by a name, never by a number.

    On its own machine the service is called `localhost`. None where there is no name.
    """
    parts = urlsplit(address or "")
    host = parts.hostname
    if not host:
        return None
    if is_loopback(host):
        port = f":{parts.port}" if parts.port else ""
        return RelyingParty("localhost", f"{parts.scheme}://localhost{port}")
    if ":" in host or host.replace(".", "").isdigit():
        return None
    return RelyingParty(host, f"{parts.scheme}://{parts.netloc}")


def encoded(value: bytes) -> str:
    """As base64url, without padding."""
    return bytes_to_base64url(value)


def _challenge_of(client_data: str) -> bytes:
    return parse_client_data_json(base64url_to_bytes(client_data)).challenge


_UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError)
"""What the parsers of a stranger's bytes were seen to raise."""


def check_added(party: RelyingParty, challenge: bytes, client_data: str, attestation: str) -> Added:
    """A new passkey. Raises `NotProven`."""
    credential = {"clientDataJSON": client_data, "attestationObject": attestation}
    try:
        if _challenge_of(client_data) != challenge:
            raise OtherChallenge
        found = verify_registration_response(
            credential=_credential(_id_in(attestation), credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=list(ALGORITHMS),
        )
    except _UNREADABLE as error:
        raise NotProven from error
    return Added(
        bytes_to_base64url(found.credential_id), bytes_to_base64url(found.credential_public_key), found.sign_count
    )


def _id_in(attestation: str) -> str:
    """The passkey's own id, where the device put it."""
    held = parse_attestation_object(base64url_to_bytes(attestation)).auth_data.attested_credential_data
    if held is None:
        raise NotProven
    return bytes_to_base64url(held.credential_id)


def _credential(credential_id: str, response: dict[str, str]) -> dict[str, Any]:
    return {"id": credential_id, "rawId": credential_id, "type": "public-key", "response": response}


def check_answer(party: RelyingParty, challenge: bytes, answer: PasskeyAnswer, public_key: str, sign_count: int) -> int:
    """What the device has counted to. Raises `OtherChallenge`, `NotProven`."""
    response = {
        "clientDataJSON": answer.client_data,
        "authenticatorData": answer.authenticator_data,
        "signature": answer.signature,
    }
    try:
        if _challenge_of(answer.client_data) != challenge:
            raise OtherChallenge
        found = verify_authentication_response(
            credential=_credential(answer.id, response),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except _UNREADABLE as error:
        raise NotProven from error
    return found.new_sign_count
