"""Seeded chaos on one tablet: everything that can go wrong between a nurse's finger and the record, in random order.

    python -m tests.browser.chaos --runs 200 --seed 1 [--database sqlite|postgresql]

Each run is a real Chromium, the real service and a wire between them that cuts, repeats and swallows. At its end every
reading and event whose saving the screen acknowledged is in the record exactly once, under the right patient and
author, with its values, and its time is right or marked as doubtful. A failure prints its seed and what was done.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests import postgres
from tests.browser.bad_day import TALK, Lost, Run
from tests.browser.clinic import Clinic
from tests.browser.ward import END_CONNECTIONS, FULL_STORAGE, MOVE_CLOCK, WATCH_DURABILITY
from tests.browser.wire import Wire
from tests.node import tablet_app_built


@contextmanager
def ready(
    browser: Browser, clinic: Clinic, seed: int, *, enrolled: bool = True, ids_by_service: bool = False
) -> Iterator[Run]:
    """A run about to go: its wire, its browser profile, its patients."""
    with ExitStack() as leave:
        wire = leave.enter_context(Wire(clinic.port, ids_by_service=ids_by_service))
        context = browser.new_context(base_url=wire.url, viewport={"width": 820, "height": 1180}, has_touch=True)
        leave.callback(context.close)
        for script in (WATCH_DURABILITY, MOVE_CLOCK, FULL_STORAGE, END_CONNECTIONS):
            context.add_init_script(script)
        run = Run(seed, clinic, wire, context, enrolled)
        leave.callback(run.leave)
        leave.callback(run.heal)
        yield run


def one(
    browser: Browser,
    clinic: Clinic,
    seed: int,
    operations: Sequence[str] | None = None,
    *,
    enrolled: bool = True,
    ids_by_service: bool = False,
    tally: "Tally | None" = None,
) -> Run:
    """One whole run. Raises `Lost`, with the seed and what was done.

    An `enrolled` tablet signs what it sends, so that whatever makes ids anew on the way is found out at once.
    """
    with ready(browser, clinic, seed, enrolled=enrolled, ids_by_service=ids_by_service) as run:
        try:
            run.go(operations)
        except Exception as failure:
            if TALK:
                run.page.screenshot(path=f"{tempfile.gettempdir()}/chaos-{seed}.png")
            said = "\n".join(f"  {line}" for line in [*run.done, *run.tablet.said[-8:]])
            kind = Lost if isinstance(failure, Lost) else RuntimeError
            raise kind(f"seed {seed}: {failure}\n{said}") from failure
        finally:
            if tally is not None:
                tally.add(run)
        return run


@dataclass(frozen=True, slots=True)
class Tally:
    """What happened in all runs together, failed ones too."""

    typed: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    wire: Counter[str] = field(default_factory=Counter)

    def add(self, run: Run) -> None:
        """Counts one run in."""
        self.typed.update(each.what for each in run.typed.values())
        self.happened.update(run.happened)
        self.wire.update(str(fate) for fate in run.wire.met)

    def lines(self) -> list[str]:
        """One for each kind of thing, the most frequent first."""
        # readings and events are counted as typed
        happened = Counter({what: count for what, count in self.happened.items() if count and what not in self.typed})
        return [
            f"{kind}: " + ", ".join(f"{what} {count}" for what, count in found.most_common())
            for kind, found in (("typed", self.typed), ("happened", happened), ("met on the wire", self.wire))
        ]


def database(engine: str, folder: Path) -> str:
    """An empty, migrated database of this run's own."""
    from app.db.engine import migrate

    if engine == "postgresql":
        return postgres.emptied("chaos")
    migrate(f"sqlite:///{folder / 'chaos.db'}")
    return f"sqlite:///{folder / 'chaos.db'}"


def main(arguments: Sequence[str] | None = None) -> int:
    from tests.browser import chromium
    from tests.browser.conftest import FLAGS

    reader = argparse.ArgumentParser(description="Seeded chaos on a tablet: nothing may be lost, doubled or misplaced.")
    reader.add_argument("--runs", type=int, default=20)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = reader.parse_args(arguments)
    tablet_app_built()
    postgres.begin()
    failed = 0
    tally = Tally()
    started_at = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
            browser = started.chromium.launch(executable_path=chromium.program(), args=list(FLAGS))
            with Clinic(database(asked.database, Path(folder))) as clinic:
                for seed in range(asked.seed, asked.seed + asked.runs):
                    begun = time.monotonic()
                    try:
                        run = one(browser, clinic, seed, tally=tally)
                    except Exception as failure:  # noqa: BLE001  # each run stands for itself
                        failed += 1
                        print(f"FAILED {failure}", flush=True)
                        continue
                    print(f"seed {seed}: {len(run.typed)} typed, {time.monotonic() - begun:.0f} s", flush=True)
            browser.close()
    finally:
        postgres.end()
    took = time.monotonic() - started_at
    print(f"{asked.runs} runs on {asked.database}, {failed} failed, {took:.0f} s ({took / asked.runs:.0f} s a run)")
    print("\n".join(tally.lines()))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
