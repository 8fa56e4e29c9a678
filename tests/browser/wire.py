"""The wire between a tablet and the service: a proxy on loopback that a test can make cut, repeat or rewrite."""

import asyncio
import re
import socket
import threading
from collections import deque
from contextlib import suppress
from enum import StrEnum
from typing import Self
from uuid import uuid4


class Fate(StrEnum):
    """What becomes of one write."""

    CUT_BEFORE = "request cut before the service has it"
    CUT_HALFWAY = "request cut in the middle of its body"
    CUT_AFTER = "reply cut after the commit"
    TWICE = "request delivered twice"
    MAINTENANCE = "answered by somebody else, with 200 and a word of their own"
    FAILED = "answered by somebody else, with 403 and a page"


_OTHERS = {
    Fate.MAINTENANCE: b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"status": "maintenance"}',
    Fate.FAILED: b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n<h1>No</h1>",
}
_WRITE = re.compile(rb"^(?:PUT|POST) /v1/(?:sessions|patients)/[0-9a-f-]{36}")
_READING = re.compile(rb"^(PUT /v1/sessions/[0-9a-f-]{36}/readings/)[0-9a-f-]{36} ")


class Wire:
    """Forwards one request a connection to the service's port. `fates` are used up by the next writes, in order.

    `ids_by_service`: the id in the path of every reading is made anew on the way, as if the service made it: the
    protection removed.
    """

    def __init__(self, port: int, *, ids_by_service: bool = False) -> None:
        self.fates: deque[Fate] = deque()
        self.met: list[Fate] = []
        self.worker = 0
        """Counted up, the next look at the service worker finds another one."""
        self._service = port
        self._ids_by_service = ids_by_service
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="wire", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        serving = asyncio.start_server(self._accept, sock=self._door, limit=1 << 20)
        server = self._loop.run_until_complete(serving)
        self._loop.run_forever()
        # nobody comes in any more; who was on the way in is in after a moment: a closed server would drop the socket
        self._loop.remove_reader(self._door)
        self._loop.run_until_complete(asyncio.sleep(0.05))
        server.close()
        while pending := asyncio.all_tasks(self._loop):
            for task in self._tasks & pending:
                task.cancel()
            self._loop.run_until_complete(asyncio.wait(pending, timeout=0.05))
        # what was closed is gone after a turn of the loop
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    async def _accept(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)  # the loop alone would let go of it
        with suppress(OSError, EOFError, asyncio.CancelledError):
            try:
                await self._one(near, back)
            finally:
                await let_go(back)
        self._tasks.discard(task)

    async def _one(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        head = await near.readuntil(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        body = await near.readexactly(int(length[1])) if length else b""
        if self._ids_by_service:
            head = _READING.sub(lambda found: found[1] + str(uuid4()).encode() + b" ", head)
        # one request a connection: where it ends is where the service closes
        head = re.sub(rb"\r\nconnection: [^\r]*", b"", head, flags=re.IGNORECASE)
        asked = head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + body
        fate = self.fates.popleft() if self.fates and _WRITE.match(head) else None
        if fate is not None:
            self.met.append(fate)
        match fate:
            case None if head.startswith(b"GET /sw.js ") and self.worker > 0:
                await self._another_worker(asked, back)
            case None:
                await self._forward(asked, back)
            case Fate.CUT_BEFORE:
                return
            case Fate.MAINTENANCE | Fate.FAILED:
                back.write(_OTHERS[fate])
                await back.drain()
            case Fate.CUT_HALFWAY:
                await self._forward(asked[: len(asked) - len(body) // 2 - 1], None, whole=False)
            case Fate.CUT_AFTER:
                await self._forward(asked, None)
            case Fate.TWICE:
                await self._forward(asked, None)
                if self._ids_by_service:
                    asked = _READING.sub(lambda found: found[1] + str(uuid4()).encode() + b" ", asked)
                await self._forward(asked, back)

    async def _forward(self, asked: bytes, back: asyncio.StreamWriter | None, *, whole: bool = True) -> None:
        """Sends to the service and gives back what it says as it comes; None: its answer is read and lost."""
        answer, out = await asyncio.open_connection("127.0.0.1", self._service)
        try:
            out.write(asked)
            await out.drain()
            while whole and (piece := await answer.read(65536)):
                if back is not None:
                    back.write(piece)
                    await back.drain()
        finally:
            await let_go(out)

    async def _another_worker(self, asked: bytes, back: asyncio.StreamWriter) -> None:
        answer, out = await asyncio.open_connection("127.0.0.1", self._service)
        try:
            out.write(re.sub(rb"(?i)\r\n(?:if-[a-z-]+|accept-encoding): [^\r]*", b"", asked))
            said = await answer.read(-1)
        finally:
            await let_go(out)
        more = f"\n// {self.worker}".encode()
        said = re.sub(
            rb"(?i)(\r\ncontent-length: )(\d+)",
            lambda found: found[1] + str(int(found[2]) + len(more)).encode(),
            said,
            count=1,
        )
        back.write(said + more)
        await back.drain()


async def let_go(writer: asyncio.StreamWriter) -> None:
    """Ends a connection, whoever still reads from it."""
    try:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    finally:
        writer.transport.abort()  # told to stop, it waits for nobody to read the rest
