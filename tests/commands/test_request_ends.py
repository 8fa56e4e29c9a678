"""Where a request ends is not open to doubt: what two servers could read as one request or as two is refused whole."""

import socket
from typing import Any

import pytest

from app.sockets import Doorkeeper
from tests.commands import test_sockets
from tests.commands.test_sockets import greets, knocking, serving

HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
DOUBTFUL = {
    "a length and chunks": POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and a length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "two lengths in one": POST + b"Content-Length: 0, %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "a length with a sign": POST + b"Content-Length: +0\r\n\r\n" + HIDDEN,
    "a length in hexadecimal": POST + b"Content-Length: 0x0\r\n\r\n" + HIDDEN,
    "a name with a space": POST + b"Content-Length : 0\r\n\r\n" + HIDDEN,
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a coding after chunks": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a folded coding": POST + b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a chunk's size with a sign": POST + b"Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n" + HIDDEN,
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that reach the application."""
    found: list[str] = []

    async def listens(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            found.append(scope["path"])
        await greets(scope, receive, send)

    monkeypatch.setattr(test_sockets, "greets", listens)
    return found


def said(opened: socket.socket) -> bytes:
    """Everything until the other side hangs up, or is silent."""
    opened.settimeout(1)
    found = b""
    try:
        while more := opened.recv(4096):
            found += more
    except OSError:
        pass
    return found


@pytest.mark.parametrize("what", DOUBTFUL)
def test_nothing_hides_behind_a_doubtful_end(asked: list[str], what: str) -> None:
    with serving(Doorkeeper(50, 50)) as address, knocking(address, DOUBTFUL[what]) as opened:
        answer = said(opened)
    assert "/hidden" not in asked, answer
    assert answer.count(b"HTTP/1.1") <= 1


def test_two_requests_whose_ends_are_plain_are_two(asked: list[str]) -> None:
    """The positive control: what is hidden above is heard where nothing is doubtful."""
    with (
        serving(Doorkeeper(50, 50)) as address,
        knocking(address, POST + b"Content-Length: 0\r\n\r\n" + HIDDEN) as opened,
    ):
        answer = said(opened)
    assert asked == ["/", "/hidden"]
    assert answer.count(b"HTTP/1.1 200") == 2
