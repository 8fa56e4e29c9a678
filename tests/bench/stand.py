"""What all groups of rows share: a folder, the clusters, the null service, how many rounds, how long they may take."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from app.db.engine import open_database
from app.db.work import EVERY_CLINIC
from tests import factories, postgres
from tests.bench import references, slow_disk
from tests.bench.rounds import Rounds, Target
from tests.bench.servers import ENGINES, Cluster, Place, Running, cluster, place, serving
from tests.bench.two_clinics import Tables, filled
from tests.bench.wards import Ward

QUICK_MINUTES, FULL_MINUTES = 6, 240


@dataclass
class Stand:
    """Where a run measures. `full`: the long tables."""

    folder: Path
    quick: Cluster
    slow: Cluster | None
    library: Path | None
    null: Target
    full: bool
    ends: float
    _tables: dict[tuple[str, bool], Tables] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        return 5

    def new_rounds(self) -> Rounds:
        return Rounds(self.ends)

    def place(self, engine: str, *, slow: bool = False) -> Place:
        made = place(engine, self.folder, self.slow if slow else self.quick)
        asserted_durable(made)
        return made

    def tables(self, engine: str, *, full: bool = False) -> Tables:
        """The two filled clinics on this engine, with `full` the long ones; filled when they are first asked for."""
        if (engine, full) not in self._tables:
            self._tables[engine, full] = filled(self.place(engine), full=full)
        return self._tables[engine, full]

    @contextmanager
    def ward(self, engine: str, *, slow: bool = False) -> Iterator[Ward]:
        """A new clinic in a real service on this engine."""
        library = self.library if slow and engine == "sqlite" else None
        with serving(self.place(engine, slow=slow), self.folder, library) as service:
            yield Ward.first(service)

    @contextmanager
    def served(self, where: Place) -> Iterator[Running]:
        with serving(where, self.folder) as service:
            yield service


def asserted_durable(where: Place) -> None:
    """Commits reach the disk on this engine, or every figure would flatter."""
    if where.cluster is not None:
        references.asserted_durable(where.cluster)
        return
    database = open_database(where.url)
    row = database.write_now(lambda work: work.first(text("PRAGMA synchronous")), EVERY_CLINIC, factories.NOON)
    database.close()
    assert row is not None
    assert row[0] == 2, f"SQLite's synchronous is {row[0]}, not FULL"


@contextmanager
def standing(full: bool) -> Iterator[Stand]:
    """Both clusters, the null service; everything ends and goes with it."""
    with ExitStack() as until:
        folder = Path(until.enter_context(TemporaryDirectory(prefix="iv-bench-")))
        folder.chmod(0o755)  # the clusters may run as somebody else, who has to read the slow disk's library
        postgres.begin()
        until.callback(postgres.end)
        library = slow_disk.shim(folder)
        quick = until.enter_context(cluster("quick"))
        slow = until.enter_context(cluster("slow", library)) if library else None
        null = until.enter_context(references.null_handler())
        ends = time.monotonic() + 60 * (FULL_MINUTES if full else QUICK_MINUTES)
        yield Stand(folder, quick, slow, library, null, full, ends)


__all__ = ["ENGINES", "Stand", "standing"]
