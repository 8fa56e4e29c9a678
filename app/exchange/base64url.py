"""Base64url without padding (RFC 7515, section 2), as browsers, tokens and keys write bytes."""

import base64


def encoded(raw: bytes) -> str:
    """These bytes as text."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
