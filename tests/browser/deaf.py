"""A link between tablet and service that can go bad in chosen ways, on loopback."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

STREAM = b"GET /v1/stream"


class Link:
    """Forwards every connection to the service. `deaf`: the stream stays open and brings nothing; `late`: seconds that
    what it brings is under way. `lost`: requests that begin so are taken in, never handed on, and their connection is
    cut. `swapped`: what is told in other words of the same length, as by another version of the service."""

    def __init__(self, port: int) -> None:
        self.deaf = False
        self.late = 0.0
        self.swapped: dict[bytes, bytes] = {}
        self.lost: tuple[bytes, ...] = ()
        self._service = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._welcome, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._door, *self._open):
            with _already_closed():
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _welcome(self) -> None:
        with _already_closed():
            while True:
                tablet, _ = self._door.accept()
                service = socket.create_connection(("127.0.0.1", self._service))
                self._open += [tablet, service]
                Line(self, tablet, service).start()


class Line:
    """One connection, both ways."""

    def __init__(self, link: Link, tablet: socket.socket, service: socket.socket) -> None:
        self._link, self._tablet, self._service = link, tablet, service
        self._streams = False

    def start(self) -> None:
        for way in (self._there, self._back):
            threading.Thread(target=way, daemon=True).start()

    def _there(self) -> None:
        with _already_closed():
            while said := self._tablet.recv(65536):
                if said.startswith((b"GET ", b"PUT ", b"POST ")):
                    self._streams = said.startswith(STREAM)
                if self._link.lost and said.startswith(self._link.lost):
                    break
                self._service.sendall(said)
        self._cut()

    def _back(self) -> None:
        with _already_closed():
            while said := self._service.recv(65536):
                if self._streams and self._link.deaf:
                    continue
                for told, instead in self._link.swapped.items():
                    said = said.replace(told, instead)
                if self._streams and self._link.late:
                    threading.Timer(self._link.late, self._hand_on, [said]).start()
                else:
                    self._tablet.sendall(said)
        self._cut()

    def _hand_on(self, said: bytes) -> None:
        with _already_closed():
            self._tablet.sendall(said)

    def _cut(self) -> None:
        for each in (self._tablet, self._service):
            with _already_closed():
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def _already_closed() -> Iterator[None]:
    try:
        yield
    except OSError:
        # the other side went first
        return
