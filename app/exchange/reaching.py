"""An address that somebody registered: its name is looked up once, every answer judged, and one of these connected to.

Whoever registers an address must not be able to make the service knock at doors inside its own network, not even by a
name system whose answer changes between two looks.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import cache

from app.domain.addresses import may_reach

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host, in the order in which they are to be tried. Raises OSError where it has none."""
MOST_ADDRESSES = 4


class OutOfReach(Exception):
    """One of the addresses of a host is one that we must not connect to, so none of them is to be trusted."""


@cache
def trust() -> ssl.SSLContext:
    """The machine's own list of authorities (and what SSL_CERT_FILE names)."""
    return ssl.create_default_context()


async def look_up(host: str, port: int) -> list[str]:
    """The system's own answer."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def reachable(
    host: str, port: int, *, https: bool, allow_private: bool, resolve: Resolver = look_up
) -> list[str]:
    """The addresses of a host to try, in order. Raises `OutOfReach`; OSError or UnicodeError where it has none."""
    addresses = await resolve(host, port)
    if not addresses:
        raise OSError("the host has no address")
    if not may_reach(addresses, https=https, allow_private=allow_private):
        raise OutOfReach
    return addresses[:MOST_ADDRESSES]
