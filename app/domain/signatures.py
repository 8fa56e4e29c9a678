"""What proves a signature: what a clinic asks for, what was given, and what exactly an answer covers.

The signer's device answers a challenge that is made of what is signed, word for word, and of a nonce that the service
gave: an answer says nothing of anything else, and is good once.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.canonical import Json, digest


class Signing(StrEnum):
    """What a signature takes in a clinic; set by a lead."""

    SECOND_FACTOR = "second-factor"
    """A passkey, or the password with six digits."""
    PASSWORD = "password"  # noqa: S105 - the name of a policy
    """The password alone is enough."""


class ProofKind(StrEnum):
    """What was given for a signature. Permanent names."""

    PASSKEY = "passkey"
    PASSWORD_AND_CODE = "password-and-code"  # noqa: S105 - the name of a proof
    PASSWORD = "password"  # noqa: S105 - the name of a proof


@dataclass(frozen=True, slots=True)
class SignatureProof:
    """What proved a signature, as it is kept with it. `credential`: of a passkey its id; never a secret."""

    kind: ProofKind
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class SigningPolicy:
    """What a clinic's lead has set; `proof`: what proved the lead, None where the clinic was made with it."""

    signing: Signing
    proof: SignatureProof | None = None


class SignedKind(StrEnum):
    """What there is to sign."""

    CONFIRMATION = "confirmation"
    SCREENING_OVERRIDE = "screening-override"
    PROTOCOL_APPROVAL = "protocol-approval"
    SIGNING_POLICY = "signing-policy"
    ADD_FACTOR = "add-factor"
    REMOVE_FACTOR = "remove-factor"
    RECOVERY_CODES = "recovery-codes"


@dataclass(frozen=True, slots=True)
class ToSign:
    """What a person is about to sign: `about` names the thing, `says` what they say of it, every word."""

    what: SignedKind
    about: str
    says: Mapping[str, Json]

    @property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of its canonical JSON."""
        return digest({"about": self.about, "says": dict(self.says), "sign": self.what.value})


def challenge(nonce: str, signed: str) -> bytes:
    """What the device answers: 32 bytes of the nonce and the digest of what is signed, both hexadecimal."""
    return hashlib.sha256(bytes.fromhex(nonce) + bytes.fromhex(signed)).digest()
