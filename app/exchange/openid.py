"""Asking an OpenID provider who somebody is: what it says of itself, where people are sent, what its ID token proves.

The code flow with PKCE (S256), and nothing else. Whatever a provider may choose, we take in one way alone: the issuer
exactly as it is registered, our client id as the only audience, RS256 or ES256.
Sources: OpenID Connect Core 1.0 and Discovery 1.0; RFC 6749, 7636, 8414, 9207, 9700.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeGuard
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from app.domain.providers import Identity, Provider
from app.exchange.base64url import encoded
from app.exchange.jose import (
    PROVIDERS,
    SKEW,
    Keys,
    SignedText,
    Unproven,
    Unusable,
    check_signed,
    instant_in,
    read_keys,
    read_object,
    read_signed,
)
from app.exchange.pinned import PostedForm, Unreachable, fetch
from app.exchange.registered import BadAddress, check_address

LONGEST_TOKEN = 32 * 1024
"""Characters of an ID token; some providers put everybody's groups into it."""
LONGEST_ANSWER = 128 * 1024
"""Bytes of the answer that brings it."""
LIFE = timedelta(minutes=10)
"""How old an ID token may be: it is fetched as soon as it is made."""
_SUBJECT = re.compile(r"[\x20-\x7e]{1,255}\Z", re.ASCII)
_WELL_KNOWN = "/.well-known/openid-configuration"


class BadMetadata(Unusable):
    """What a provider says of itself cannot be worked with."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself. `by_form`: it takes our secret in the form alone.

    `names_itself`: it says in each answer that it is the one who answers.
    """

    issuer: str
    go_to: str
    token_url: str
    keys_url: str
    by_form: bool
    names_itself: bool


def metadata_url(issuer: str) -> str:
    """Where a provider says what it is."""
    return issuer.removesuffix("/") + _WELL_KNOWN


def _address(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    try:
        check_address(value if isinstance(value, str) else "")
    except BadAddress:
        raise BadMetadata(f"{name} is no address") from None
    return str(value)


def _words(found: Mapping[str, Any], name: str, usual: list[str]) -> list[Any]:
    value = found.get(name, usual)
    if not isinstance(value, list):
        raise BadMetadata(f"{name} is no list")
    return value


def read_metadata(raw: bytes, issuer: str) -> Metadata:
    """What the provider of exactly this issuer says of itself. Raises `BadMetadata`."""
    try:
        found = read_object(raw)
    except ValueError:
        raise BadMetadata("not a JSON object") from None
    if found.get("issuer") != issuer:
        raise BadMetadata("another issuer")
    if "code" not in _words(found, "response_types_supported", ["code"]):
        raise BadMetadata("no code flow")
    # not every provider that knows PKCE says so; one that names its methods must name ours
    if "S256" not in _words(found, "code_challenge_methods_supported", ["S256"]):
        raise BadMetadata("no S256")
    methods = _words(found, "token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if "client_secret_basic" not in methods and "client_secret_post" not in methods:
        raise BadMetadata("takes no secret")
    return Metadata(
        issuer,
        _address(found, "authorization_endpoint"),
        _address(found, "token_endpoint"),
        _address(found, "jwks_uri"),
        by_form="client_secret_basic" not in methods,
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
    )


def read_provider_keys(raw: bytes) -> Keys:
    """The keys that a provider signs with. Raises `BadKeys`."""
    return read_keys(raw, PROVIDERS)


# --- one way there and back ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Journey:
    """One way to a provider and back. `state` goes along; `browser` stays in the browser that set out.

    Verifier and nonce are made of both, so that neither lies anywhere meanwhile.
    """

    state: str = field(repr=False)
    browser: str = field(repr=False)
    back_to: str

    def _made(self, purpose: str) -> str:
        digest = hmac.new(self.browser.encode(), f"{purpose}\n{self.state}".encode(), hashlib.sha256).digest()
        return encoded(digest)

    @property
    def verifier(self) -> str:
        """The code verifier of PKCE."""
        return self._made("verifier")

    @property
    def nonce(self) -> str:
        """What the ID token has to name."""
        return self._made("nonce")


def address_to(metadata: Metadata, provider: Provider, journey: Journey) -> str:
    """Where the browser goes, to say there who somebody is."""
    challenge = encoded(hashlib.sha256(journey.verifier.encode()).digest())
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": journey.back_to,
        "scope": "openid",
        "state": journey.state,
        "nonce": journey.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        # a tablet is many people's: whoever was there before is not meant
        "prompt": "login",
    }
    parts = urlsplit(metadata.go_to)
    query = "&".join(part for part in (parts.query, urlencode(asked)) if part)
    return urlunsplit(parts._replace(query=query))


async def redeem(metadata: Metadata, provider: Provider, secret: str, code: str, journey: Journey) -> str:
    """The ID token for a code. Raises `Unproven`."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": journey.back_to,
        "code_verifier": journey.verifier,
    }
    authorization = None
    if metadata.by_form:
        fields |= {"client_id": provider.client_id, "client_secret": secret}
    else:
        both = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"
        authorization = f"Basic {base64.b64encode(both.encode()).decode()}"
    try:
        form = PostedForm(fields, authorization)
        came = await fetch(metadata.token_url, private=provider.private, most=LONGEST_ANSWER, form=form)
        token = read_object(came.body).get("id_token")
    except Unreachable as problem:
        raise Unproven(f"code: {problem.because}") from None
    except ValueError:
        raise Unproven("code: not a JSON object") from None
    if not isinstance(token, str):
        raise Unproven("no-id-token")
    return token


# --- the ID token ----------------------------------------------------------------------------------------------------


def read_id_token(token: str) -> SignedText:
    """An ID token, taken apart: nothing of it is proved. Raises `Unproven`."""
    return read_signed(token, PROVIDERS, LONGEST_TOKEN)


def check_id_token(signed: SignedText, keys: Keys, provider: Provider, nonce: str, wall: datetime) -> Identity:
    """Who it proves somebody to be, to us, now, on this journey. Raises `Unproven`."""
    check_signed(signed.compact, signed.kid, signed.algorithm, keys, PROVIDERS)
    claims = signed.claims
    if claims.get("iss") != provider.issuer:
        raise Unproven("issuer")
    # one that is meant for somebody else as well could be brought here by them
    if claims.get("aud") not in (provider.client_id, [provider.client_id]):
        raise Unproven("audience")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise Unproven("authorized-party")
    _check_times(claims, wall)
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise Unproven("nonce")
    subject = claims.get("sub")
    if not is_subject(subject):
        raise Unproven("subject")
    return Identity(provider.issuer, subject)


def is_subject(found: object) -> TypeGuard[str]:
    """Whether it can be somebody's name at a provider."""
    return isinstance(found, str) and _SUBJECT.match(found) is not None


def _check_times(claims: Mapping[str, Any], wall: datetime) -> None:
    expires, issued, begins = (instant_in(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None:
        raise Unproven("no-exp" if expires is None else "no-iat")
    if wall >= expires + SKEW:
        raise Unproven("expired")
    if not wall - LIFE - SKEW <= issued <= wall + SKEW:
        raise Unproven("issued-at")
    if begins is not None and begins > wall + SKEW:
        raise Unproven("not-yet")
