"""Base64url without padding (RFC 7515, section 2), as browsers, tokens and keys write bytes."""

import base64
import re

_FORM = re.compile(r"[A-Za-z0-9_-]+\Z", re.ASCII)


def encoded(raw: bytes) -> str:
    """These bytes as text."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes behind a text in its one spelling; at least one. Raises `ValueError` for any other."""
    if not _FORM.match(text):
        raise ValueError("not base64url")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encoded(raw) != text:
        raise ValueError("base64url in another spelling")
    return raw
