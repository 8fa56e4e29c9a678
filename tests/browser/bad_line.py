"""A bad line in made-up time: what is told of one chair comes late, held back, twice, out of order, cut or not at all.

The page's timers and this line's delays go by one clock that the test steps, so minutes are tried in seconds. What is
told are the real service's own words about a chair that is met and one that is not, recorded before, with the instants
and versions of the moment; whatever else the page asks for is handed on to the service.
"""

import asyncio
import json
import random
import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from tests.browser.wire import let_go


class Fate(StrEnum):
    """What becomes of what is under way."""

    PASSES = "passes"
    LATE = "comes late"
    HELD = "is held back, and comes all at once"
    LOST = "never comes"
    TWICE = "comes twice"
    SWAPPED = "comes in another order"
    CUT = "ends in the middle"
    OLDER = "is replaced by what was said before"
    OTHER = "is answered by somebody else"
    NEWER = "is said by a service that is newer than the app"


FATES = (Fate.PASSES, Fate.PASSES, *Fate)
"""Of ten moments three are good ones."""


@dataclass
class Chair:
    """One chair at the service, met and not met by turns. `lines`, `looks`: the service's own words of both."""

    id: str
    lines: dict[bool, dict[str, Any]]
    looks: dict[bool, dict[str, Any]]
    now: float
    """Epoch milliseconds."""
    met: bool = True
    version: int = 1_000
    moves: int = 7
    since: float = field(init=False)

    def __post_init__(self) -> None:
        self.since = self.now

    def flip(self) -> None:
        """The record says otherwise from now on."""
        self.met, self.since = not self.met, self.now
        self.version += 1
        self.moves += 1

    def _word(self) -> dict[str, Any]:
        lapses_at = iso(self.now + 600_000) if self.met else None
        return {"status": "met" if self.met else "not-met", "digest": f"{self.version:064x}", "lapses_at": lapses_at}

    def line(self) -> dict[str, Any]:
        """As the board has it."""
        return {**self.lines[self.met], **self._word(), "version": self.version, "status_since": iso(self.since)}

    def event(self, items: list[dict[str, Any]]) -> str:
        """As the stream says it."""
        return json.dumps({"items": items, "gone": [], "as_of": iso(self.now), "version": self.moves})

    def look(self) -> dict[str, Any]:
        """The whole record."""
        held = self.looks[self.met]
        return {
            **held,
            "version": self.version,
            "readiness": {**held["readiness"], **self._word(), "as_of": iso(self.since)},
        }

    def clock(self) -> dict[str, Any]:
        """What time it is."""
        return {"now": iso(self.now), "wall": iso(self.now), "pace": 1, "demo": False}

    def contact(self) -> dict[str, Any]:
        """The answer to a heartbeat."""
        standing = {"id": self.id, "readiness": {**self._word(), "as_of": iso(self.since)}}
        return {**self.clock(), "clock_in_doubt": False, "name": None, "sessions": [standing]}


def iso(epoch_ms: float) -> str:
    """An instant as the service writes it."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class BadLine:
    """The line between one page and the service on `port`. It is good until `chair` is set and `turn` is called.

    `by_arrival`: the guard taken out, as if each event said of itself what a page that goes by its coming would think.
    """

    def __init__(self, port: int) -> None:
        self.chair: Chair | None = None
        self.fate = Fate.PASSES
        self.among = FATES
        self.fates: set[Fate] = set()
        self.by_arrival = False
        self.chance = random.Random(0)
        self._service = port
        self._older: list[str] = []
        self._answers: dict[str, bytes] = {}
        self._waits: list[str] = []
        self._follower: asyncio.StreamWriter | None = None
        self._handed = 0
        self._due: list[tuple[float, Callable[[], None]]] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="bad-line", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def do(self, act: Callable[[], None]) -> None:
        """Does something on the line's own thread, and waits until it is done."""
        done = threading.Event()

        def acted() -> None:
            act()
            done.set()

        self._loop.call_soon_threadsafe(acted)
        assert done.wait(10)

    def turn(self) -> None:
        """Another fate for what comes next."""
        self.fate = self.chance.choice(self.among)
        self.fates.add(self.fate)
        if self.fate is not Fate.HELD:
            self._flush()

    def heal(self) -> None:
        """All passes from now on; whoever follows begins anew."""
        self.fate = Fate.PASSES
        self._waits.clear()
        self._end()

    def goes_on(self, now: float) -> None:
        """It is so late now: what was due by then comes."""
        assert self.chair is not None
        self.chair.now = now
        due = [each for each in self._due if each[0] <= now]
        self._due = [each for each in self._due if each[0] > now]
        for _, act in sorted(due, key=lambda each: each[0]):
            act()

    def tell(self, items: list[dict[str, Any]]) -> None:
        """The service says something on the stream."""
        assert self.chair is not None
        text, follower = self.chair.event(items), self._follower
        match self.fate:
            case Fate.PASSES | Fate.OTHER:
                self._hand(text)
            case Fate.LATE:
                wait = self.chance.uniform(1_000, 60_000)
                self._due.append((self.chair.now + wait, lambda: self._hand(text, follower)))
            case Fate.HELD:
                self._waits.append(text)
            case Fate.TWICE:
                self._hand(text)
                self._hand(text)
            case Fate.SWAPPED:
                self._waits.append(text)
                if len(self._waits) > 1:
                    self._waits.reverse()
                    self._flush()
            case Fate.OLDER:
                self._hand(self.chance.choice(self._older or [text]))
            case Fate.CUT:
                self._write(f"event: board\ndata: {text[: len(text) // 2]}")
                self._end()
            case Fate.NEWER:
                self._hand(text.replace("dissociation-absent", "dissociation-waning"))
            case Fate.LOST:
                pass
        self._older.append(text)

    def _flush(self) -> None:
        waits, self._waits = self._waits, []
        for text in waits:
            self._hand(text)

    def _hand(self, text: str, follower: asyncio.StreamWriter | None = None) -> None:
        if follower is not None and follower is not self._follower:
            return
        if self.by_arrival:
            assert self.chair is not None
            news = json.loads(text)
            self._handed += 1 if news["items"] or self._handed == 0 else 0
            text = json.dumps({**news, "as_of": iso(self.chair.now), "version": self._handed})
        self._write(f"event: board\ndata: {text}\n\n")

    def _write(self, text: str) -> None:
        if self._follower is not None:
            with suppress(OSError, RuntimeError):
                self._follower.write(text.encode())

    def _end(self) -> None:
        if self._follower is not None:
            self._follower.close()
            self._follower = None

    # --- the connections ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, sock=self._door, limit=1 << 20))
        self._loop.run_forever()
        server.close()
        while pending := asyncio.all_tasks(self._loop):
            for task in pending:
                task.cancel()
            self._loop.run_until_complete(asyncio.wait(pending, timeout=0.05))
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
        path = head.split(b" ", 2)[1].decode()
        if self.chair is None or not (told := self._told(path)):
            await self._forward(head, body, back)
        elif path == "/v1/stream":
            await self._follow(near, back)
        else:
            await self._answer(path, head, told, back)

    def _told(self, path: str) -> Callable[[], dict[str, Any]] | None:
        """What this line says itself of what is asked for."""
        assert self.chair is not None
        chair = self.chair
        if path == "/v1/clock":
            return chair.clock
        if path.endswith("/contact"):
            return chair.contact
        if path == f"/v1/sessions/{chair.id}":
            return chair.look
        return chair.line if path == "/v1/stream" else None

    async def _follow(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        assert self.chair is not None
        self._end()
        self._waits, self._handed, self._follower = [], 0, back
        back.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        self.tell([self.chair.line()])
        await near.read()

    async def _answer(
        self, path: str, head: bytes, told: Callable[[], dict[str, Any]], back: asyncio.StreamWriter
    ) -> None:
        assert self.chair is not None
        etag = f'W/"{self.chair.version}"' if told == self.chair.look else ""
        held = re.search(rb"\r\nif-none-match: *([^\r]+)", head, re.IGNORECASE)
        answer = _answered(told(), etag, still=held is not None and held[1].decode() == etag)
        match self.fate:
            case Fate.PASSES | Fate.NEWER:
                self._answers[path] = answer
            case Fate.OLDER:
                answer = self._answers.get(path, answer)
                if answer.startswith(b"HTTP/1.1 304") and held is None:
                    return
            case Fate.OTHER:
                answer = _answered({"status": "maintenance"}, "", still=False)
            case Fate.LOST | Fate.HELD:
                await self._until(200_000)
            case Fate.CUT:
                back.write(answer[: len(answer) - 20])
                await back.drain()
                return
            case _:
                await self._until(self.chance.uniform(0, 20_000))
        back.write(answer)
        await back.drain()

    async def _until(self, wait: float) -> None:
        assert self.chair is not None
        come = asyncio.Event()
        self._due.append((self.chair.now + wait, come.set))
        await come.wait()

    async def _forward(self, head: bytes, body: bytes, back: asyncio.StreamWriter) -> None:
        head = re.sub(rb"\r\nconnection: [^\r]*", b"", head, flags=re.IGNORECASE)
        answer, out = await asyncio.open_connection("127.0.0.1", self._service)
        try:
            out.write(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + body)
            while piece := await answer.read(65536):
                back.write(piece)
                await back.drain()
        finally:
            await let_go(out)


def _answered(document: dict[str, Any], etag: str, *, still: bool) -> bytes:
    named = f"ETag: {etag}\r\n" if etag else ""
    if still:
        return f"HTTP/1.1 304 Not Modified\r\n{named}Connection: close\r\n\r\n".encode()
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{named}Content-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body
