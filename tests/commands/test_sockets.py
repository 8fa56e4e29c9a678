"""Connections are bounded: what comes before a request, the time it has, how many there are, and of one address."""

import logging
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import uvicorn

from app import sockets
from app.server import Server, listening
from app.sockets import HEAD_BYTES, Doorkeeper, TooFewDescriptors, bounded, make_room

ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
OK = b"HTTP/1.1 200"


async def greets(scope: Any, receive: Any, send: Any) -> None:
    """Answers 200 to everything, when it has the whole body."""
    if scope["type"] == "lifespan":
        for _ in range(2):
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
        return
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.request":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


async def _nobody() -> None:
    pass


@contextmanager
def serving(keeper: Doorkeeper | None) -> Iterator[Any]:
    """A server at the door of this keeper; without one, as the web server beneath us does it by itself."""
    door = listening("127.0.0.1", 0)
    how: dict[str, Any] = {"http": bounded(keeper)} if keeper else {}
    config = uvicorn.Config(greets, log_config=None, lifespan="on", timeout_graceful_shutdown=1, **how)
    server = Server(config, _nobody, keeper)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield door.getsockname()
    finally:
        server.should_exit = True
        thread.join(20)


@contextmanager
def knocking(address: Any, first: bytes = b"", *, own: str = "127.0.0.1") -> Iterator[socket.socket]:
    with socket.create_connection(address, timeout=10, source_address=(own, 0)) as opened:
        opened.sendall(first)
        yield opened


def is_cut(opened: socket.socket, within: float = 5.0) -> bool:
    opened.settimeout(within)
    try:
        return opened.recv(1024) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def answers(address: Any, first: bytes = ASK, *, own: str = "127.0.0.1") -> bool:
    with knocking(address, first, own=own) as opened:
        opened.settimeout(10)
        try:
            return opened.recv(64).startswith(OK)
        except OSError:
            return False


ENDLESS = {
    "one header": [b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ", b"a" * 4096],
    "many headers": [b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-More: a\r\n" * 400],
    "the first line": [b"GET /", b"a" * 4096],
    "a trailer": [b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"a" * 4096],
    "a chunk's extension": [b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;x=", b"a" * 4096],
}


def pours(address: Any, beginning: bytes, more: bytes, most: int) -> int:
    """How many bytes it took before it hung up, or `most`."""
    sent = 0
    with knocking(address, beginning) as opened:
        try:
            while sent < most:
                opened.sendall(more)
                sent += len(more)
                time.sleep(0.001)
        except OSError:
            return sent
    return sent


@pytest.mark.parametrize("what", ENDLESS)
def test_what_is_no_body_and_has_no_end_is_cut(what: str) -> None:
    with serving(Doorkeeper(50, 50)) as address:
        assert pours(address, *ENDLESS[what], most=40 * HEAD_BYTES) < 40 * HEAD_BYTES
        assert answers(address)


def test_without_the_keeper_it_would_go_on() -> None:
    """The positive control."""
    with serving(None) as address:
        assert pours(address, *ENDLESS["one header"], most=40 * HEAD_BYTES) >= 40 * HEAD_BYTES


def test_who_says_nothing_or_never_ends_is_cut_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "LOOK_SECONDS"):
        monkeypatch.setattr(sockets, name, 0.3)
    begun = [b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc", ASK + b"GET / HT"]
    with serving(Doorkeeper(50, 50)) as address, ExitStack() as stack:
        opened = [stack.enter_context(knocking(address, first)) for first in begun]
        opened[-1].settimeout(5)
        assert opened[-1].recv(1024).startswith(OK)
        assert all(is_cut(one) for one in opened)
        assert answers(address)


def test_however_many_only_wait_there_is_room_for_who_asks() -> None:
    with serving(Doorkeeper(20, 20)) as address, ExitStack() as stack:
        served = stack.enter_context(knocking(address, ASK))
        assert served.recv(1024).startswith(OK)
        crowd = [stack.enter_context(knocking(address, b"GET / HT")) for _ in range(60)]
        assert all(answers(address) for _ in range(5))
        # who has asked before goes last of those who wait
        served.sendall(ASK)
        assert served.recv(1024).startswith(OK)
        assert is_cut(crowd[0])


def test_one_address_takes_its_share_and_no_more_but_a_proxy() -> None:
    with serving(Doorkeeper(40, 10, lambda address: address == "127.0.0.3")) as address, ExitStack() as stack:
        other = stack.enter_context(knocking(address, b"GET / HT", own="127.0.0.2"))
        proxied = [stack.enter_context(knocking(address, b"GET / HT", own="127.0.0.3")) for _ in range(12)]
        crowd = [stack.enter_context(knocking(address, b"GET / HT")) for _ in range(30)]
        assert [is_cut(one, 0.5) for one in crowd[:20]] == [True] * 20
        assert not any(is_cut(one, 0.05) for one in [*proxied, other])


def test_a_connection_that_talks_nonsense_leaves_no_line_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    upgrade = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    caplog.set_level(logging.INFO)
    with serving(Doorkeeper(50, 50)) as address:
        for _ in range(20):
            assert not answers(address, b"\x16\x03\x01 nonsense\r\n\r\n")
            answers(address, upgrade)
        time.sleep(1)
    lines = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert len(lines) <= 2, lines


def test_descriptors_are_raised_as_far_as_needed_or_the_start_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: told.append(limits))
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 4096))
    make_room(1000)
    assert told == [(1200, 4096)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 1024))
    with pytest.raises(TooFewDescriptors, match="1024 files"):
        make_room(1000)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (4096, 4096))
    make_room(1000)
    assert len(told) == 1
