"""Where the service listens, and how everybody is let go when it ends."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import uvicorn

from app.sockets import Doorkeeper


class PortTaken(Exception):
    """The port is in use, or the address is not this machine's. The text is one sentence for the operator."""


def listening(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises `PortTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(128)
    except OSError as error:
        found.close()
        reason = (error.strerror or str(error)).lower()
        raise PortTaken(f"cannot listen on {host} port {port}: {reason}; choose another with PORT") from None
    return found


def address_of(listener: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """Serves until told to end. `let_go` ends what never ends by itself, such as streams."""

    def __init__(
        self, config: uvicorn.Config, let_go: Callable[[], Awaitable[None]], keeper: Doorkeeper | None = None
    ) -> None:
        super().__init__(config)
        self._let_go = let_go
        self._keeper = keeper

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: connections are looked over as well."""
        if self._keeper is not None:
            self._keeper.look()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Lets everybody go. Nobody comes in any more: a page that is let go knocks again at once."""
        await self.stop_listening()
        await self._let_go()
        await super().shutdown(sockets=sockets)

    async def stop_listening(self) -> None:
        """Afterwards everybody who is in is known: who was just coming in is in after a moment."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(0.05)
