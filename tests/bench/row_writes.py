"""Rows about writing a reading: beside its floors, with many at once, on a slow disk, into a long session."""

from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench import references
from tests.bench.load import burst
from tests.bench.rounds import Burst, Rounds, Target, figure
from tests.bench.stand import ENGINES, Stand
from tests.bench.table import Row
from tests.bench.wards import Ward

READINGS, SESSIONS = 256, 16
FEW, MANY = 5, 500


def creating(ward: Ward, at_once: int, sessions: int = SESSIONS) -> Target:
    """Readings into sessions that were just begun and hold three sets, at least as many sessions as come at once."""
    many = max(sessions, at_once)
    each = READINGS // max(SESSIONS, at_once)

    def run() -> Burst:
        these = [ward.treated() for _ in range(many)]
        requests = ward.readings(these, many * each)
        return burst(ward.service.port, requests, ward.service.trees, at_once=at_once)

    return run


def floors(stand: Stand) -> Iterator[Row]:
    """L1, L2, L3: creating beside null handler and database, in the same rounds."""
    with ExitStack() as until:
        wards = {engine: until.enter_context(stand.ward(engine)) for engine in ENGINES}
        rounds = stand.new_rounds()
        rounds.run(
            {
                "null": stand.null,
                "pgbench": references.pgbench(stand.quick, stand.folder),
                "raw": references.raw_sqlite(stand.folder / "raw.db"),
                "postgresql": creating(wards["postgresql"], 8),
                "postgresql 32": creating(wards["postgresql"], 32),
                "sqlite": creating(wards["sqlite"], 8),
            },
            stand.rounds,
        )
    yield Row("L1", "postgresql", rounds.ratio("postgresql", "null", "pgbench"))
    yield Row("L2", "postgresql", rounds.ratio("postgresql 32", "null", "pgbench"))
    yield Row("L3", "sqlite", rounds.ratio("sqlite", "null", "raw"))
    for name in rounds.bursts:
        yield from told(rounds, name)


def told(rounds: Rounds, name: str, of: str = "") -> Iterator[Row]:
    """CPU and rate of one target, with its quantiles in words."""
    bursts = rounds.bursts[name]
    p50, p99 = (figure([getattr(one, which) for one in bursts]).median for which in ("p50", "p99"))
    yield Row("cpu", of or name, rounds.figure(lambda one: one[name].cpu, name))
    quantiles = f"p50 {p50:.1f} ms, p99 {p99:.1f} ms" if p99 > p50 else ""
    yield Row("rate", of or name, rounds.figure(lambda one: one[name].rate, name), quantiles)


def slow_disk(stand: Stand) -> Iterator[Row]:
    """L4 and, told beside, the same writes on PostgreSQL: with an fsync of two milliseconds."""
    if stand.library is None:
        for name in ("L4a", "L4b"):
            yield Row(name, "sqlite", words="no C compiler here makes the slow disk")
        return
    with ExitStack() as until:
        wards = {engine: until.enter_context(stand.ward(engine, slow=True)) for engine in ENGINES}
        rounds = stand.new_rounds()
        targets = {}
        for engine, ward in wards.items():
            targets[f"{engine} c=1"] = creating(ward, 1, 8)
            targets[f"{engine} c=32"] = creating(ward, 32)
        assert stand.slow is not None
        targets["pgbench"] = references.pgbench(stand.slow, stand.folder)
        targets["raw"] = references.raw_sqlite(stand.folder / "raw-slow.db", stand.library, 300)
        rounds.run(targets, 3)
    one, many = "sqlite c=1", "sqlite c=32"
    yield Row("L4a", "sqlite", rounds.figure(lambda found: found[many].rate / found[one].rate, one, many))
    yield Row("L4b", "sqlite", rounds.figure(lambda found: found[many].p99 / found[many].p50, many))
    for name in targets:
        yield from told(rounds, name, f"{name}, 2 ms fsync")


def long_sessions(stand: Stand) -> Iterator[Row]:
    """G2: a reading into a session of 500 beside one into a session of five."""
    for engine in ENGINES:
        with stand.ward(engine) as ward:
            session = ward.holding(MANY)

            def at_five(ward: Ward = ward) -> Burst:
                these = [ward.treated() for _ in range(12)]
                return burst(ward.service.port, ward.readings(these, 48), ward.service.trees, at_once=4)

            def at_many(ward: Ward = ward, session: str = session) -> Burst:
                return burst(ward.service.port, ward.readings([session], 24), ward.service.trees, at_once=4)

            rounds = stand.new_rounds()
            rounds.run({"few": at_five, "many": at_many}, 3)
            yield Row("G2", engine, rounds.ratio("many", "few"))
