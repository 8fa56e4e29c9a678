import json
import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from hatch_build import NODE
from tests.architecture.tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME: list[str] = PROJECT["project"]["dependencies"]
PARQUET: list[str] = RUNTIME + PROJECT["project"]["optional-dependencies"]["parquet"]
NODE_GROUP: list[str] = PROJECT["dependency-groups"]["node"]
DEV: list[str] = [one for one in PROJECT["dependency-groups"]["dev"] if isinstance(one, str)]
LOCKS = {
    "requirements.txt": RUNTIME,
    "requirements-parquet.txt": PARQUET,
    "requirements-node.txt": NODE_GROUP,
    "requirements-dev.txt": PARQUET + NODE_GROUP + DEV,
}


def entries(text: str) -> list[tuple[Requirement, list[str]]]:
    """A lock's pins, each with its hashes. Anything that is neither a pin nor a comment raises."""
    joined = re.sub(r"\\\n", " ", text)
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(Requirement(line.split("--hash")[0].strip()), re.findall(r"--hash=(\S+)", line)) for line in lines]


def faults(text: str) -> list[str]:
    """What a lock must not have: an address, an entry without one exact version, an entry without hashes."""
    found = ["an address"] if re.search(r"\w://|--index-url|--find-links|--extra-index", text) else []
    for pin, hashes in entries("\n".join(line for line in text.split("\n") if not line.startswith("--"))):
        if pin.url or not re.fullmatch(r"==[^,*]+", str(pin.specifier)):
            found.append(f"{pin.name} is not pinned")
        if not hashes or not all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes):
            found.append(f"{pin.name} has no hash")
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_by_hash_and_carries_no_address(lock):
    assert faults((ROOT / lock).read_text()) == []


GOOD = "alpha==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("--index-url https" + "://packages.invalid/simple\n" + GOOD, "an address"),
        ("--find-links wheels\n" + GOOD, "an address"),
        (GOOD.replace("==1.0", " @ https" + "://packages.invalid/alpha.whl"), "an address"),
        (GOOD.replace("==", ">="), "alpha is not pinned"),
        ("alpha==1.0\n", "alpha has no hash"),
    ],
)
def test_a_planted_fault_of_a_lock_is_seen(text, fault):
    assert faults(GOOD) == []
    assert fault in faults(text)


NPM_LOCKS = sorted(
    str(path.relative_to(ROOT)) for path in ROOT.glob("*/**/package-lock.json") if "node_modules" not in path.parts
)


def npm_faults(text: str) -> list[str]:
    """What a lock of npm's must not have: an address (npm adds `funding` by itself), an entry without a hash.

    What comes inside another package's archive stands under that one's hash.
    """
    found = ["an address"] if re.search(r"\w://", text) else []
    packages = {name: one for name, one in json.loads(text)["packages"].items() if name and not one.get("inBundle")}
    return found + [f"{name} has no hash" for name, one in packages.items() if "integrity" not in one]


@pytest.mark.parametrize("lock", NPM_LOCKS)
def test_a_lock_of_npm_pins_by_hash_and_carries_no_address(lock):
    assert len(NPM_LOCKS) == 4
    assert npm_faults((ROOT / lock).read_text()) == []


def test_a_planted_fault_of_a_lock_of_npm_is_seen():
    good = {"version": "1.0.0", "integrity": "sha512-AAAA"}
    paid = good | {"funding": {"url": "https" + "://alpha.invalid"}}
    assert npm_faults(json.dumps({"packages": {"": {}, "alpha": good}})) == []
    assert npm_faults(json.dumps({"packages": {"alpha": paid}})) == ["an address"]
    assert npm_faults(json.dumps({"packages": {"alpha": {"version": "1.0.0"}}})) == ["alpha has no hash"]


def unmet(wanted: list[str], lock: str) -> list[str]:
    """What the project asks for and its lock does not give: `make lock` was forgotten."""
    pins = entries(lock)

    def given(want: Requirement) -> bool:
        same = [pin for pin, _ in pins if canonicalize_name(pin.name) == canonicalize_name(want.name)]
        return any(want.specifier.contains(next(iter(pin.specifier)).version) for pin in same)

    return [line for line in wanted if not given(Requirement(line))]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_gives_what_the_project_asks_for(lock):
    assert unmet(LOCKS[lock], (ROOT / lock).read_text()) == []


def test_a_forgotten_lock_is_seen():
    assert unmet(["alpha>=1"], GOOD) == []
    assert unmet(["alpha>=2", "beta"], GOOD) == ["alpha>=2", "beta"]


def needed(wanted: Iterable[str], *, here: bool = False) -> set[NormalizedName]:
    """All that the wanted packages bring with them, as the installed ones say: on any machine, or on this one."""
    found: set[tuple[NormalizedName, str]] = set()
    todo = [(Requirement(line), "") for line in wanted]
    while todo:
        want, _ = todo.pop()
        name = canonicalize_name(want.name)
        for extra in ("", *want.extras):
            if (name, extra) in found:
                continue
            found.add((name, extra))
            try:
                brought = [Requirement(line) for line in requires(name) or []]
            except PackageNotFoundError:
                continue  # for another platform
            todo += [(one, extra) for one in brought if belongs(one, extra, here=here)]
    return {name for name, _ in found}


def belongs(brought: Requirement, extra: str, *, here: bool) -> bool:
    """Whether a package brings this along: always, or for the extra that was asked for."""
    if here:
        return brought.marker is None or brought.marker.evaluate({"extra": extra})
    asked = re.findall(r'extra == "([^"]+)"', str(brought.marker or ""))
    return not asked or canonicalize_name(extra) in {canonicalize_name(one) for one in asked}


@pytest.mark.parametrize("lock", LOCKS)
def test_nothing_lingers_in_the_lock(lock):
    locked = {canonicalize_name(pin.name) for pin, _ in entries((ROOT / lock).read_text())}
    assert locked - needed(LOCKS[lock]) == set()


def test_what_lingers_is_seen():
    locked = {canonicalize_name(pin.name) for pin, _ in entries((ROOT / "requirements.txt").read_text())}
    without = [line for line in RUNTIME if not line.startswith("alembic")]
    assert {"alembic", "mako"} <= locked - needed(without)


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_is_whole(lock):
    """What is not in it is not installed: nothing is looked for beside it."""
    assert missing(LOCKS[lock], (ROOT / lock).read_text()) == set()


def missing(wanted: list[str], lock: str) -> set[NormalizedName]:
    """What the wanted packages need on this machine, and the lock lacks."""
    locked = {canonicalize_name(pin.name) for pin, _ in entries(lock)}
    return needed(wanted, here=True) - locked


def test_what_a_lock_lacks_is_seen():
    lock = (ROOT / "requirements.txt").read_text()
    without = re.sub(r"^mako==.*?\n(?=\w)", "", lock, flags=re.MULTILINE | re.DOTALL)
    assert missing(RUNTIME, lock) == set()
    assert missing(RUNTIME, without) == {"mako"}


def test_one_version_of_each_in_all_locks():
    pins = {lock: {str(pin) for pin, _ in entries((ROOT / lock).read_text())} for lock in LOCKS}
    assert pins["requirements.txt"] < pins["requirements-parquet.txt"] < pins["requirements-dev.txt"]
    assert pins["requirements-node.txt"] < pins["requirements-dev.txt"]
    assert pins["requirements-node.txt"] == {NODE}


def test_a_package_is_built_by_what_the_tests_are_built_by():
    assert set(PROJECT["build-system"]["requires"]) <= set(DEV)
