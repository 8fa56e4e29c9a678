"""Webhooks as others read them: Standard Webhooks, signed with HMAC-SHA256. And which addresses may be registered.

Source: the Standard Webhooks specification; the signing itself is its own library's.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from standardwebhooks import Webhook as Signer

from app import __version__
from app.domain.addresses import Reach, reach_of
from app.domain.canonical import Json, canonical_json
from app.domain.errors import Invalid
from app.domain.feed import FeedItem, item_document
from app.domain.instants import to_text

SECRET_BYTES = 32
LONGEST_URL = 1000
USER_AGENT = f"infusion-vitals/{__version__}"


class BadTarget(Invalid):
    """A webhook cannot be sent there."""

    code = "bad-webhook-target"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: its host as it is named, and the port."""

    url: str
    host: str
    port: int
    https: bool

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.https else 80) else f"{host}:{self.port}"


def target_of(url: str, *, allow_private: bool) -> Target:
    """The target a URL names. Raises `BadTarget` with a sentence that says what would be right.

    Names are looked up, and their addresses judged, when something is sent.
    """
    if len(url) > LONGEST_URL or not url.isascii() or any(not 0x20 < ord(one) < 0x7F for one in url) or "\\" in url:
        raise BadTarget(f"the address must be at most {LONGEST_URL} plain ASCII characters without spaces")
    try:
        parts = urlsplit(url)
        port = _port(parts)
    except ValueError:
        raise BadTarget("the address cannot be read as a URL") from None
    https = parts.scheme == "https"
    if not https and not (parts.scheme == "http" and allow_private):
        raise BadTarget("the address must begin with https:// (http:// only within the own network, by the operator)")
    if not parts.hostname or "%" in parts.netloc:
        raise BadTarget("the address names no host")
    if parts.username is not None or parts.password is not None:
        raise BadTarget("the address must hold no user name or password: deliveries are signed instead")
    if parts.fragment:
        raise BadTarget("the address must not hold a fragment (#...)")
    # below 1024 live the services of a machine itself: mail, remote shells, file shares
    if port not in (80, 443) and port < 1024:
        raise BadTarget(f"port {port} is no port for a webhook: use 443, or one from 1024 on")
    _check_literal(parts.hostname, https=https, allow_private=allow_private)
    return Target(url, parts.hostname, port, https)


def _port(parts: SplitResult) -> int:
    if parts.port is None:
        return 443 if parts.scheme == "https" else 80
    return parts.port


def _check_literal(host: str, *, https: bool, allow_private: bool) -> None:
    """An address written out is judged at once."""
    if ":" not in host and not host.replace(".", "").isdigit():
        return
    match reach_of(host):
        case Reach.PUBLIC if https:
            return
        case Reach.PRIVATE if allow_private:
            return
        case _:
            raise BadTarget(f"{host} is no public address; one of the own network is added by the operator")


def new_secret(random_bytes: bytes) -> str:
    """A signing secret as both sides write it. `random_bytes`: `SECRET_BYTES` of them."""
    return f"whsec_{base64.b64encode(random_bytes).decode()}"


def message(item: FeedItem, *, with_values: bool) -> bytes:
    """The body: `{type, timestamp, data}`; ids alone, and the values only where the clinic allows it."""
    data: dict[str, Json] = dict(item_document(item))
    if with_values:
        data["values"] = item.values
    return canonical_json({"type": item.kind, "timestamp": to_text(item.at), "data": data})


def headers(item: FeedItem, body: bytes, secrets: Sequence[str], wall: datetime) -> dict[str, str]:
    """The headers of one try. The id is the event's, and the same at each try; each secret leaves a signature."""
    key = str(item.id)
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": key,
        "webhook-timestamp": str(int(wall.timestamp())),
        "webhook-signature": " ".join(Signer(secret).sign(key, wall, body.decode()) for secret in secrets),
    }
