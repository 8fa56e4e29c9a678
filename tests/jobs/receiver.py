"""Somebody's receiver on loopback, that behaves as it is told: well, badly, slowly, or not at all."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook as Verifier

from app.exchange.webhooks import new_secret

SECRET = new_secret(bytes(range(32)))


async def here(_host: str, _port: int) -> list[str]:
    """Every name leads to this machine."""
    return ["127.0.0.1"]


@dataclass
class Receiver:
    """`arrived`: every message whose body was read, in order, whatever was answered."""

    port: int = 0
    read: Callable[[bytes], dict[str, Any]] = json.loads
    behave: Callable[[dict[str, Any]], str] = lambda _message: "204"
    arrived: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    leave: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://receiver.internal:{self.port}/in"

    def ids(self) -> list[str]:
        """The ids it keeps: each once."""
        return list(dict.fromkeys(message["data"]["id"] for message in self.arrived))

    def out_of_order(self) -> list[tuple[str, int]]:
        """Messages of a session that arrived after a later one of the same session."""
        newest: dict[str, int] = {}
        wrong = []
        for message in self.arrived:
            data = message["data"]
            lane = data["session_id"] or data["patient_id"] or data["subject_id"]
            if data["position"] < newest.get(lane, 0):
                wrong.append((lane, data["position"]))
            newest[lane] = max(newest.get(lane, 0), data["position"])
        return wrong


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            message = receiver.read(body)
            with receiver.lock:
                receiver.asked.append((self.path, dict(self.headers.items())))
                receiver.arrived.append(message | {"raw": body, "headers": dict(self.headers.items())})
                said = receiver.behave(message)
            self.close_connection = True
            match said:
                case "reset":
                    # the answer is lost on its way
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                case "slow":
                    receiver.leave.wait(30)
                case "endless":
                    self.send_response(200)
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    while not receiver.leave.wait(0.01):
                        try:
                            self.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
                        except OSError:
                            return
                case _:
                    code, _, place = said.partition(" ")
                    self.send_response(int(code))
                    if place:
                        self.send_header("Location", place)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

        def handle(self) -> None:
            with suppress(OSError):
                super().handle()

        def finish(self) -> None:
            with suppress(OSError, ValueError):
                super().finish()

        def log_message(self, *_args: Any) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, _request: Any, _address: Any) -> None:
        pass


@contextmanager
def receiving(
    trust: ssl.SSLContext | None = None, read: Callable[[bytes], dict[str, Any]] = json.loads
) -> Iterator[Receiver]:
    """A receiver that listens while the block runs."""
    receiver = Receiver(read=read)
    server = _Server(("127.0.0.1", 0), _handler(receiver))
    receiver.port = server.server_address[1]
    if trust is not None:
        server.socket = trust.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.leave.set()
        server.shutdown()
        server.server_close()
        thread.join()


def signed_by(message: dict[str, Any], secret: str) -> bool:
    """Whether one of the signatures is this secret's, whatever the clock of the sender says."""
    from datetime import UTC, datetime

    said = {name.lower(): value for name, value in message["headers"].items()}
    at = datetime.fromtimestamp(int(said["webhook-timestamp"]), UTC)
    signature = Verifier(secret).sign(said["webhook-id"], at, message["raw"].decode())
    return said["webhook-id"] == message["data"]["id"] and signature in said["webhook-signature"].split(" ")
