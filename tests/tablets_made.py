"""Tablets that sign what they send, as the app does, in a second author's hand: nothing here is taken from the service.

`known(...)` makes one; `by_tablet` is the `auth` of a client that then signs whatever comes from a tablet made here.
"""

import base64
import hashlib
import json
from collections.abc import Generator
from itertools import count
from typing import Any
from uuid import uuid4

import httpx2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGNED = ("Authorization", "X-Author-Ticket", "If-Match", "X-Tablet-Clock-Offset-Ms")


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class MadeTablet:
    """A tablet with a key of its own, and a number that grows."""

    def __init__(self, tablet_id: str | None = None) -> None:
        self.id = tablet_id or str(uuid4())
        self.numbers = count(1)
        self._keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self.use(self.another_key())

    def another_key(self) -> str:
        """The public half of a key that it has, and signs with only after `use`."""
        private = ec.generate_private_key(ec.SECP256R1())
        raw = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        public_key = base64url(raw)
        self._keys[public_key] = private
        return public_key

    def use(self, public_key: str) -> None:
        """Signs with this key of its own from now on."""
        self.public_key = public_key
        self._private = self._keys[public_key]

    def enrolment(self, name: str, **more: Any) -> dict[str, Any]:
        """The body by which a lead enrols it."""
        return {"name": name, "public_key": self.public_key, **more}

    def proof(
        self, method: str, path: str, body: bytes, headers: dict[str, str] | None = None, number: int | None = None
    ) -> str:
        """The header X-Tablet-Proof of one request. `headers`: those of `SIGNED` that it carries."""
        number = next(self.numbers) if number is None else number
        lines = [
            "infusion-vitals tablet 1",
            method,
            path,
            self.id,
            str(number),
            base64url(hashlib.sha256(body).digest()),
        ]
        lines += [(headers or {}).get(name, "") for name in SIGNED]
        signed = self._private.sign("\n".join(lines).encode(), ec.ECDSA(SHA256()))
        r, s = decode_dss_signature(signed)
        return f"{number}.{base64url(r.to_bytes(32) + s.to_bytes(32))}"


MADE: dict[str, MadeTablet] = {}


def known(named: str | None = None) -> MadeTablet:
    """A tablet for which `by_tablet` signs from now on. `named`: its id, or its address."""
    made = MadeTablet(named.rpartition("/")[2] if named else None)
    MADE[made.id] = made
    return made


def _whose(request: httpx2.Request) -> MadeTablet | None:
    named = request.headers.get("x-tablet-id")
    parts = request.url.path.split("/")
    if named is None and parts[:3] == ["", "v1", "tablets"]:
        speaks = parts[4:] in (["contact"], ["public-key"]) or (len(parts) == 4 and b'"public_key"' in request.content)
        named = parts[3] if speaks else None
    if named is None and request.url.path == "/v1/sign-in/pin":
        try:
            named = json.loads(request.content)["tablet_id"]
        except (ValueError, KeyError, TypeError):
            return None
    return MADE.get(named) if isinstance(named, str) else None


class _ByTablet(httpx2.Auth):
    """Signs for a tablet of `MADE` what comes from it, unless it is signed already or nothing is to be signed."""

    requires_request_body = True

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        tablet = None if request.method == "GET" or "x-tablet-proof" in request.headers else _whose(request)
        if tablet is None:
            yield request
            return
        request.headers["X-Tablet-Id"] = tablet.id
        sent = {name: request.headers[name] for name in SIGNED if name in request.headers}
        path = request.url.raw_path.decode()
        request.headers["X-Tablet-Proof"] = tablet.proof(request.method, path, request.content, sent)
        answer = yield request
        if path.endswith("/public-key") and answer.status_code == 204:
            tablet.use(json.loads(request.content)["public_key"])


by_tablet = _ByTablet()
