"""A passkey's device in a few lines of our own: what a browser would hand on of it (W3C WebAuthn, level 3)."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encode(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def digest(what: str, about: str, says: dict[str, Any]) -> str:
    """Of what is signed: SHA-256 of its canonical JSON, as docs/integrators.md has it."""
    document = {"sign": what, "about": about, "says": says}
    return hashlib.sha256(
        json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def challenge(nonce: str, signed: str) -> bytes:
    return hashlib.sha256(bytes.fromhex(nonce) + bytes.fromhex(signed)).digest()


@dataclass
class Authenticator:
    """One device with one passkey. What it says can be bent, to see that it is refused."""

    party: str = "localhost"
    origin: str = "http://localhost:8000"
    verified: bool = True
    counts: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    raw_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    used: int = 0

    @property
    def id(self) -> str:
        return encode(self.raw_id)

    def _client_data(self, kind: str, asked: bytes) -> bytes:
        said = {"type": kind, "challenge": encode(asked), "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        self.used += 1 if self.counts else 0
        flags |= PRESENT | (VERIFIED if self.verified else 0)
        return hashlib.sha256(self.party.encode()).digest() + bytes([flags]) + self.used.to_bytes(4, "big")

    def make(self, asked: bytes) -> dict[str, str]:
        """What `navigator.credentials.create` gives, as our route takes it."""
        at = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: at.x.to_bytes(32, "big"), -3: at.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.raw_id).to_bytes(2, "big") + self.raw_id + public
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested})
        return {"client_data": encode(self._client_data("webauthn.create", asked)), "attestation": encode(made)}

    def answer(self, nonce: str, signed: str) -> dict[str, str]:
        """What `navigator.credentials.get` gives, as our routes take it."""
        client_data, data = self._client_data("webauthn.get", challenge(nonce, signed)), self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return {
            "nonce": nonce,
            "id": self.id,
            "client_data": encode(client_data),
            "authenticator_data": encode(data),
            "signature": encode(signature),
        }
