"""A large clinic on duty: tablets that chart and are heard of, boards that follow; then many times as much at once.

    python -m tests.bench.on_duty [--engine sqlite|postgresql] [--minutes N] [--tablets N] [--boards N] [--times N]

Each tablet has a chair of its own, is heard of every fifteen seconds, saves a set a minute and looks at the session
after it; each board follows the stream. Then, for a minute, a crowd asks for `--times` as much as all of them; whoever
is refused waits as long as the refusal says. Prints one JSON document; exit code 1 where a tablet met anything but what
it asked for, the crowd anything but an answer or a polite refusal (503 or 429, with Retry-After), a board was cut off,
or a save was not kept.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.bench.client import Answer, packed, read_answer
from tests.bench.load import Request
from tests.bench.processes import rss
from tests.bench.servers import Running
from tests.bench.wards import Ward

HEARD_SECONDS, SET_SECONDS = 15.0, 60.0
CROWD_SECONDS = 60.0
POLITE = (429, 503)
MOST_AT_ONCE = 2_000
"""Of the crowd's requests."""


@dataclass
class Told:
    """What came back, by what was asked: seconds of each good answer, and how many there were of each status."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def note(self, what: str, answer: Answer | None, seconds: float) -> None:
        """One answer; None: the connection was cut off."""
        if answer is None:
            self.statuses[what]["cut off"] += 1
            return
        impolite = answer.status in POLITE and "retry-after" not in answer.fields
        self.statuses[what][f"{answer.status}{' without Retry-After' if impolite else ''}"] += 1
        if answer.status < 400:
            self.took[what].append(seconds)

    def document(self) -> dict[str, Any]:
        """As it is printed; milliseconds."""
        return {
            what: {"statuses": dict(sorted(said.items())), **_quantiles(self.took[what])}
            for what, said in sorted(self.statuses.items())
        }

    def other_than(self, *good: str) -> int:
        """How often something else came back."""
        return sum(many for said in self.statuses.values() for status, many in said.items() if status not in good)


def _quantiles(took: list[float]) -> dict[str, float]:
    if not took:
        return {}
    put = sorted(took)
    return {f"p{part}_ms": round(1000 * put[part * (len(put) - 1) // 100], 1) for part in (50, 99)}


class Line:
    """One kept connection. As browsers do, a request that met one which had been idle too long is sent over another."""

    def __init__(self, port: int, told: Told) -> None:
        self.port, self.told = port, told
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, what: str, one: Request) -> Answer | None:
        """The answer, noted with the seconds it took; None where the connection was cut off."""
        began, was_open = time.perf_counter(), self._open is not None
        answer = await self._send(one)
        if answer is None and was_open:
            answer = await self._send(one)
        self.told.note(what, answer, time.perf_counter() - began)
        return answer

    async def _send(self, one: Request) -> Answer | None:
        answer = None
        with contextlib.suppress(OSError, EOFError):
            if self._open is None:
                self._open = await asyncio.open_connection("127.0.0.1", self.port)
            self._open[1].write(packed(one.method, one.path, one.headers, one.body))
            answer = await read_answer(self._open[0])
        if answer is None or answer.fields.get("connection") == "close":
            self.close()
        return answer

    def close(self) -> None:
        """Hangs up."""
        if self._open is not None:
            self._open[1].close()
        self._open = None


@dataclass
class Tablet:
    """One chair's tablet, and how many sets it was told are kept."""

    ward: Ward
    session: str
    line: Line
    id: str = field(default_factory=lambda: str(uuid4()))
    kept: int = 0

    async def on_duty(self, start: float, until: float) -> None:
        """Until then; it begins a while after the others, so that they do not all ask at once."""
        await asyncio.sleep(start)
        next_set = time.monotonic() + start * SET_SECONDS / HEARD_SECONDS
        while (now := time.monotonic()) < until:
            await self.line.ask("heartbeat", self._heartbeat())
            if now >= next_set:
                next_set += SET_SECONDS
                await self._save()
            await asyncio.sleep(max(0.0, now + HEARD_SECONDS - time.monotonic()))

    async def _save(self) -> None:
        """As the app does: the same set again until it is told that it is kept."""
        [one] = self.ward.readings([self.session], 1)
        for _ in range(100):
            answer = await self.line.ask("save", one)
            if answer is not None and answer.status in (200, 201):
                self.kept += 1
                break
            await asyncio.sleep(float(answer.fields.get("retry-after", 1)) if answer else 1)
        await self.line.ask("session", Request("GET", f"/v1/sessions/{self.session}", self.ward.headers()))

    def _heartbeat(self) -> Request:
        said = {"unsent": 0, "open_sessions": [self.session], "clock_offset_ms": 0}
        return Request("PUT", f"/v1/tablets/{self.id}/contact", self.ward.headers(), json.dumps(said))


async def _follow(port: int, ward: Ward, told: Counter[str]) -> None:
    """One board, until it is told to end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    try:
        writer.write(packed("GET", "/v1/stream", ward.headers(), None))
        while piece := await reader.readline():
            told["events"] += piece.startswith(b"data:")
        told["cut off"] += 1
    finally:
        writer.close()


@contextlib.asynccontextmanager
async def followed(port: int, ward: Ward, boards: int, told: Counter[str]) -> AsyncIterator[None]:
    """While so many boards follow."""
    following = [asyncio.create_task(_follow(port, ward, told)) for _ in range(boards)]
    try:
        yield
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)


async def _crowd(port: int, ward: Ward, sessions: list[str], a_second: float, seconds: float) -> Told:
    """So many requests a second, looks and heartbeats by turns, whether or not the ones before were answered."""
    told, until = Told(), time.monotonic() + seconds
    waiting: asyncio.Queue[Line] = asyncio.Queue()
    asked: set[asyncio.Task[None]] = set()

    async def one(number: int) -> None:
        line = waiting.get_nowait() if not waiting.empty() else Line(port, told)
        session = sessions[number % len(sessions)]
        answer = await line.ask("look", Request("GET", f"/v1/sessions/{session}", ward.headers()))
        if answer is not None and answer.status in POLITE:
            await asyncio.sleep(float(answer.fields.get("retry-after", 1)))
        waiting.put_nowait(line)

    begun = 0
    while (now := time.monotonic()) < until:
        due = int((seconds - (until - now)) * a_second)
        while begun < due and len(asked) < MOST_AT_ONCE:
            asked.add(task := asyncio.create_task(one(begun)))
            task.add_done_callback(asked.discard)
            begun += 1
        await asyncio.sleep(0.02)
    await asyncio.gather(*asked)
    while not waiting.empty():
        waiting.get_nowait().close()
    return told


async def measure(service: Running, ward: Ward, asked: argparse.Namespace) -> dict[str, Any]:
    """Both parts; what came back, and the service's memory from minute to minute."""
    calm, told = Told(), Counter[str]()
    sessions = [ward.treated() for _ in range(asked.tablets)]
    tablets = [Tablet(ward, session, Line(service.port, calm)) for session in sessions]
    memory = [round(rss(service.process.pid), 1)]

    async def watch() -> None:
        while True:
            await asyncio.sleep(60)
            memory.append(round(rss(service.process.pid), 1))

    async def all_of_them(seconds: float) -> None:
        until = time.monotonic() + seconds
        starts = [HEARD_SECONDS * number / len(tablets) for number in range(len(tablets))]
        await asyncio.gather(*(one.on_duty(start, until) for one, start in zip(tablets, starts, strict=True)))

    async with followed(service.port, ward, asked.boards, told):
        watching = asyncio.create_task(watch())
        await all_of_them(60 * asked.minutes)
        watching.cancel()
        rate = asked.times * asked.tablets * (1 / HEARD_SECONDS + 2 / SET_SECONDS)
        pressed = Told()
        for tablet in tablets:
            tablet.line.told = pressed
        crowd, _ = await asyncio.gather(
            _crowd(service.port, ward, sessions, rate, CROWD_SECONDS), all_of_them(CROWD_SECONDS)
        )
    for tablet in tablets:
        tablet.line.close()
    kept = sum(_counts(service, ward, session) for session in sessions)
    promised = sum(tablet.kept for tablet in tablets)
    return {
        "calm": calm.document(),
        "crowd": crowd.document(),
        "tablets meanwhile": pressed.document(),
        "asked a second": round(rate, 1),
        "boards": dict(told),
        "memory_mb": [*memory, round(rss(service.process.pid), 1)],
        "sets": {"told that they are kept": promised, "kept": kept},
        "holds": not calm.other_than("200", "201")
        and not crowd.other_than("200", "304", "429", "503")
        and not pressed.other_than("200", "201", "429", "503")
        and told["cut off"] == 0
        and promised == kept,
    }


def _counts(service: Running, ward: Ward, session: str) -> int:
    """Sets of recovery in the record; three of each session were there before."""
    found = service.must("GET", f"/v1/sessions/{session}", token=ward.tokens["nurse"])
    return len(found["readings"]) - 3


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    reader.add_argument("--minutes", type=float, default=10)
    reader.add_argument("--tablets", type=int, default=200)
    reader.add_argument("--boards", type=int, default=50)
    reader.add_argument("--times", type=float, default=10)
    asked = reader.parse_args()
    with Ward.alone(asked.engine, "on-duty") as ward:
        found = asyncio.run(measure(ward.service, ward, asked))
    print(json.dumps({"engine": asked.engine, **found}, indent=2))
    return 0 if found["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
