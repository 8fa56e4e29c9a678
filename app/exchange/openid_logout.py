"""What a provider posts to us when somebody has signed out there: a logout token, and what it proves.

Source: OpenID Connect Back-Channel Logout 1.0, 2.4 to 2.8. `exp` is looked at where it is there: providers of before
2022 leave it out, and `iat` bounds it all the same.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from app.domain.providers import Identity, Provider
from app.exchange.jose import PROVIDERS, SKEW, Keys, SignedText, Unproven, check_signed, instant_in, read_signed
from app.exchange.openid import LIFE, is_subject

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST = 8 * 1024
"""Characters of a logout token."""
_KINDS = frozenset({"JWT", "LOGOUT+JWT"})
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class SignedOutThere:
    """Who has signed out at the provider.

    `token_hash`: names this token for ever. `good_until`: from then on it proves nothing.
    """

    identity: Identity
    token_hash: str
    good_until: datetime


def read_logout_token(token: str) -> SignedText:
    """A logout token, taken apart: nothing of it is proved. Raises `Unproven`."""
    return read_signed(token, PROVIDERS, LONGEST, _KINDS)


def check_logout_token(signed: SignedText, keys: Keys, provider: Provider, wall: datetime) -> SignedOutThere:
    """Whom it proves to have signed out there. Whether it came before is not asked here. Raises `Unproven`."""
    check_signed(signed.compact, signed.kid, signed.algorithm, keys, PROVIDERS)
    claims = signed.claims
    if claims.get("iss") != provider.issuer:
        raise Unproven("issuer")
    if claims.get("aud") not in (provider.client_id, [provider.client_id]):
        raise Unproven("audience")
    good_until = _good_until(signed, wall)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise Unproven("events")
    # what has one is for signing in
    if "nonce" in claims:
        raise Unproven("nonce")
    jti, subject = claims.get("jti"), claims.get("sub")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_ID:
        raise Unproven("no-jti")
    if not is_subject(subject):
        # a session of theirs (`sid`) alone names nobody here
        raise Unproven("subject")
    digest = hashlib.sha256(f"{provider.issuer}\n{jti}".encode()).hexdigest()
    return SignedOutThere(Identity(provider.issuer, subject), digest, good_until)


def _good_until(signed: SignedText, wall: datetime) -> datetime:
    expires, issued = instant_in(signed.claims, "exp"), instant_in(signed.claims, "iat")
    if issued is None:
        raise Unproven("no-iat")
    if not wall - LIFE - SKEW <= issued <= wall + SKEW:
        raise Unproven("issued-at")
    if expires is not None and wall >= expires + SKEW:
        raise Unproven("expired")
    return issued + LIFE + SKEW
