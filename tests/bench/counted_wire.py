"""A way to a port of this machine that counts what goes over it: every byte of TCP's payload, in both directions."""

import socket
import threading
from contextlib import suppress
from typing import Self


class CountedWire:
    """Forwards whole connections. `up`: bytes towards the service, `down`: bytes from it."""

    def __init__(self, port: int) -> None:
        self.up = self.down = 0
        self._port = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self._ends: set[socket.socket] = set()
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for end in (self._door, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    @property
    def bytes(self) -> int:
        return self.up + self.down

    def _accept(self) -> None:
        with suppress(OSError):  # the door was shut
            while True:
                near, _ = self._door.accept()
                far = socket.create_connection(("127.0.0.1", self._port))
                self._ends |= {near, far}
                for one, other, name in ((near, far, "up"), (far, near, "down")):
                    threading.Thread(target=self._pump, args=(one, other, name), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket, name: str) -> None:
        # each direction of a connection is one thread's; that all of them add to one number is what the lock is for
        with suppress(OSError):
            while data := one.recv(65536):
                with _ADDING:
                    setattr(self, name, getattr(self, name) + len(data))
                other.sendall(data)
        with suppress(OSError):  # whoever has said all may still be answered
            other.shutdown(socket.SHUT_WR)


_ADDING = threading.Lock()
