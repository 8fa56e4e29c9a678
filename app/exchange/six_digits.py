"""Six digits that change every thirty seconds, as authenticator apps show them (TOTP; RFC 6238)."""

import hmac
from datetime import datetime

import pyotp

SECONDS = 30
AROUND = 1
"""Steps before and after the service's own that are taken too: a phone's clock, and slow fingers (RFC 6238, 5.2)."""


def new_secret() -> str:
    """160 bits of chance, in base32 (RFC 4226, 4)."""
    return pyotp.random_base32(32)


def address(secret: str, who: str, service: str) -> str:
    """What an authenticator app opens, or reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=who, issuer_name=service)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Of which step around `now` the code is; None of none."""
    at = int(now.timestamp()) // SECONDS
    codes = pyotp.HOTP(secret)
    found = [step for step in range(at - AROUND, at + AROUND + 1) if hmac.compare_digest(codes.at(step), code)]
    return max(found, default=None)
