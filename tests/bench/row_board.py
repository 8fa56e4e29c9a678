"""Rows about a board of ten thousand: what a whole look at it costs, and what it costs while nothing changes."""

import http.client
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

from app.db.engine import open_database
from tests.bench.filling import fill_board
from tests.bench.processes import Watch
from tests.bench.rounds import Burst, Target, figure
from tests.bench.row_writes import told
from tests.bench.servers import Running
from tests.bench.stand import ENGINES, Stand
from tests.bench.table import Row
from tests.bench.wards import Ward

ACTIVE, PAGE = 10_000, 200
FOLLOWERS = 10
"""A tick of the system is ten milliseconds: of one follower nothing could be told."""
WATCHED = 3.0
"""Seconds of a stream in which nothing happens."""


def boards(stand: Stand) -> Iterator[Row]:
    """G6."""
    for engine in ENGINES:
        where = stand.place(engine)
        with stand.served(where) as service:
            ward = Ward.first(service)
        database = open_database(where.url)
        fill_board(database, ward.id, ACTIVE, datetime.now(UTC))
        database.close()
        with stand.served(where) as service:
            ward.again(service)
            rounds = stand.new_rounds()
            rounds.run({"event": _first_event(ward), "pages": _pages(ward)}, 3)
            yield Row("G6a", engine, rounds.figure(lambda one: one["event"].cpu, "event"), "a stream's first event")
            yield from told(rounds, "pages", f"{engine}, board of 10,000, page after page")
            idle = _idle(service)
            rounds = stand.new_rounds()
            rounds.run({"stream": _stream(ward, idle)}, 3)
            words = f"without a stream the service takes {idle:.0f} ms a second"
            yield Row("G6b", engine, rounds.figure(lambda one: one["stream"].cpu, "stream"), words)


def _pages(ward: Ward) -> Target:
    """Every page of the board, one after the other, as whoever wants all of it must ask."""

    def run() -> Burst:
        watch = Watch(**ward.service.trees)
        after, seen = "", 0
        while True:
            page = ward.service.must(
                "GET", f"/v1/sessions?status=active&limit={PAGE}{after}", token=ward.tokens["nurse"]
            )
            seen += len(page["items"])
            if not page.get("next"):
                break
            after = f"&after={page['next']}"
        assert seen >= ACTIVE, seen
        cpu = {name: 1000 * used for name, used in watch.cpu().items()}
        wall = 1000 * watch.wall()
        return Burst(sum(cpu.values()), 1000 / wall, wall, wall, watch.foreign(), parts=cpu)

    return run


def _over(service: Running, seconds: float) -> tuple[float, float]:
    """Milliseconds of processor a second, and the strangers' part of the machine meanwhile."""
    watch = Watch(**service.trees)
    time.sleep(seconds)
    return 1000 * sum(watch.cpu().values()) / watch.wall(), watch.foreign()


def _idle(service: Running) -> float:
    """What the service does by itself, with nobody there."""
    time.sleep(2)
    return figure([_over(service, WATCHED)[0] for _ in range(3)]).median


def _stream(ward: Ward, idle: float) -> Target:
    """One page follows the board, and nothing changes."""

    def run() -> Burst:
        with closing(_following(ward)):
            time.sleep(1)
            used, foreign = _over(ward.service, WATCHED)
        return Burst(max(0.0, used - idle), 0.0, 0.0, 0.0, foreign)

    return run


def _following(ward: Ward) -> http.client.HTTPConnection:
    """Somebody who follows the board, and has been told all of it."""
    connection = http.client.HTTPConnection("127.0.0.1", ward.service.port, timeout=120)
    connection.request("GET", "/v1/stream", headers=ward.headers())
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    board = b""
    while line := answer.readline().strip():
        board = line if line.startswith(b"data:") else board
    assert board.count(b'"chair"') >= ACTIVE, board[:200]
    return connection


def _first_event(ward: Ward) -> Target:
    """From the asking until the whole board has come, in one event; one follower after the other."""

    def run() -> Burst:
        watch = Watch(**ward.service.trees)
        for _ in range(FOLLOWERS):
            _following(ward).close()
        cpu = {name: 1000 * used / FOLLOWERS for name, used in watch.cpu().items()}
        wall = 1000 * watch.wall() / FOLLOWERS
        return Burst(sum(cpu.values()), 1000 / wall, wall, wall, watch.foreign(), parts=cpu)

    return run
