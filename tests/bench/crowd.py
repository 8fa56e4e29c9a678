"""A crowd of strangers, in a process of its own: it knocks until its input ends, and prints how it was received.

    python -m tests.bench.crowd PORT TOKEN

`TOKEN`: of somebody who may search. Says "ready" once all are on their way.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections import Counter
from typing import Any

from tests.bench.client import answered, packed

GUESSERS, HALF_OPEN, ENDLESS, SEARCHERS = 80, 500, 10, 4


async def _again_and_again(port: int, request: Any, told: Counter[str], name: str) -> None:
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while True:
                writer.write(request())
                status, _ = await answered(reader)
                told[f"{name} {status}"] += 1
                if status >= 429:
                    await asyncio.sleep(0.05)
        except (OSError, asyncio.IncompleteReadError):
            told[f"{name} cut"] += 1
            await asyncio.sleep(0.05)


async def _half_open(port: int, told: Counter[str]) -> None:
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /v1/protocols HT")
            await reader.read()
            writer.close()
        told["half-open cut"] += 1
        await asyncio.sleep(0.5)


async def _endless(port: int, told: Counter[str]) -> None:
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")
            while True:
                writer.write(b"a" * 1024)
                await writer.drain()
                await asyncio.sleep(0.01)
        told["endless cut"] += 1
        await asyncio.sleep(0.1)


async def crowd(port: int, token: str) -> None:
    """Until it is ended."""
    told: Counter[str] = Counter()
    guesses = iter(range(10**9))

    def guess() -> bytes:
        body = json.dumps({"username": f"nobody{next(guesses)}", "password": "a guess that is long enough"})
        return packed("POST", "/v1/sign-in", {}, body)

    search = _search(token)
    each = [_again_and_again(port, guess, told, "guess") for _ in range(GUESSERS)]
    each += [_again_and_again(port, lambda: search, told, "search") for _ in range(SEARCHERS)]
    each += [_half_open(port, told) for _ in range(HALF_OPEN)]
    each += [_endless(port, told) for _ in range(ENDLESS)]
    running = [asyncio.ensure_future(one) for one in each]
    await asyncio.sleep(1)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for one in running:
        one.cancel()
    print(json.dumps(told), flush=True)
    os._exit(0)


def _search(token: str) -> bytes:
    """The most that one search may ask: so many values, each looked for in every name."""
    form = "&".join(f"name:contains={','.join(f'q{part}{number}' for number in range(5))}" for part in range(20))
    lines = [
        "POST /fhir/Patient/_search HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(form)}",
    ]
    return "\r\n".join([*lines, "", form]).encode()


if __name__ == "__main__":
    asyncio.run(crowd(int(sys.argv[1]), sys.argv[2]))
