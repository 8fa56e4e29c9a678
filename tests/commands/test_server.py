"""The service ends at once, though pages that are let go knock again while it does."""

import asyncio
import socket
import threading
import time
from typing import Any

import pytest
import uvicorn

from app.server import PortTaken, Server, listening

TURNS = range(6)
"""Turns of the loop between the knock and the end: each is another race between the two."""


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "lifespan"
    for _ in range(2):
        message = await receive()
        await send({"type": f"{message['type']}.complete"})


class Counting(Server):
    """Counts who was still there when all had been told to go, and had had a second for it."""

    left = 0

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self.left = len(self.server_state.connections)
        for connection in self.server_state.connections:
            connection.transport.abort()  # type: ignore[union-attr]
        await asyncio.sleep(0.05)


class Hasty(Counting):
    """As a server ends without our care: streams are let go while the door stands open."""

    async def stop_listening(self) -> None:
        pass


def left_behind(kind: type[Counting], turns: int) -> int:
    door = listening("127.0.0.1", 0)
    address, knocked = door.getsockname(), []

    async def knock() -> None:
        try:
            knocked.append(socket.create_connection(address))
        except ConnectionRefusedError:
            return
        for _ in range(turns):
            await asyncio.sleep(0)

    server = kind(uvicorn.Config(nothing, log_config=None, lifespan="on", timeout_graceful_shutdown=1), knock)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    server.should_exit = True
    thread.join(30)
    door.close()
    for one in knocked:
        one.close()
    return server.left


def test_nobody_is_waited_for_who_came_while_it_ended() -> None:
    assert [left_behind(Counting, turns) for turns in TURNS] == [0] * len(TURNS)


def test_control_with_the_door_open_somebody_is() -> None:
    assert any(left_behind(Hasty, turns) for turns in TURNS)


def test_a_taken_port_is_said() -> None:
    with listening("127.0.0.1", 0) as door, pytest.raises(PortTaken, match="already in use; choose another with PORT"):
        listening("127.0.0.1", door.getsockname()[1])
