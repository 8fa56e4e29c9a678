"""One change tried, in a forked process of its own: the oracle's quick cases, then the tests that run the line."""

import ast
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path

from tests.mutation.changes import Change, changed

MEMORY = 3 << 30
QUICK_CASES = 150
LONG_CASES = 1_500
FIRST_SEED = 7_000_000


class End(IntEnum):
    """How a trial ended; the number is the process's exit code.

    `DIED` says nothing about the change: the trial itself went wrong, and is listed with the survivors.
    """

    SURVIVED = 0
    NOT_IMPORTED = 10
    SEEN_BY_ORACLE = 11
    SEEN_BY_TESTS = 12
    TOOK_TOO_LONG = 13
    DIED = 14


class _Loader(SourceFileLoader):
    """Loads one module from a changed tree, never from a compiled file."""

    tree: ast.Module

    def get_code(self, fullname):
        return compile(self.tree, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, change: Change, tree: ast.Module) -> None:
        self.change, self.tree = change, tree

    def find_spec(self, fullname, path, target=None) -> ModuleSpec | None:
        if fullname != self.change.module:
            return None
        loader = _Loader(fullname, str(Path(self.change.path).resolve()))
        loader.tree = self.tree
        is_package = self.change.path.endswith("__init__.py")
        places = [str(Path(self.change.path).resolve().parent)] if is_package else None
        return spec_from_file_location(fullname, loader.path, loader=loader, submodule_search_locations=places)


def _oracle_sees(first: int, count: int) -> bool:
    from tests.oracle.cases import case
    from tests.oracle.differential import differences

    return any(differences(*case(seed)) for seed in range(first, first + count))


def _tests_see(tests: Sequence[str]) -> bool:
    import pytest

    if not tests:
        return False
    # nothing but the tests: no other plugins, no databases; hypothesis was loaded before the fork
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    plain = ["-p", "no:cacheprovider", "--noconftest", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    said = pytest.main(["-x", "-q", *plain, *tests])
    if said == pytest.ExitCode.USAGE_ERROR:  # a test has another name since the survey: its whole file instead
        said = pytest.main(["-x", "-q", *plain, *dict.fromkeys(test.partition("::")[0] for test in tests)])
    if said not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}:
        raise RuntimeError(f"pytest could not be run: {said}")
    # interrupted: a test file that can no longer be imported
    return said != pytest.ExitCode.OK


def _tried(change: Change, tests: Sequence[str], *, by_oracle: bool) -> End:
    source = Path(change.path).read_text(encoding="utf-8")
    sys.meta_path.insert(0, _Finder(change, changed(source, change)))
    try:
        __import__(change.module)
    except Exception:  # noqa: BLE001 - a module that cannot be imported is noticed by everything
        return End.NOT_IMPORTED
    # The oracle's own code reads the domain's enums: if a change breaks its reading, that is seen too.
    try:
        if by_oracle and _oracle_sees(FIRST_SEED, QUICK_CASES):
            return End.SEEN_BY_ORACLE
    except Exception:  # noqa: BLE001 - as above
        return End.SEEN_BY_ORACLE
    if _tests_see(tests):
        return End.SEEN_BY_TESTS
    if by_oracle and _oracle_sees(FIRST_SEED + QUICK_CASES, LONG_CASES):
        return End.SEEN_BY_ORACLE
    return End.SURVIVED


@dataclass
class Running:
    """A trial under way, and the instant of the wall clock at which patience ends."""

    change: Change
    until: float


def _child(work: Callable[[], End], seconds: int) -> None:
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # of the processor, not of the wall clock: a busy machine must not pass for a change that was noticed
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    nowhere, said = os.open(os.devnull, os.O_RDWR), os.dup(2)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    end = End.DIED
    try:
        end = work()
    except BaseException:  # noqa: BLE001 - whatever came out of it, the process must end here
        os.write(said, traceback.format_exc().encode())
    os._exit(end)


def begin(change: Change, tests: Sequence[str], seconds: int, *, by_oracle: bool) -> int:
    """Starts a trial that may use so many seconds of the processor; the process's id."""
    pid = os.fork()
    if pid == 0:
        _child(lambda: _tried(change, tests, by_oracle=by_oracle), seconds)
    return pid


def wait(running: dict[int, Running]) -> tuple[Change, End]:
    """The next trial to end, by itself or by its time limit."""
    while True:
        for pid, trial in list(running.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del running[pid]
                code = os.waitstatus_to_exitcode(status)
                if code in {-signal.SIGXCPU, -signal.SIGKILL}:
                    return trial.change, End.TOOK_TOO_LONG
                return trial.change, End(code) if code in set(End) else End.DIED
            if time.monotonic() > trial.until:
                os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                del running[pid]
                return trial.change, End.TOOK_TOO_LONG
        time.sleep(0.01)
