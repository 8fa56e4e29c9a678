"""The whole run, inside a copy of the tree: survey the tests, try every change, keep each result at once."""

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.changes import Change, changes
from tests.mutation.trial import End, Running, begin, wait

TESTS = ("tests/spec", "tests/domain")
SLOW = 4.0  # seconds in the survey, which coverage slows about three times
PATIENCE = 30  # a trial that waits for something uses no processor
WORDS = {end: end.name.lower().replace("_", " ") for end in End}


@dataclass(frozen=True)
class Known:
    """What a clean run says: which tests run a line, how long each takes, which modules the rules import."""

    by_line: dict[str, dict[int, list[str]]]
    seconds: dict[str, float]
    of_rules: frozenset[str]

    def tests_for(self, change: Change) -> list[str]:
        """The tests that run the line, quickest first; where none does (a table's line), those that run the module.

        A module that is nothing but tables is run by none: then those that run what imports it.
        """
        tests = self.by_line.get(change.path, {}).get(change.line) or self._running(change.path)
        if not tests:
            tests = sorted({test for path in importing(change.module) for test in self._running(path)})
        if change.module in self.of_rules:
            # thousands of the oracle's cases are the better half of what the slow laws would see
            tests = [test for test in tests if self.seconds.get(test, 0.0) < SLOW]
        return sorted(tests, key=lambda test: self.seconds.get(test, 0.0))

    def _running(self, path: str) -> list[str]:
        return sorted({test for some in self.by_line.get(path, {}).values() for test in some})

    def limit_for(self, tests: list[str], least: int) -> int:
        """Seconds of the processor for one trial: far more than its tests take when nothing is changed."""
        return least + 2 * int(sum(self.seconds.get(test, 0.0) for test in tests))


def importing(module: str) -> list[str]:
    """The paths of the domain that import a module."""
    package, _, name = module.rpartition(".")
    imports = re.compile(rf"^from ({re.escape(module)} import|{re.escape(package)} import .*\b{name}\b)", re.MULTILINE)
    return [str(path) for path in sorted(Path("app/domain").rglob("*.py")) if imports.search(path.read_text("utf-8"))]


def survey(folder: Path) -> Known:
    """Runs the tests once, clean, with coverage by test (or takes what an earlier run found in the folder).

    Raises SystemExit where they do not pass.
    """
    from coverage import CoverageData

    begun = time.monotonic()
    environment = {**os.environ, "SURVEY_FILE": str(folder / "seconds.json"), "COVERAGE_FILE": str(folder / "coverage")}
    options = [
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.mutation.survey",
        "--cov=app/domain",
        "--cov-context=test",
    ]
    command = [sys.executable, "-m", "pytest", *options, "--cov-report=", "--no-cov-on-fail", *TESTS]
    if not (folder / "seconds.json").exists():
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        if done.returncode:
            (folder / "seconds.json").unlink(missing_ok=True)
            raise SystemExit(f"the tests do not pass as they are:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    data = CoverageData(str(folder / "coverage"))
    data.read()
    by_line: dict[str, dict[int, list[str]]] = {}
    for file in data.measured_files():
        lines = data.contexts_by_lineno(file)
        by_line[os.path.relpath(file)] = {
            line: sorted({context.partition("|")[0] for context in contexts if context})
            for line, contexts in lines.items()
        }
    listing = "import sys, app.domain.readiness; print(*(m for m in sys.modules if m.startswith('app.domain')))"
    modules = subprocess.run([sys.executable, "-c", listing], check=True, capture_output=True, text=True).stdout.split()
    seconds = json.loads((folder / "seconds.json").read_text(encoding="utf-8"))
    print(f"{len(seconds)} tests, clean, in {time.monotonic() - begun:.0f} s", flush=True)
    return Known(by_line, seconds, frozenset(modules))


def all_changes(only: str) -> list[Change]:
    """Every change of the domain whose path contains `only`."""
    found = []
    for path in sorted(Path("app/domain").rglob("*.py")):
        if only in str(path):
            module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
            found += changes(path.read_text(encoding="utf-8"), module, str(path))
    return found


def run(only: str, processes: int, limit: int, results: Path) -> None:
    """Tries every change not yet in `results`, a file of one JSON object a line."""
    known = survey(results.parent)
    done = (
        {json.loads(line)["id"] for line in results.read_text(encoding="utf-8").splitlines()}
        if results.exists()
        else set()
    )
    todo = [change for change in all_changes(only) if change.id not in done]
    todo.sort(key=lambda change: change.module not in known.of_rules)  # the rules first
    print(f"{len(todo)} changes to try, {len(done)} tried before", flush=True)
    import hypothesis.strategies
    import pytest

    print(f"with pytest {pytest.__version__} and hypothesis {hypothesis.__version__}, loaded before the processes fork")

    running: dict[int, Running] = {}
    begun, tried, survived = time.monotonic(), 0, 0
    with results.open("a", encoding="utf-8") as kept:
        while todo or running:
            while todo and len(running) < processes:
                change = todo.pop(0)
                tests = known.tests_for(change)
                seconds = known.limit_for(tests, limit)
                pid = begin(change, tests, seconds, by_oracle=change.module in known.of_rules)
                running[pid] = Running(change, time.monotonic() + PATIENCE * seconds)
            change, end = wait(running)
            tried += 1
            survived += end in {End.SURVIVED, End.DIED}
            line = {"id": change.id, "key": change.key, "line": change.line, "path": change.path, "end": WORDS[end]}
            line |= {"where": change.where, "text": change.text, "was": change.was, "now": change.now}
            kept.write(json.dumps(line) + "\n")
            kept.flush()
            if tried % 50 == 0 or not (todo or running):
                pace = tried / (time.monotonic() - begun)
                print(f"{tried} tried, {survived} survived, {len(todo)} to go, {pace:.1f}/s", flush=True)
