"""The service under the demo: really served, on loopback, by a thread of this process."""

import socket
import threading
import time
from types import TracebackType
from typing import Any, Protocol, Self

import uvicorn

from app.clock import Clock
from app.server import Server, address_of


class Build(Protocol):
    """How the service is made: `create_app` with a database and a clock, handed in because it lies above the demo."""

    def __call__(self, database_url: str, clock: Clock) -> Any: ...


class Service:
    """Serves `app` on an open socket from entry to exit."""

    def __init__(self, app: Any, listener: socket.socket) -> None:
        self.app = app
        self._socket = listener
        self.url = address_of(listener)
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=3)
        self._server = Server(config, lambda: app.state.frame.following.close())  # noqa: PLW0108  # made when it starts
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="service", daemon=True
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
