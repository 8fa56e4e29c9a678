"""The load: a process of its own, so that what asking costs is never counted as answering.

    python -m tests.bench.client < plan.json

The plan is one JSON document: `port`, `at_once`, and `requests`, each a list of method, path, headers and body. They
are sent over so many kept connections, each taking the next that nobody has taken. Prints one JSON line: how many
answers there were of each status, the seconds each took, the seconds of all.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LIMIT = 64 * 1024 * 1024


def packed(method: str, path: str, headers: dict[str, str], body: str | None) -> bytes:
    """A request as it goes over the wire."""
    content = (body or "").encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


@dataclass(frozen=True)
class Answer:
    """Status, header fields in small letters, and how many bytes of body came."""

    status: int
    fields: dict[str, str]
    size: int


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """The answer that comes next, read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    status = int(head[0].split()[1])
    fields = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
    if fields.get("transfer-encoding") == "chunked":
        total = 0
        while size := int(await reader.readuntil(b"\r\n"), 16):
            total += size
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
        return Answer(status, fields, total)
    length = int(fields.get("content-length", "0"))
    if length and status not in (204, 304):
        await reader.readexactly(length)
    return Answer(status, fields, length)


async def answered(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Status and length of the answer that comes next."""
    answer = await read_answer(reader)
    return answer.status, answer.size


async def _one(
    port: int, waiting: Iterator[bytes], took: list[float], statuses: Counter[int], sizes: list[int]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=LIMIT)
    for request in waiting:
        began = time.perf_counter()
        writer.write(request)
        status, size = await answered(reader)
        took.append(time.perf_counter() - began)
        statuses[status] += 1
        sizes.append(size)
    writer.close()


async def send(port: int, at_once: int, requests: list[bytes]) -> dict[str, Any]:
    """Sends them all; what came back."""
    took: list[float] = []
    sizes: list[int] = []
    statuses: Counter[int] = Counter()
    waiting = iter(requests)
    began = time.perf_counter()
    await asyncio.gather(*(_one(port, waiting, took, statuses, sizes) for _ in range(at_once)))
    return {
        "wall": time.perf_counter() - began,
        "took": took,
        "statuses": {str(status): many for status, many in statuses.items()},
        "bytes": sum(sizes) / max(len(sizes), 1),
    }


if __name__ == "__main__":
    plan = json.load(sys.stdin)
    print(json.dumps(asyncio.run(send(plan["port"], plan["at_once"], [packed(*one) for one in plan["requests"]]))))
