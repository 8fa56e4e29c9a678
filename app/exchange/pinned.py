"""Fetching from an address that somebody registered. Nothing is followed, no proxy is asked, and little is read."""

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httpx2

from app.exchange.reaching import OutOfReach, reachable, trust

SECONDS = 5
"""For all of one fetch."""
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
            addresses = await reachable(parts.hostname or "", parts.port or 443, https=True, allow_private=private)
            return await _fetch(parts, addresses, most)
    except BadAddress:
        raise Unreachable("address") from None
    except OutOfReach:
        raise Unreachable("private-address") from None
    except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as error:
        raise Unreachable(f"unreachable ({type(error).__name__})") from None


async def _fetch(parts: SplitResult, addresses: list[str], most: int) -> Fetched:
    for address in addresses[:-1]:
        try:
            return await _get(parts, address, most)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            continue
    return await _get(parts, addresses[-1], most)


async def _get(parts: SplitResult, address: str, most: int) -> Fetched:
    assert parts.hostname is not None
    host = f"[{address}]" if ":" in address else address
    # the address is the one judged above; the certificate is still that of the name
    pinned = parts._replace(netloc=f"{host}:{parts.port or 443}").geturl()
    headers = {"Host": parts.netloc, "Accept": "application/json", "Accept-Encoding": "identity"}
    async with (
        httpx2.AsyncClient(verify=trust(), trust_env=False, follow_redirects=False, timeout=SECONDS) as client,
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
