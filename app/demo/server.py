"""The service under the demo: really served, on loopback, by a thread of this process."""

import socket
import threading
import time
from types import TracebackType
from typing import Any, Protocol, Self

import uvicorn

from app.clock import Clock


class PortTaken(Exception):
    """The port is in use. The text is one sentence for the operator."""


class Build(Protocol):
    """How the service is made: `create_app` with a database and a clock, handed in because it lies above the demo."""

    def __call__(self, database_url: str, clock: Clock) -> Any: ...


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
        raise PortTaken(f"cannot listen on {host}:{port}: {error.strerror}; choose another with PORT=...") from None
    return found


class _Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # a stream never ends by itself, and is waited for
        await self.config.app.state.frame.following.close()  # type: ignore[union-attr]  # built by the caller
        await super().shutdown(sockets=sockets)


class Service:
    """Serves `app` on an open socket from entry to exit."""

    def __init__(self, app: Any, door: socket.socket) -> None:
        self.app = app
        self._socket = door
        host, port = door.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=3)
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [door]}, name="service", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the service did not start")
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=15)
        self._socket.close()
