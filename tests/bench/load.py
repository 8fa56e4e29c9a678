"""A burst of requests at a port, and what it cost the trees that answered."""

import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.processes import Watch
from tests.bench.rounds import Burst

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Request:
    """One request, as the client sends it."""

    method: str
    path: str
    headers: dict[str, str]
    body: str | None = None


class Unexpected(Exception):
    """Something else was answered than the row is about: its figure would mean nothing."""


def burst(
    port: int, requests: Sequence[Request], trees: dict[str, int], *, at_once: int = 8, good: Sequence[int] = (200, 201)
) -> Burst:
    """All of them, so many at once; whatever is not a good answer ends the row."""
    plan = {
        "port": port,
        "at_once": at_once,
        "requests": [[one.method, one.path, one.headers, one.body] for one in requests],
    }
    client = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.client"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    watch, before = Watch(**trees), _of_children()
    said, _ = client.communicate(json.dumps(plan))
    cpu, foreign = watch.cpu(), watch.foreign()
    answer = json.loads(said)
    bad = {status: many for status, many in answer["statuses"].items() if int(status) not in good}
    if bad or len(answer["took"]) != len(requests):
        raise Unexpected(
            f"{requests[0].method} {requests[0].path.split('?')[0]}: answers by status {answer['statuses']}"
        )
    each = {name: 1000 * cpu[name] / len(requests) for name in trees}
    return Burst(
        cpu=sum(each.values()),
        rate=len(requests) / answer["wall"],
        p50=1000 * statistics.median(answer["took"]),
        p99=1000 * sorted(answer["took"])[int(0.99 * (len(requests) - 1))],
        foreign=foreign,
        client=1000 * (_of_children() - before) / len(requests),
        parts=each,
    )


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
