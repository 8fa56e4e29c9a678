"""What the benchmark says can be trusted: each way in which it could flatter is seen here."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import nullcontext

import pytest

from app.db import chains, sessions
from app.db.work import service_actor
from tests import factories
from tests.bench import flames, page, processes, references, slow_disk
from tests.bench.__main__ import main
from tests.bench.counted_wire import CountedWire
from tests.bench.filling import fill_board
from tests.bench.rounds import BUSY, Burst, Figure, Rounds, exact, figure
from tests.bench.table import Row, document, text
from tests.export.filling import fill

QUIET = Burst(cpu=1.0, rate=1000, p50=1, p99=2, foreign=0.0)


# --- what is measured ------------------------------------------------------------------------------------------------


def test_a_service_that_works_longer_is_seen_to_by_as_much():
    extra = 2.0
    with references.null_handler(many=300) as quick, references.null_handler(extra, many=300) as slow:
        rounds = Rounds(ends=0)
        rounds.run({"quick": quick, "slow": slow}, 2)
    more = rounds.figure(lambda one: one["slow"].cpu - one["quick"].cpu, "slow", "quick")
    assert 0.75 * extra < more.median < 1.5 * extra
    assert rounds.ratio("slow", "quick").median > 3


SPINS = "import time\nend = time.monotonic() + 2.5\nwhile time.monotonic() < end: pass"


def test_the_work_of_strangers_is_seen_and_called_too_much(monkeypatch):
    """They hang off nothing of ours, as somebody else's do."""
    half = " ".join(["x"] * ((os.cpu_count() or 1) // 2 + 1))
    orphans = f"for n in {half}; do {sys.executable} -c '{SPINS}' & done"
    subprocess.run(["sh", "-c", orphans], check=True, stdin=subprocess.DEVNULL)
    time.sleep(0.5)
    watch = processes.Watch()
    time.sleep(1)
    foreign = watch.foreign()
    assert foreign > BUSY
    row = Row("L1", "postgresql", figure([2.0], foreign))
    assert row.verdict == "too busy"
    assert "too busy" in text([row])


def test_our_own_work_is_not_taken_for_strangers(monkeypatch):
    """Of the machine's busy second all was ours: of this process and of a child that has ended."""
    used = iter([1.0, 2.0])
    busy = iter([(10.0, 100.0), (11.0, 102.0)])
    monkeypatch.setattr(processes, "cpu_seconds", lambda _: next(used))
    monkeypatch.setattr(processes, "machine_busy", lambda: next(busy))
    watch = processes.Watch()
    assert watch.foreign() == 0


def test_a_child_s_work_counts_to_its_tree_even_when_it_has_ended():
    before = processes.cpu_seconds([os.getpid()])
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"], check=True)
    assert processes.cpu_seconds([os.getpid()]) - before > 0.1


def test_a_busy_burst_is_run_again_and_the_least_disturbed_counts():
    disturbed = iter([0.0, 0.9, 0.1, 0.8, 0.9, 0.7])
    rounds = Rounds()
    rounds.run({"one": lambda: Burst(1, 1, 1, 1, foreign=next(disturbed))}, 2)
    assert [burst.foreign for burst in rounds.bursts["one"]] == [0.1, 0.7]


def test_targets_take_turns_so_that_none_is_always_first():
    ran = []

    def target(name):
        return lambda: ran.append(name) or QUIET

    Rounds().run({name: target(name) for name in "abc"}, 3)
    assert "".join(ran) == "abc" + "abc" + "bca" + "cab"


def test_the_slow_disk_takes_two_milliseconds_each_time(tmp_path):
    library = slow_disk.shim(tmp_path)
    if library is None:
        pytest.skip("no C compiler here")
    keeping = (
        "import os, time\nbegan = time.monotonic()\n"
        "with open('kept', 'wb') as file:\n for _ in range(20): os.fdatasync(file.fileno())\n"
        "print(time.monotonic() - began)"
    )
    with slow_disk.preloaded(library):
        done = subprocess.run([sys.executable, "-c", keeping], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert float(done.stdout) > 20 * 0.002


# --- what is said of it ----------------------------------------------------------------------------------------------


def of(value: float, foreign: float = 0.0) -> Figure:
    return Figure(value, 0.9 * value, 1.1 * value, foreign)


def run(rows: list[Row], tmp_path, *arguments: str) -> tuple[int, dict]:
    out = tmp_path / "bench.json"
    code = main(["--out", str(out), *arguments], {"some": (lambda _: iter(rows), ("L1",))}, lambda _: nullcontext())
    return code, json.loads(out.read_text())


def test_a_row_beyond_its_must_is_printed_and_ends_with_code_1(tmp_path, capsys):
    code, said = run([Row("L1", "postgresql", of(9.5)), Row("L2", "postgresql", of(8))], tmp_path)
    printed = capsys.readouterr().out
    assert code == 1
    assert "FAILS" in printed
    assert "Beyond its must: L1" in printed
    assert [row["verdict"] for row in said["rows"]] == ["FAILS", "must"]


def test_a_row_nobody_can_judge_is_no_success(tmp_path, capsys):
    for row in (Row("L7", "sqlite", there=False), Row("L1", "", of(1, 0.9)), Row("L4a", "", words="no compiler")):
        assert run([row, Row("L2", "", of(1)), Row("cpu", "", of(1, 0.9))], tmp_path)[0] == 2
        assert f"Nobody can say of: {row.id}" in capsys.readouterr().out
    assert run([Row("L2", "", of(1)), Row("cpu", "", of(1, 0.9))], tmp_path)[0] == 0


def test_a_report_alone_ends_with_code_0(tmp_path):
    assert run([Row("L1", "postgresql", of(9.5))], tmp_path, "--report-only")[0] == 0


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (Row("L1", "", of(3.5)), "good"),
        (Row("L1", "", of(9)), "must"),
        (Row("L1", "", of(9.1)), "FAILS"),
        (Row("L4a", "", of(6)), "good"),
        (Row("L4a", "", of(4)), "must"),
        (Row("L4a", "", of(3.9)), "FAILS"),
        (Row("L1", "", of(3.5, BUSY + 0.01)), "too busy"),
        (Row("L1", "", of(9.1, BUSY + 0.01)), "too busy"),
        (Row("L1", "", words="no compiler"), "not measured"),
        (Row("L7", "", words="no ETag", there=False), "not there"),
        (Row("cpu", "", of(9.1)), "told"),
    ],
)
def test_what_a_row_came_to(row, verdict):
    assert row.verdict == verdict
    assert verdict == "told" or verdict in text([row])


def test_a_group_that_breaks_is_said_and_stops_no_other(tmp_path, capsys):
    def breaks(_):
        yield Row("L1", "postgresql", exact(1))
        raise RuntimeError("something is missing")

    groups = {"one": (breaks, ("L1", "L2")), "other": (lambda _: iter([Row("G1", "", exact(4))]), ("G1",))}
    out = tmp_path / "bench.json"
    assert main(["--out", str(out)], groups, lambda _: nullcontext()) == 2
    said = {row["id"]: row["verdict"] for row in json.loads(out.read_text())["rows"]}
    assert said == {"L1": "good", "L2": "not measured", "G1": "good"}
    assert "something is missing" in capsys.readouterr().out


def test_rounds_that_lie_far_apart_say_so():
    assert "far apart" in text([Row("L1", "", figure([1.0, 2.0]))])
    assert "far apart" not in text([Row("L1", "", figure([1.0, 1.1]))])


# --- what it is measured on ------------------------------------------------------------------------------------------


def test_what_is_filled_in_verifies_stream_by_stream(database):
    clinic = fill(database, 3, readings_each=4)
    fill_board(database, clinic.id, 0, factories.NOON)
    actor = service_actor(clinic.id)
    streams = database.read_now(chains.all_streams, actor, factories.NOON)
    found = [database.read_now(chains.verify_stream, actor, factories.NOON, stream) for stream in streams]
    assert [check.bad for check in found] == [None] * len(streams)
    assert sum(check.links for check in found) >= 3 * (1 + 3 + 4)


def test_a_filled_board_shows_every_session(database, ward):
    fill_board(database, ward.clinic.id, 5, factories.NOON)
    rows, _ = database.read_now(sessions.board, service_actor(ward.clinic.id), factories.NOON, "active", None, 50)
    assert len(rows) == 5
    assert {row.line.state for row in rows} == {"checked-in"}
    assert len({row.line.board["last_set"]["id"] for row in rows}) == 5


@pytest.fixture
def ward(database):
    from tests.services.ward import Ward

    return Ward(database)


def test_a_picture_shows_who_took_how_long_and_leaves_out_what_hardly_counts():
    seen = (
        "run (threading.py:1);keep (app/db/work.py:7);execute (/x/site-packages/sqlalchemy/engine.py:3) 300\n"
        "run (threading.py:1);keep (app/db/work.py:9);dumps (json.py:3) 699\n"
        "run (threading.py:1);keep (app/db/work.py:9);rare (json.py:3) 1\n"
        "run (threading.py:1);wait (queue.py:9) 5000\n"
    )
    top = flames.bars(seen, "all")
    assert top.samples == 1000
    assert {name: bar.samples for name, bar in top.called["keep (app/db/work.py)"].called.items()} == {
        "execute (sqlalchemy/engine.py)": 300,
        "dumps (json.py)": 699,
        "rare (json.py)": 1,
    }
    drawn = flames.svg(top)
    assert "dumps (json.py): 69.9 %" in drawn
    assert "rare" not in drawn


def test_the_page_tells_what_was_measured_with_every_factor():
    rows = [
        Row("L1", "postgresql", of(8)),
        Row("cpu", "postgresql", of(5)),
        Row("G9", "postgresql, at 25 readings", exact(3000)),
        Row("L7", "sqlite, board", words="no ETag is given", there=False),
    ]
    told = page.table(document(rows))
    assert "(null + pgbench full), c=8 | postgresql | 9.00 | 3.50 | 8.00 | 7.20 to 8.80 | must |" in told
    assert "| - |  | not there no ETag is given |" in told
    assert "told beside" not in told
    said = page.growth(document(rows))
    assert "500 a second" in said
    assert "500/s x 5.00 ms of processor = 2.5 cores" in said
    assert "14.4 GB a day" in said
    marked = page.PAGE.read_text()
    for name in ("measured", "tablet", "growth"):
        assert f"-->\nhere {name}\n<!--" in page.between(marked, name, f"here {name}")


def test_the_tablet_s_share_is_told_apart():
    rows = [Row("L1", "postgresql", of(8)), Row("T1", "12 sets", of(40), "95th: 80 ms"), Row("T4", "2 sessions")]
    assert "tap to paint" not in page.table(document(rows))
    _, _, taps, day = page.tablet(document(rows)).splitlines()
    assert taps == "| tablet: tap to paint | 12 sets | 40.0 ms | 36.0 ms to 44.0 ms | 95th: 80 ms |"
    assert day == "| tablet: bytes of a day of one chair | 2 sessions | - |  |  |"


def test_the_counted_wire_counts_every_byte_of_both_ways():
    with socket.create_server(("127.0.0.1", 0)) as door, CountedWire(door.getsockname()[1]) as wire:
        host, port = wire.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as near:
            far, _ = door.accept()
            with far:
                near.sendall(b"a" * 100_001)
                near.shutdown(socket.SHUT_WR)
                assert len(b"".join(iter(lambda: far.recv(65536), b""))) == 100_001
                far.sendall(b"b" * 7)
                far.shutdown(socket.SHUT_WR)
                assert near.recv(100) == b"bbbbbbb"
        assert (wire.up, wire.down, wire.bytes) == (100_001, 7, 100_008)
