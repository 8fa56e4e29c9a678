import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_imports_run_one_way():
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


PLANTED = [
    ("domain/planted.py", "import random\n", "The domain has no clock.* BROKEN"),
    ("domain/planted.py", "import time\n", "The domain has no clock.* BROKEN"),
    ("domain/planted.py", "from pathlib import Path\n", "The domain has no clock.* BROKEN"),
    ("domain/planted.py", "import app.clock\n", "Imports run one way.* BROKEN"),
    ("domain/planted.py", "import app.services\n", "Imports run one way.* BROKEN"),
    ("domain/planted.py", "import sqlalchemy\n", "Only app.db.* BROKEN"),
    ("domain/planted.py", "import msgspec\n", "The domain has no clock.* BROKEN"),
    ("services/planted.py", "from sqlalchemy import select\n", "Only app.db.* BROKEN"),
    ("services/planted.py", "import app.api\n", "Imports run one way.* BROKEN"),
    ("services/planted.py", "from pydantic import BaseModel\n", "Only app.api and app.main.* BROKEN"),
    ("api/planted.py", "import psycopg\n", "Only app.db.* BROKEN"),
    ("db/planted.py", "import app.exchange\n", "Imports run one way.* BROKEN"),
    ("db/planted.py", "from fastapi import Request\n", "Only app.api and app.main.* BROKEN"),
    ("api/planted.py", "import app.main\n", "Imports run one way.* BROKEN"),
    ("main.py", "import app.commands\n", "Imports run one way.* BROKEN"),
    ("jobs/planted.py", "import app.api\n", "Imports run one way.* BROKEN"),
    ("unlisted/__init__.py", "", "- app.unlisted\n"),
]


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory):
    """A tree of the right shape with nothing in it, which breaks no contract."""
    root = tmp_path_factory.mktemp("skeleton")
    shutil.copy(ROOT / "pyproject.toml", root)
    for package in ("api", "commands", "db", "demo", "domain", "exchange", "jobs", "services"):
        (root / "app" / package).mkdir(parents=True)
        (root / "app" / package / "__init__.py").touch()
    for module in ("__init__", "__main__", "clock", "main", "settings"):
        (root / "app" / f"{module}.py").touch()
    result = lint_imports(root)
    assert result.returncode == 0, result.stdout
    return root


@pytest.mark.parametrize(("path", "source", "said"), PLANTED, ids=[f"{p}: {s.strip()}" for p, s, _ in PLANTED])
def test_a_planted_import_breaks_its_contract(skeleton, tmp_path, path, source, said):
    root = shutil.copytree(skeleton, tmp_path / "planted")
    (root / "app" / path).parent.mkdir(exist_ok=True)
    (root / "app" / path).write_text(source)
    result = lint_imports(root)
    assert result.returncode != 0
    assert re.search(said, result.stdout), result.stdout


def imported(path: Path) -> set[str]:
    """The top-level names of all that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=aliases):
                names |= {alias.name.split(".")[0] for alias in aliases}
            case ast.ImportFrom(module=str(module), level=0):
                names.add(module.split(".")[0])
            case _:
                pass
    return names


def foreign(folder: Path) -> dict[str, list[str]]:
    """What the files below a folder import from neither the standard library nor us, and which files do."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        for name in imported(path) - set(sys.stdlib_module_names) - {"app", "tests", "hatch_build"}:
            found.setdefault(name, []).append(path.name)
    return found


def test_the_domain_stands_on_the_standard_library_and_one_writer_of_json(tmp_path):
    assert foreign(ROOT / "app" / "domain") == {"msgspec": ["canonical.py"]}
    (tmp_path / "planted.py").write_text("import json\ndef f():\n    from attrs import define\n")
    assert foreign(tmp_path) == {"attrs": ["planted.py"]}


def distributions(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def unnamed(folder: Path, declared: set[str]) -> dict[str, list[str]]:
    """Imports whose package pyproject.toml does not name: they work only as long as another package brings them."""
    owners = packages_distributions()
    return {
        name: where
        for name, where in foreign(folder).items()
        if not {canonicalize_name(owner) for owner in owners.get(name, [])} & declared
    }


RUNTIME = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["parquet"]

# Brought by a package that is named, and documented by it as part of its face: by FastAPI, and by Pydantic.
BROUGHT = {"starlette", "annotated-types", "pydantic-core"}


@pytest.mark.parametrize("folder", ["app", "migrations"])
def test_what_is_imported_is_named_in_the_project_file(folder):
    runtime = distributions(RUNTIME)
    assert unnamed(ROOT / folder, runtime | BROUGHT) == {}


OF_OTHER_ENVIRONMENTS = {"fhir": ["by_fhir_resources.py"], "trytond": ["peer_seed.py"]}
"""What the benchmark runs with a Python of its own: each of these files is a program, imported by nothing."""


def test_what_the_tests_import_is_named_in_the_project_file(tmp_path):
    declared = distributions(RUNTIME + [one for one in PROJECT["dependency-groups"]["dev"] if isinstance(one, str)])
    assert unnamed(ROOT / "tests", declared | BROUGHT) == OF_OTHER_ENVIRONMENTS
    (tmp_path / "planted.py").write_text("import pluggy\n")
    assert unnamed(tmp_path, declared) == {"pluggy": ["planted.py"]}


def without_init(app: Path) -> list[str]:
    """Folders with Python in them that the import contract would not see."""
    folders = {path.parent for path in app.rglob("*.py")}
    return sorted(str(folder.relative_to(app)) for folder in folders if not (folder / "__init__.py").exists())


def test_the_contract_sees_every_folder(tmp_path):
    assert without_init(ROOT / "app") == []
    (tmp_path / "hidden").mkdir()
    (tmp_path / "__init__.py").touch()
    (tmp_path / "hidden" / "planted.py").touch()
    assert without_init(tmp_path) == ["hidden"]
