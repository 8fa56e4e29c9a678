import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import import_module

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import app
from app.web import DIST
from tests.architecture.tree import ROOT, files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_licence_is_named_by_its_spdx_id():
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert (ROOT / "LICENSE").read_text().startswith("SPDX-License-Identifier: Apache-2.0\n")


def test_the_owners_of_the_codes_are_named():
    notice = (ROOT / "NOTICE").read_text()
    for owner in ("LOINC", "UCUM", "Regenstrief Institute", "The UCUM Organization", "registered trademark"):
        assert owner in notice


def test_the_command_leads_to_the_command_line():
    module, _, function = PROJECT["project"]["scripts"]["infusion-vitals"].partition(":")
    assert callable(getattr(import_module(module), function))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names inside the wheel, built from this tree without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    assert built.name.startswith(f"infusion_vitals-{app.__version__}-")
    return set(zipfile.ZipFile(built).namelist())


def test_the_wheel_carries_all_the_service_needs(wheel):
    wanted = {
        str(path.relative_to(ROOT))
        for folder in ("app", "migrations")
        for path in files(ROOT / folder)
        if path.suffix in {".py", ".toml", ".mako"}
    }
    assert any(name.startswith("app/protocols/") and name.endswith(".toml") for name in wanted)
    assert any(name.startswith("migrations/versions/") for name in wanted)
    assert wanted - wheel == set()


def test_the_wheel_carries_the_tablet_app_as_it_was_built_and_not_its_sources(wheel):
    built = {str(path.relative_to(ROOT)) for path in DIST.rglob("*") if path.is_file()}
    assert built <= wheel
    inside = {name for name in wheel if name.startswith("app/web/")}
    assert inside - built == {"app/web/__init__.py", "app/web/build.py"}


def test_the_wheel_carries_nothing_else(wheel):
    assert {name for name in wheel if re.match(r"(tests|docs|var|\.)", name)} == set()


def test_migrations_are_found_and_dated():
    config = Config(toml_file=ROOT / "pyproject.toml")
    script = ScriptDirectory.from_config(config)
    names = [path.name for path in (ROOT / "migrations" / "versions").glob("*.py")]
    assert script.dir == str(ROOT / "migrations")
    assert names
    assert [name for name in names if not dated(name)] == []
    assert len(script.get_heads()) == 1


def dated(name: str) -> bool:
    return re.fullmatch(r"20\d\d_[01]\d_[0-3]\d_[0-2]\d[0-5]\d_[a-z0-9_]+\.py", name) is not None


def test_an_undated_migration_is_seen():
    assert dated("2026_11_23_0930_first.py")
    assert not dated("3f2a1b_first.py")
