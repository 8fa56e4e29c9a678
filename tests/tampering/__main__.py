"""`python -m tests.tampering`: plants as many changes as asked, and says how many of each kind were not named."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from app.db.engine import migrate, open_database
from tests import postgres
from tests.tampering.ground import charted, standing
from tests.tampering.harness import Tally, plant

CHUNK = 250


def on_sqlite(seeds: range) -> Tally:
    """Changes in a file of their own."""
    folder = Path(tempfile.mkdtemp(prefix="iv-tampering-"))
    try:
        url = f"sqlite:///{folder}/clinic.db"
        migrate(url)
        return _on(url, seeds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def on_postgresql(seeds: range) -> Tally:
    """Changes in a database of their own."""
    name = f"tampering_{os.getpid()}_{seeds.start}"
    try:
        return _on(postgres.make(name), seeds)
    finally:
        postgres.drop(name)


def _on(url: str, seeds: range) -> Tally:
    database = open_database(url)
    try:
        clinics = charted(database)
    finally:
        database.close()
    with standing(url, clinics) as ground:
        return plant(ground, seeds)


def main() -> int:
    """Runs what was asked for, and prints a tally for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.tampering", description=__doc__)
    parser.add_argument("--records", type=int, default=10_000, help="changes on each engine (10000)")
    parser.add_argument("--packs", type=int, default=10_000, help="changes in packs, for each verifier (10000)")
    parser.add_argument("--first", type=int, default=1_000_000, help="the first seed")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", choices=["sqlite", "postgresql", "packs", "page"], help="one of the four")
    options = parser.parse_args()
    from tests.tampering.planting import in_packs, on_page
    from tests.verifier.program import build_library

    runs = {"sqlite": (on_sqlite, options.records), "postgresql": (on_postgresql, options.records)}
    runs |= {"packs": (in_packs, options.packs)}
    missed, library = 0, Path(tempfile.mkdtemp(prefix="iv-verifier-"))
    postgres.begin()
    try:
        if options.only in (None, "page"):
            runs |= {"page": (partial(on_page, build_library(library)), options.packs)}
        if options.only in (None, "postgresql"):
            postgres.folder()
        for name, (run, count) in runs.items():
            if options.only not in (None, name):
                continue
            first, end = options.first, options.first + count
            begun, tally = time.perf_counter(), Tally()
            with ProcessPoolExecutor(options.processes) as pool:
                for one in pool.map(run, [range(n, min(n + CHUNK, end)) for n in range(first, end, CHUNK)]):
                    tally.planted.update(one.planted)
                    tally.missed += one.missed
                    print(f"{name}: {tally.planted.total()} planted", file=sys.stderr, flush=True)
            print(f"{name}, {time.perf_counter() - begun:.0f} s: {tally}", flush=True)
            missed += len(tally.missed)
    finally:
        postgres.end()
        shutil.rmtree(library, ignore_errors=True)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
