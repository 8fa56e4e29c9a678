"""The command: measures, prints the table, writes var/bench/*.json.

python -m tests.bench [--peer] [--full] [--only GROUP ...] [--report-only] [--out FILE]

The exit code is 1 where a row is beyond its must, else 2 where one could not be judged, else 0.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from tests.bench.load import ROOT
from tests.bench.processes import cpu_seconds, machine_busy
from tests.bench.row_board import boards
from tests.bench.row_counts import counts
from tests.bench.row_export import exports
from tests.bench.row_footprint import footprint
from tests.bench.row_peer import peers
from tests.bench.row_reads import searchsets, sessions
from tests.bench.row_tablet import tablet
from tests.bench.row_writes import floors, long_sessions, slow_disk
from tests.bench.stand import Stand, standing
from tests.bench.table import Row, document, failing, text, unjudged

Group = Callable[[Stand], Iterator[Row]]
Stands = Callable[[bool], AbstractContextManager[Stand]]
GROUPS: dict[str, tuple[Group, tuple[str, ...]]] = {
    "footprint": (footprint, ("G10a", "G10b", "G10c")),
    "counts": (counts, ("G1", "G9", "G4", "G5")),
    "floors": (floors, ("L1", "L2", "L3")),
    "slow-disk": (slow_disk, ("L4a", "L4b")),
    "long-sessions": (long_sessions, ("G2",)),
    "sessions": (sessions, ("G3", "L7")),
    "searchsets": (searchsets, ("L6",)),
    "exports": (exports, ("L5a", "L5b", "G7", "G8")),
    "boards": (boards, ("G6a", "G6b", "G6c")),
    "tablet": (tablet, ("T1", "T2", "T3", "T4", "T5")),
}
PEERS: dict[str, tuple[Group, tuple[str, ...]]] = {"peer": (peers, ("P1", "P3", "P4"))}


def measured(groups: dict[str, tuple[Group, tuple[str, ...]]], where: AbstractContextManager[Stand]) -> list[Row]:
    """Every row of these groups. One that breaks is said to be so, and the others go on."""
    rows: list[Row] = []
    with where as stand:
        for name, (group, ids) in groups.items():
            began, used, found = time.monotonic(), cpu_seconds([os.getpid()]), []
            try:
                found.extend(group(stand))  # what came before it broke stays
            except Exception as error:  # noqa: BLE001 - a row that cannot be measured says so
                traceback.print_exc()
                missing = [this for this in ids if this not in {row.id for row in found}] or list(ids[-1:])
                found += [Row(this, "", words=f"{type(error).__name__}: {error}"[:200]) for this in missing]
            rows += found
            took, own = time.monotonic() - began, cpu_seconds([os.getpid()]) - used
            print(f"{name}: {took:.0f} s, {own:.0f} s of our own processor time", file=sys.stderr, flush=True)
    return rows


def machine() -> dict[str, object]:
    """Where this was measured."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "commit": commit.stdout.strip() or None,
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
    }


def main(
    arguments: list[str],
    groups: dict[str, tuple[Group, tuple[str, ...]]] | None = None,
    stands: Stands = standing,
) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--peer", action="store_true", help="GNU Health beside us, and nothing else")
    parser.add_argument("--full", action="store_true", help="the long tables: a million and ten million readings")
    parser.add_argument("--only", nargs="*", choices=[*GROUPS, *PEERS], help="these groups of rows")
    parser.add_argument("--report-only", action="store_true", help="exit code 0 whatever was measured")
    parser.add_argument("--out", type=Path, help="where the JSON goes")
    given = parser.parse_args(arguments)
    chosen = groups or (PEERS if given.peer else GROUPS)
    if given.only:
        chosen = {name: group for name, group in (GROUPS | PEERS).items() if name in given.only}
    began, before = time.monotonic(), machine_busy()
    rows = measured(chosen, stands(given.full))
    after = machine_busy()
    print(text(rows))
    seconds, busy = time.monotonic() - began, (after[0] - before[0]) / max(after[1] - before[1], 0.01)
    print(f"\n{seconds:.0f} s; all cores were busy {100 * busy:.0f} % of them, we and others together")
    doubtful = [row for row in rows if row.verdict == "too busy"]
    if doubtful:
        print(
            f"The machine was too busy for {len(doubtful)} of {len(rows)} rows to be believed: run it when it is quiet."
        )
    beyond, open_ = failing(rows), unjudged(rows)
    for words, some in (("Beyond its must", beyond), ("Nobody can say of", open_)):
        if some:
            print(f"{words}: {', '.join(sorted({row.id for row in some}))}")
    out = given.out or ROOT / "var" / "bench" / ("peer.json" if given.peer else "bench.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(
        json.dumps({**machine(), "seconds": round(seconds), "full": given.full, "rows": document(rows)}, indent=1)
    )
    if given.report_only:
        return 0
    return 1 if beyond else 2 if open_ else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whatever was started ends with it
    sys.exit(main(sys.argv[1:]))
