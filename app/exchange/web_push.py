"""Web Push: what a browser's push service takes, so that only that browser can read it, and it knows who sends.

Sources: RFC 8291 (encryption, by the coding of RFC 8188), RFC 8292 (who sends), RFC 8030 (urgency, topic, how long).
By the cryptography that is here already: a package for this brings an HTTP client of its own, which would go round
`reaching`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from app.exchange import base64url
from app.exchange.base64url import encoded
from app.exchange.webhooks import USER_AGENT, Target

_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
POINT_BYTES, AUTH_BYTES, SALT_BYTES = 65, 16, 16
_RECORD_BYTES = 4096
_VOUCHED_FOR = timedelta(hours=12)
"""A push service takes at most 24 hours."""


class BadKey(ValueError):
    """It is no key that a browser gives."""


def decoded(text: str, length: int) -> bytes:
    """So many bytes from base64url. Raises `BadKey`."""
    try:
        raw = base64url.decoded(text)
    except ValueError:
        raise BadKey from None
    if len(raw) != length:
        raise BadKey
    return raw


def point_of(p256dh: str) -> ec.EllipticCurvePublicKey:
    """A browser's public key. Raises `BadKey`, also for what is no point of the curve."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, decoded(p256dh, POINT_BYTES))
    except ValueError:
        raise BadKey from None


@dataclass(frozen=True, slots=True)
class PushSender:
    """The installation, as push services know it."""

    key: ec.EllipticCurvePrivateKey
    contact: str | None = None

    @classmethod
    def of(cls, seed: bytes, address: str | None = None) -> "PushSender":
        """The one that these 32 random bytes make, always the same. `address`: where it can be asked, if by https."""
        key = ec.derive_private_key(int.from_bytes(seed) % (_ORDER - 1) + 1, _CURVE)
        return cls(key, address if address is not None and address.startswith("https://") else None)

    @property
    def public(self) -> str:
        """What a browser has to be told when it subscribes."""
        return encoded(_bytes_of(self.key.public_key()))

    def headers(self, target: Target, topic: str, lasts: timedelta, wall: datetime) -> dict[str, str]:
        """The headers of one message. `lasts`: how long it may wait; one that waits gives way to one of its `topic`."""
        origin = f"{'https' if target.https else 'http'}://{target.authority}"
        said: dict[str, object] = {"aud": origin, "exp": int((wall + _VOUCHED_FOR).timestamp())}
        if self.contact is not None:
            said["sub"] = self.contact
        token = jwt.encode({"typ": "JWT", "alg": "ES256"}, said, _signing(self.key))
        return {
            "authorization": f"vapid t={token}, k={self.public}",
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(int(lasts.total_seconds())),
            "topic": encoded(hashlib.sha256(topic.encode()).digest()[:24]),
            "urgency": "high",
            "user-agent": USER_AGENT,
        }


def sealed_for(message: bytes, p256dh: str, auth: str, salt: bytes) -> bytes:
    """The body of one message, for one browser alone. `salt`: `SALT_BYTES` random ones, never used twice."""
    theirs, secret = point_of(p256dh), decoded(auth, AUTH_BYTES)
    ours = ec.generate_private_key(_CURVE)
    their_bytes, our_bytes = _bytes_of(theirs), _bytes_of(ours.public_key())
    shared = ours.exchange(ec.ECDH(), theirs)
    keying = _derived(32, secret, b"WebPush: info\0" + their_bytes + our_bytes, shared)
    key = _derived(16, salt, b"Content-Encoding: aes128gcm\0", keying)
    nonce = _derived(12, salt, b"Content-Encoding: nonce\0", keying)
    # one record, the last: two ends its text
    text = AESGCM(key).encrypt(nonce, message + b"\2", None)
    return salt + _RECORD_BYTES.to_bytes(4) + bytes([len(our_bytes)]) + our_bytes + text


def _derived(length: int, salt: bytes, info: bytes, secret: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _bytes_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _signing(key: ec.EllipticCurvePrivateKey) -> ECKey:
    numbers = key.private_numbers()
    public = numbers.public_numbers
    parts = {"x": public.x, "y": public.y, "d": numbers.private_value}
    return ECKey.import_key(
        {"kty": "EC", "crv": "P-256", **{name: encoded(part.to_bytes(32)) for name, part in parts.items()}}
    )
