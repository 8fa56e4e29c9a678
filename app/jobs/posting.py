"""One try of one delivery, to an address that somebody registered.

No redirect is followed, no proxy of the environment is used, and of an answer only its status code is read.
"""

import asyncio
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import httpx2

from app.domain.webhooks import TRY_SECONDS, NoAnswer
from app.exchange.reaching import OutOfReach, Resolver, look_up, reachable, trust
from app.exchange.webhooks import BadTarget, Target, target_of

_TIMES = httpx2.Timeout(connect=5, read=10, write=5, pool=5)


class Poster:
    """Sends to one target at a time. A connection never outlives its try, so none is used for another host."""

    def __init__(
        self, resolve: Resolver = look_up, trusting: ssl.SSLContext | None = None, seconds: float = TRY_SECONDS
    ) -> None:
        self._resolve = resolve
        self._trusting = trusting
        self._seconds = seconds
        self._client: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _open(self) -> httpx2.AsyncClient:
        # made at the first delivery: a service without webhooks never pays for it
        if self._client is None:
            self._client = httpx2.AsyncClient(
                verify=self._trusting or trust(),
                trust_env=False,
                follow_redirects=False,
                timeout=_TIMES,
                limits=httpx2.Limits(max_connections=100, max_keepalive_connections=0),
            )
        return self._client

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool) -> str:
        """What came of it: a status code as text, or a `NoAnswer`."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(target_of(url, allow_private=allow_private), body, headers, allow_private)
        except BadTarget:
            return NoAnswer.ADDRESS
        except TimeoutError:
            return NoAnswer.TIME

    async def _post(self, target: Target, body: bytes, headers: Mapping[str, str], allow_private: bool) -> str:
        try:
            addresses = await reachable(
                target.host, target.port, https=target.https, allow_private=allow_private, resolve=self._resolve
            )
        except OutOfReach:
            return NoAnswer.ADDRESS
        except (OSError, UnicodeError):
            return NoAnswer.NO_ADDRESS
        outcome: str = NoAnswer.CONNECTION
        for address in addresses:
            outcome = await self._send(target, address, body, headers)
            if outcome != NoAnswer.CONNECTION:
                break
        return outcome

    async def _send(self, target: Target, address: str, body: bytes, headers: Mapping[str, str]) -> str:
        request = httpx2.Request(
            "POST",
            httpx2.URL(target.url).copy_with(host=address),
            headers={**headers, "host": target.authority},
            content=body,
            # the certificate is held against the name, though the connection goes to the address
            extensions={"sni_hostname": target.host, "timeout": _TIMES.as_dict()},
        )
        try:
            answer = await self._open().send(request, stream=True)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            return NoAnswer.CONNECTION
        except httpx2.TimeoutException:
            return NoAnswer.TIME
        except (httpx2.HTTPError, ssl.SSLError, OSError):
            return NoAnswer.BROKEN
        # closed unread: whatever it holds is nothing to us
        await answer.aclose()
        return str(answer.status_code)
