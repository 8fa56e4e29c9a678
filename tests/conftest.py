"""What every test may ask for: an empty, migrated database on each engine. PostgreSQL is never skipped."""

import gc
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from app.domain.protocol.check import check as prove
from app.domain.protocol.values import Protocol
from app.services import passwords, protocols
from tests import dealing, keys, postgres
from tests.compiled import compiled_once

ENGINES = ("sqlite", "postgresql")

# Where the environment forbids Python to keep what it has compiled, as containers like to, each worker and each of the
# hundred programs that tests start would compile everything anew: more than a second of work each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Whatever a test serves, in this process or in another, seals its secrets with the tests' key.
os.environ["SECRETS_KEY"] = keys.TEXT
os.environ.pop("SECRETS_KEY_FILE", None)


# What is imported and collected stays, and what a test makes is mostly gone with it: the collector need not look after
# every 700 objects. (In the service's own process, `app/__main__.py` and `app/commands/serving.py` say how often.)
gc.set_threshold(50_000, 10, 10)

# How long an example takes says more of the machine than of the code: a busy one is no failure.
settings.register_profile("without-deadline", deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("without-deadline")
    if not hasattr(config, "workerinput"):
        postgres.begin()
    config.option.loadscopereorder = False  # several workers take the tests in the order that `dealing` gives them


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.pluginmanager.hasplugin("xdist"):
        dealing.deal(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> dealing.Dealing:
    return dealing.Dealing(config, log)


@pytest.hookimpl(optionalhook=True)  # nobody asks where one process runs them all
def pytest_xdist_auto_num_workers() -> int:
    """Two a core: one for what works, and one for what waits for a browser or a process of its own (`dealing`)."""
    return 2 * (os.cpu_count() or 1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many tests ran on each engine, so that nobody takes a half for the whole."""
    reports = [one for outcome in ("passed", "failed") for one in terminalreporter.stats.get(outcome, ())]
    ran = Counter(dealing.engine_of(report.nodeid) for report in reports)
    terminalreporter.write_line(
        f"Ran on SQLite: {ran['sqlite']}; on PostgreSQL: {ran['postgresql']}; naming no engine: {ran[None]}"
    )


def pytest_collection_finish() -> None:
    # some ten thousand tests and all they import stay to the end: the collector need not walk them again and again
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    postgres.let_go()
    if not hasattr(config, "workerinput") and postgres.FOLDER in os.environ:
        postgres.end()


REAL = passwords.HASHER
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """argon2id as ever, but in a thousandth of the time: passwords of tests are no secrets.

    Only in this process, and not where a test asks for `real_costs`.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", CHEAP)
        yield


@pytest.fixture(scope="session", autouse=True)
def statements() -> Iterator[None]:
    """Each test opens its own database, and what it asks was mostly asked by one before it."""
    with compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def proved_once() -> Iterator[None]:
    """A protocol is proved once by this process: hundreds of clinics approve the same two.

    What was refused, or differs in anything, is judged anew, and `tests/domain` asks the proof itself.
    """
    proved: dict[str, Protocol] = {}

    def check(protocol: Protocol) -> None:
        if proved.get(protocol.content_hash) != protocol:
            prove(protocol)
            proved[protocol.content_hash] = protocol

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocols, "check", check)
        yield


@pytest.fixture
def real_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords and PINs cost what they cost a clinic."""
    monkeypatch.setattr(passwords, "HASHER", REAL)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to copy."""
    from app.db.engine import migrate

    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(engine_name: str, tmp_path: Path, sqlite_template: Path) -> Iterator[str]:
    """The address of an empty, migrated database of this test's own."""
    if engine_name == "sqlite":
        path = tmp_path / "clinic.db"
        shutil.copyfile(sqlite_template, path)
        yield f"sqlite:///{path}"
    else:
        yield postgres.emptied(f"of_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}")


@pytest.fixture
def database(database_url: str) -> Iterator["Database"]:  # noqa: F821 - imported where it is needed
    from app.db.engine import open_database

    opened = open_database(database_url, keys=keys.PLACE)
    yield opened
    opened.close()
