"""Fetching from an address that somebody registered: resolved once, judged, and connected to exactly there.

Nothing is followed, no proxy is asked, and little is read: whoever registers an address must not be able to make the
service knock at doors inside its own network, not even by an answer of the name system that changes between two looks.
"""

import asyncio
import re
import socket
import ssl
from dataclasses import dataclass
from functools import cache
from urllib.parse import SplitResult, urlsplit

import httpx2

from app.domain.addresses import may_reach

SECONDS = 5
"""For all of one fetch."""
MOST_ADDRESSES = 4
LONGEST = 500
"""Characters of an address."""
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=\"?([0-9]{1,9})", re.IGNORECASE | re.ASCII)


class BadAddress(Exception):
    """This address cannot be fetched from. The text says why in one sentence."""


class Unreachable(Exception):
    """Nothing usable came back. `because` is a short word for the audit."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came, and for how many seconds it may be kept by its sender's own words; None where they say nothing."""

    body: bytes
    max_age: int | None


def check_address(url: str) -> SplitResult:
    """The parts of an address we would fetch from. Raises `BadAddress`."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise BadAddress("the address holds characters that none has, or is too long")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress("the address cannot be read") from None
    if parts.scheme != "https" or not parts.hostname or port == 0:
        raise BadAddress("the address must begin with https:// and name a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadAddress("the address must not carry a user, a password or a fragment")
    return parts


async def fetch(url: str, *, private: bool, most: int) -> Fetched:
    """GET `url`, at most `most` bytes. Raises `Unreachable` for anything but a plain 200."""
    try:
        parts = check_address(url)
        async with asyncio.timeout(SECONDS):
            return await _fetch(parts, await _resolve(parts, private=private), most)
    except BadAddress:
        raise Unreachable("address") from None
    except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as error:
        raise Unreachable(f"unreachable ({type(error).__name__})") from None


async def _resolve(parts: SplitResult, *, private: bool) -> list[str]:
    """The addresses of the host. Every one must be one we may connect to: else none of them is to be trusted."""
    assert parts.hostname is not None
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not may_reach(addresses, https=True, allow_private=private):
        raise Unreachable("private-address")
    return addresses[:MOST_ADDRESSES]


async def _fetch(parts: SplitResult, addresses: list[str], most: int) -> Fetched:
    for address in addresses[:-1]:
        try:
            return await _get(parts, address, most)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            continue
    return await _get(parts, addresses[-1], most)


@cache
def _trust() -> ssl.SSLContext:
    """The machine's own list of authorities (and what SSL_CERT_FILE names)."""
    return ssl.create_default_context()


async def _get(parts: SplitResult, address: str, most: int) -> Fetched:
    assert parts.hostname is not None
    host = f"[{address}]" if ":" in address else address
    # the address is the one judged above; the certificate is still that of the name
    pinned = parts._replace(netloc=f"{host}:{parts.port or 443}").geturl()
    headers = {"Host": parts.netloc, "Accept": "application/json", "Accept-Encoding": "identity"}
    async with (
        httpx2.AsyncClient(verify=_trust(), trust_env=False, follow_redirects=False, timeout=SECONDS) as client,
        client.stream("GET", pinned, headers=headers, extensions={"sni_hostname": parts.hostname}) as answer,
    ):
        if answer.status_code != 200:
            raise Unreachable(f"answer-{answer.status_code}")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise Unreachable("encoded")
        body = b""
        async for part in answer.aiter_raw():
            body += part
            if len(body) > most:
                raise Unreachable("too-large")
    said = answer.headers.get("cache-control", "").lower()
    age = _MAX_AGE.search(said)
    return Fetched(body, 0 if "no-store" in said or "no-cache" in said else int(age[1]) if age else None)
