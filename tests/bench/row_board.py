"""Rows about a board of ten thousand: what a whole look at it costs, and what it costs while nothing changes."""

import http.client
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from uuid import uuid4

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
LOOKS = 10
"""A tick of the system is ten milliseconds: of one look nothing could be told."""
TABLETS, BETWEEN = 200, 15.0
"""Followers, and the seconds between two heartbeats of one."""
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
        if where.cluster is not None:
            # as the server's own housekeeping would have it after a while
            with where.cluster.as_owner(where.database) as owner:
                owner.execute("VACUUM ANALYZE")
        with stand.served(where) as service:
            ward.again(service)
            rounds = stand.new_rounds()
            rounds.run({"whole": _whole(ward), "pages": _pages(ward)}, 3)
            yield Row("G6a", engine, rounds.figure(lambda one: one["whole"].cpu, "whole"), "GET /v1/board")
            yield from told(rounds, "pages", f"{engine}, board of 10,000, page after page")
            idle = _idle(service)
            rounds = stand.new_rounds()
            rounds.run({"stream": _stream(ward, idle)}, 3)
            words = f"without a stream the service takes {idle:.0f} ms a second"
            yield Row("G6b", engine, rounds.figure(lambda one: one["stream"].cpu, "stream"), words)
            rounds = stand.new_rounds()
            rounds.run({"clinic": _all_on_duty(ward)}, 1)
            yield Row(
                "G6c", engine, rounds.figure(lambda one: one["clinic"].cpu, "clinic"), "the service's own work too"
            )


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


def _whole(ward: Ward) -> Target:
    """The whole board in one answer; one after the other."""

    def run() -> Burst:
        watch = Watch(**ward.service.trees)
        for _ in range(LOOKS):
            board = ward.service.must("GET", "/v1/board", token=ward.tokens["nurse"])
            assert len(board["items"]) >= ACTIVE, len(board["items"])
        cpu = {name: 1000 * used / LOOKS for name, used in watch.cpu().items()}
        wall = 1000 * watch.wall() / LOOKS
        return Burst(sum(cpu.values()), 1000 / wall, wall, wall, watch.foreign(), parts=cpu)

    return run


def _all_on_duty(ward: Ward) -> Target:
    """Two hundred tablets follow the board, each with one session open, and each is heard of every fifteen seconds."""
    page = ward.service.must("GET", f"/v1/sessions?status=active&limit={TABLETS}", token=ward.tokens["nurse"])
    tablets = {str(uuid4()): item["id"] for item in page["items"]}
    assert len(tablets) == TABLETS, len(tablets)

    def heard(tablet: str) -> None:
        said = {"unsent": 0, "open_sessions": [tablets[tablet]], "clock_offset_ms": 0}
        ward.put("nurse", f"/v1/tablets/{tablet}/contact", said)

    def run() -> Burst:
        with ExitStack() as followers:
            for tablet in tablets:
                followers.enter_context(closing(_following(ward)))
                heard(tablet)
            time.sleep(2)
            watch = Watch(**ward.service.trees)
            for number, tablet in enumerate(tablets):
                heard(tablet)
                time.sleep(max(0.0, (number + 1) * BETWEEN / TABLETS - watch.wall()))
            used = 1000 * sum(watch.cpu().values()) / watch.wall()
            return Burst(used, TABLETS / watch.wall(), 0.0, 0.0, watch.foreign())

    return run
