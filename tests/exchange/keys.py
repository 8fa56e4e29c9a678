"""Keys and signers of others: made with `cryptography`, signed with PyJWT, which shares no code with our own side."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm


@dataclass(frozen=True)
class Key:
    """A key pair of a machine."""

    kid: str
    algorithm: str
    private: Any

    @property
    def public(self) -> dict[str, Any]:
        """The public half as a JWK."""
        maker = RSAAlgorithm if self.algorithm.startswith(("RS", "PS")) else ECAlgorithm
        found = maker.to_jwk(self.private.public_key(), as_dict=True)
        return {**found, "kid": self.kid, "alg": self.algorithm, "use": "sig", "key_ops": ["verify"]}

    @property
    def pem(self) -> bytes:
        """The public half as text, as a careless server would keep it."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return bytes(self.private.public_key().public_bytes(serialization.Encoding.PEM, form))


@cache
def rsa_key(kid: str = "rsa-1", bits: int = 2048) -> Key:
    return Key(kid, "RS384", rsa.generate_private_key(65537, bits))


@cache
def ec_key(kid: str = "ec-1", curve: type[ec.EllipticCurve] = ec.SECP384R1) -> Key:
    return Key(kid, "ES384", ec.generate_private_key(curve()))


def key_set(*keys: Key | dict[str, Any]) -> str:
    """A JWKS."""
    return json.dumps({"keys": [key.public if isinstance(key, Key) else key for key in keys]})


def claims(client_id: str, audience: str, wall: datetime, **other: Any) -> dict[str, Any]:
    """What a good assertion says; a claim given as None is left out."""
    usual = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "exp": int((wall + timedelta(minutes=4)).timestamp()),
        "iat": int(wall.timestamp()),
        "jti": str(uuid4()),
    }
    return {name: value for name, value in (usual | other).items() if value is not None}


def signed(key: Key, payload: dict[str, Any], **header: Any) -> str:
    """An assertion; members of the header given as None are left out."""
    head = {"kid": key.kid, "typ": "JWT"} | header
    algorithm = head.pop("alg", key.algorithm)
    return jwt.encode(payload, key.private, algorithm, {name: part for name, part in head.items() if part is not None})
