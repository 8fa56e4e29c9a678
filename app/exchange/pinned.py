"""Fetching from an address that somebody registered. Nothing is followed, no proxy is asked, and little is read."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlencode

import httpx2

from app.exchange.reaching import OutOfReach, reachable, trust
from app.exchange.registered import BadAddress, check_address

SECONDS = 5
"""For all of one fetch."""
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=\"?([0-9]{1,9})", re.IGNORECASE | re.ASCII)


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


@dataclass(frozen=True, slots=True)
class PostedForm:
    """What is posted instead of asked for. `authorization`: the header of that name, where it goes with one."""

    fields: Mapping[str, str] = field(repr=False)
    authorization: str | None = field(default=None, repr=False)


async def fetch(url: str, *, private: bool, most: int, form: PostedForm | None = None) -> Fetched:
    """GET `url`, or POST a form to it; at most `most` bytes come. Raises `Unreachable` for anything but a plain 200."""
    try:
        parts = check_address(url)
        async with asyncio.timeout(SECONDS):
            addresses = await reachable(parts.hostname or "", parts.port or 443, https=True, allow_private=private)
            return await _fetch(parts, addresses, most, form)
    except BadAddress:
        raise Unreachable("address") from None
    except OutOfReach:
        raise Unreachable("private-address") from None
    except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as error:
        raise Unreachable(f"unreachable ({type(error).__name__})") from None


async def _fetch(parts: SplitResult, addresses: list[str], most: int, form: PostedForm | None) -> Fetched:
    for address in addresses[:-1]:
        try:
            return await _ask(parts, address, most, form)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            continue
    return await _ask(parts, addresses[-1], most, form)


async def _ask(parts: SplitResult, address: str, most: int, form: PostedForm | None) -> Fetched:
    assert parts.hostname is not None
    host = f"[{address}]" if ":" in address else address
    # the address is the one judged above; the certificate is still that of the name
    pinned = parts._replace(netloc=f"{host}:{parts.port or 443}").geturl()
    headers = {"Host": parts.netloc, "Accept": "application/json", "Accept-Encoding": "identity"}
    method, body = "GET", None
    if form is not None:
        method, body = "POST", urlencode(form.fields).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        if form.authorization is not None:
            headers["Authorization"] = form.authorization
    async with (
        httpx2.AsyncClient(verify=trust(), trust_env=False, follow_redirects=False, timeout=SECONDS) as client,
        client.stream(
            method, pinned, headers=headers, content=body, extensions={"sni_hostname": parts.hostname}
        ) as answer,
    ):
        if answer.status_code != 200:
            raise Unreachable(f"answer-{answer.status_code}")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise Unreachable("encoded")
        came = b""
        async for part in answer.aiter_raw():
            came += part
            if len(came) > most:
                raise Unreachable("too-large")
    said = answer.headers.get("cache-control", "").lower()
    age = _MAX_AGE.search(said)
    return Fetched(came, 0 if "no-store" in said or "no-cache" in said else int(age[1]) if age else None)
