"""`python -m tests.mutation`: copies the tree, runs every change there, and writes docs/mutation.md."""

import argparse
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.mutation.report import page
from tests.mutation.run import all_changes, run

COPIED = ("app", "tests", "migrations", "pyproject.toml", "docs", "README.md")
INSIDE = "MUTATION_RESULTS"


def main() -> int:
    """Parses the options, and does the run in a copy, so that the tree may be worked on meanwhile."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--only", default="", help="only paths that contain this text, for example readiness")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--limit", type=int, default=60, help="seconds for one change besides its tests (60)")
    parser.add_argument("--folder", type=Path, default=Path("var/mutation"), help="for the copy and the results")
    parser.add_argument("--again", action="store_true", help="forget what an earlier run found")
    parser.add_argument("--page-only", action="store_true", help="write the page from the results there are")
    options = parser.parse_args()
    results = (options.folder / "results.jsonl").resolve()
    if INSIDE in os.environ:
        run(options.only, options.processes, options.limit, Path(os.environ[INSIDE]))
        return 0
    if not options.page_only:
        copy = options.folder / "tree"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(parents=True)
        if options.again:
            for name in ("results.jsonl", "seconds.json", "coverage"):
                (options.folder / name).unlink(missing_ok=True)
        for name in COPIED:
            source = Path(name)
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
            elif source.exists():
                shutil.copy(source, copy / name)
        same = ["--only", options.only, "--processes", str(options.processes), "--limit", str(options.limit)]
        environment = {**os.environ, INSIDE: str(results), "PYTHONPATH": str(copy.resolve()), "PYTHONHASHSEED": "0"}
        done = subprocess.run([sys.executable, "-m", "tests.mutation", *same], cwd=copy, env=environment, check=False)
        if done.returncode:
            return done.returncode
    text = page(results, {change.id for change in all_changes("")}, datetime.now(UTC).date())
    Path("docs/mutation.md").write_text(text, encoding="utf-8")
    print("docs/mutation.md written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
