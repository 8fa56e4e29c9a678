"""A machine of others, over real HTTP: finds the service's own word on signing in, and gets a token.

Knows nothing of our code. For whoever brings a client of theirs: `token(base, client_id, key, scope)`.
"""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from tests.exchange.keys import Key, claims, signed

PROOF = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: dict[str, Any]


def _ask(request: urllib.request.Request | str) -> Answer:
    try:
        with urllib.request.urlopen(request, timeout=20) as found:
            return Answer(found.status, json.load(found))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, json.load(error))


def configuration(base: str) -> dict[str, Any]:
    """What the service at `base` says of signing in, from where SMART looks for it: under its FHIR address."""
    return _ask(f"{base}/fhir/.well-known/smart-configuration").body


def assertion(base: str, client_id: str, key: Key, **other: Any) -> str:
    """Signed now, for the token endpoint that the service names."""
    return signed(key, claims(client_id, configuration(base)["token_endpoint"], datetime.now(UTC), **other))


def sign_in(base: str, proof: str, scope: str, **other: str) -> Answer:
    """A request for a token at the endpoint that the service names."""
    fields = {"grant_type": "client_credentials", "scope": scope, "client_assertion_type": PROOF}
    body = urlencode(fields | {"client_assertion": proof} | other).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return _ask(urllib.request.Request(configuration(base)["token_endpoint"], body, headers))


def token(base: str, client_id: str, key: Key, scope: str = "system/*.rs", **other: str) -> str:
    """An access token. `other`: more fields of the request, such as `clinic`."""
    found = sign_in(base, assertion(base, client_id, key), scope, **other)
    assert found.status == 200, found
    return str(found.body["access_token"])
