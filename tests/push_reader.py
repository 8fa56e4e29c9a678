"""What a browser does with a push message: RFC 8291 read once more, and held to that standard's own example."""

import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def read_push(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """The message in a body of one record. Raises `InvalidTag` where it is for another browser."""
    salt, length = body[:16], body[20]
    sender, text = body[21 : 21 + length], body[21 + length :]
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(key.curve, sender))
    info = b"WebPush: info\0" + key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint) + sender
    keying = HKDFExpand(hashes.SHA256(), 32, info).derive(hmac.digest(auth, shared, "sha256"))
    pseudo = hmac.digest(salt, keying, "sha256")
    content = HKDFExpand(hashes.SHA256(), 16, b"Content-Encoding: aes128gcm\0").derive(pseudo)
    nonce = HKDFExpand(hashes.SHA256(), 12, b"Content-Encoding: nonce\0").derive(pseudo)
    return AESGCM(content).decrypt(nonce, text, None).rstrip(b"\0").removesuffix(b"\2")
