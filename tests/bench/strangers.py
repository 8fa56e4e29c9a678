"""What strangers cost those who chart: nurses save sets while a crowd does its worst, beside the same without it.

    python -m tests.bench.strangers [--engine sqlite|postgresql] [--rounds N] [--seconds N]

Twenty nurses each save a set every half second. The crowd: eighty connections that guess passwords of made-up accounts,
five hundred half-open ones, some whose headers never end, and searches for as much as one search may ask. Rounds with
and without it take turns, so that whatever else the machine does meets both. Prints one JSON document; exit code 1
where a save was refused or the 99th percentile is more than three times the quiet one.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from tests.bench.client import answered, packed
from tests.bench.load import ROOT, Request
from tests.bench.wards import Ward

NURSES = 20
PAUSE = 0.5
MUST = 3.0
"""Times the quiet 99th percentile."""


def wire(one: Request) -> bytes:
    """As it is sent."""
    return packed(one.method, one.path, one.headers, one.body)


async def _nurse(port: int, requests: list[bytes], until: float, start: float, found: "Charted") -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(start)
    while requests and time.monotonic() < until:
        began = time.perf_counter()
        writer.write(requests.pop())
        status, _ = await answered(reader)
        found.took.append(time.perf_counter() - began)
        found.statuses[status] += 1
        await asyncio.sleep(max(0.0, PAUSE - (time.perf_counter() - began)))
    writer.close()


class Charted:
    """What the nurses got."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self.statuses: Counter[int] = Counter()

    @property
    def p99(self) -> float:
        return sorted(self.took)[int(0.99 * (len(self.took) - 1))]

    @property
    def refused(self) -> int:
        return sum(many for status, many in self.statuses.items() if status != 201)


async def chart(port: int, readings: list[bytes], seconds: float) -> Charted:
    """All nurses at once, for so many seconds."""
    found, until = Charted(), time.monotonic() + seconds
    shares = [readings[number::NURSES] for number in range(NURSES)]
    await asyncio.gather(
        *(_nurse(port, share, until, PAUSE * number / NURSES, found) for number, share in enumerate(shares))
    )
    return found


@contextlib.asynccontextmanager
async def crowded(port: int, token: str, told: Counter[str]) -> AsyncIterator[None]:
    """While the crowd is there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.crowd", str(port), token],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        yield
    finally:
        said, _ = await asyncio.to_thread(process.communicate, "")
        told.update(json.loads(said or "{}"))
        await asyncio.sleep(1)


async def measure(port: int, ward: Ward, rounds: int, seconds: float) -> dict[str, Any]:
    """Rounds with and without the crowd, in turn."""
    sessions = [ward.treated() for _ in range(NURSES)]
    many = int(NURSES * seconds / PAUSE) + NURSES
    found: dict[str, list[Charted]] = {"quiet": [], "crowded": []}
    told: Counter[str] = Counter()
    for _ in range(rounds):
        for kind, kept in found.items():
            readings = [wire(one) for one in ward.readings(sessions, many)]
            async with crowded(port, ward.tokens["lead"], told) if kind == "crowded" else contextlib.nullcontext():
                kept.append(await chart(port, readings, seconds))
    p99 = {kind: 1000 * statistics.median(one.p99 for one in kept) for kind, kept in found.items()}
    return {
        "saves": {kind: sum(len(one.took) for one in kept) for kind, kept in found.items()},
        "refused": {kind: sum(one.refused for one in kept) for kind, kept in found.items()},
        "p50_ms": {
            kind: round(1000 * statistics.median(took for one in kept for took in one.took), 1)
            for kind, kept in found.items()
        },
        "p99_ms": {kind: round(value, 1) for kind, value in p99.items()},
        "ratio": round(p99["crowded"] / p99["quiet"], 2),
        "strangers": dict(sorted(told.items())),
    }


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seconds", type=float, default=15)
    given = asked.parse_args()
    with Ward.alone(given.engine, "strangers") as ward:
        found = asyncio.run(measure(ward.service.port, ward, given.rounds, given.seconds))
    print(json.dumps({"engine": given.engine, **found}, indent=2))
    return 1 if found["refused"]["crowded"] or found["ratio"] > MUST else 0


if __name__ == "__main__":
    sys.exit(main())
