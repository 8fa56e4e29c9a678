"""What a tablet signs with its key (ECDSA, P-256, SHA-256): one request, so that it is good for no other.

Signed are the lines of `message`: method, address, tablet, a number, the body's digest (SHA-256, base64url), and the
headers that say who speaks and of what. No time is among them: a clock that is wrong shuts nobody out. `X-Tablet-Proof`
carries the number and the signature, `12.<base64url of r and s>`; the number of what is sent later is higher.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from app.exchange.base64url import decoded, encoded

HEADER = "X-Tablet-Proof"
SIGNED_HEADERS = ("authorization", "x-author-ticket", "if-match", "x-tablet-clock-offset-ms")
"""A header that is not sent is signed as an empty line."""
_FORM = re.compile(r"([1-9][0-9]{0,14})\.([A-Za-z0-9_-]{86})\Z", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_-]{87}\Z", re.ASCII)
_PURPOSE = "infusion-vitals tablet 1"
_HALF = 32


@dataclass(frozen=True, slots=True)
class SentByTablet:
    """A request as it came. `path`: with its query; `headers`: the values of `SIGNED_HEADERS`, in their order."""

    method: str
    path: str
    tablet_id: UUID
    body: bytes
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TabletProof:
    """The header's two parts."""

    number: int
    signature: bytes


def read_proof(header: str) -> TabletProof | None:
    """The two parts of a header; None for anything that is no proof."""
    found = _FORM.match(header)
    try:
        return TabletProof(int(found[1]), decoded(found[2])) if found else None
    except ValueError:
        return None


def message(sent: SentByTablet, number: int) -> bytes:
    """What is signed, line by line."""
    digest = encoded(hashlib.sha256(sent.body).digest())
    lines = (_PURPOSE, sent.method, sent.path, str(sent.tablet_id), str(number), digest, *sent.headers)
    return "\n".join(lines).encode()


def holds(public_key: str, sent: SentByTablet, proof: TabletProof) -> bool:
    """Whether exactly this was signed by the private half of this key."""
    r, s = (int.from_bytes(half) for half in (proof.signature[:_HALF], proof.signature[_HALF:]))
    try:
        _key(public_key).verify(encode_dss_signature(r, s), message(sent, proof.number), ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def is_public_key(text: str) -> bool:
    """Whether this is a point of the curve, uncompressed (65 bytes), as base64url without padding."""
    try:
        _key(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1024)
def _key(text: str) -> EllipticCurvePublicKey:
    if not _KEY.match(text):
        raise ValueError("not 65 bytes as base64url")
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), decoded(text))
