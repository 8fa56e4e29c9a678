"""The verifier as a program: built by Node.js once a run, then asked in one process."""

import json
import subprocess
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from app.web.build import WEB, Node, run
from tests.node import installed

RUNNER = Path(__file__).parent / "run.mjs"
VERIFIER = WEB / "verifier"


def build_library(into: Path) -> Path:
    """The checks without their page, as one module."""
    config = ("-c", str(VERIFIER / "vite.config.ts"))
    run(installed(WEB), WEB, "exec", "--", "vite", "build", *config, "--mode", "library", "--outDir", str(into))
    return into / "verifier.mjs"


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module of the checks."""
    return build_library(tmp_path_factory.mktemp("verifier"))


TOGETHER = 100
"""Lines before the answers to them are read: so many short answers always fit into a pipe."""


def asked(library: Path, work: str, lines: Iterable[str]) -> Iterator[dict]:
    """The program's answers, one for each line. `work`: `cases` or `packs`."""
    node: Node = installed(WEB)
    command = [node.program, RUNNER, library, work]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdin is not None
        assert started.stdout is not None
        for some in batched(lines, TOGETHER):
            started.stdin.write("".join(f"{line}\n" for line in some))
            started.stdin.flush()
            for _ in some:
                yield json.loads(started.stdout.readline())
        started.stdin.close()
    assert started.returncode == 0


def batched(lines: Iterable[str], size: int) -> Iterator[list[str]]:
    """As of Python 3.12 in the standard library."""
    coming = iter(lines)
    while some := list(islice(coming, size)):
        yield some
