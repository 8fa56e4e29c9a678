"""Rows beside GNU Health: creating, reading thirty, and taking everything out, in the same rounds as ours."""

import time
from collections.abc import Iterator

from app.db.engine import open_database
from tests.bench.load import burst
from tests.bench.peer import ROWS, Peer, running
from tests.bench.processes import Watch
from tests.bench.rounds import Burst, Target
from tests.bench.row_export import export
from tests.bench.row_reads import looking
from tests.bench.row_writes import creating, told
from tests.bench.stand import Stand
from tests.bench.table import Row
from tests.export.filling import fill

CREATED, LOOKS, FOR_EXPORT = 100, 60, 150
"""Few of theirs: its table must stay small, for what it costs grows with it."""


def peers(stand: Stand) -> Iterator[Row]:
    """P1, P3, P4."""
    with running(stand.quick, stand.folder) as peer, stand.ward("postgresql") as ward:
        usual = ward.holding(ROWS)
        rounds = stand.new_rounds()
        rounds.run(
            {
                "ours, create": creating(ward, 8),
                "GNU Health, create": lambda: burst(peer.port, peer.creating(CREATED), peer.trees),
                "ours, read": looking(ward, f"/v1/sessions/{usual}", LOOKS),
                "GNU Health, read": lambda: burst(peer.port, peer.reading(LOOKS), peer.trees),
            },
            stand.rounds,
        )
        yield Row("P1", "postgresql", rounds.ratio("ours, create", "GNU Health, create"))
        yield Row("P3", "postgresql", rounds.ratio("ours, read", "GNU Health, read"))
        for name in rounds.bursts:
            yield from told(rounds, name)
        yield from _exports(stand, peer)


def _exports(stand: Stand, peer: Peer) -> Iterator[Row]:
    """Records a second by the wall, each with nothing else asked of it meanwhile."""
    where = stand.place("postgresql")
    database = open_database(where.url)
    clinic = fill(database, FOR_EXPORT)
    database.close()
    turn = iter(range(1000))

    def ours() -> Burst:
        found = export(where, clinic.id, stand.folder / f"peer-{next(turn)}")
        return Burst(1000 * (found.cpu + found.database) / found.lines, found.lines / found.wall, 0, 0, found.foreign)

    def theirs() -> Burst:
        watch, began = Watch(**peer.trees), time.perf_counter()
        many = peer.export()
        wall = time.perf_counter() - began
        return Burst(1000 * sum(watch.cpu().values()) / many, many / wall, 0, 0, watch.foreign())

    targets: dict[str, Target] = {"ours, export": ours, "GNU Health, export": theirs}
    rounds = stand.new_rounds()
    rounds.run(targets, 3)
    yield Row(
        "P4",
        "postgresql",
        rounds.figure(lambda one: one["ours, export"].rate / one["GNU Health, export"].rate, *targets),
    )
