import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

NOW = "from datetime import UTC, datetime\n\nINSTANT = datetime.now(UTC)\n"
RENAMED_NOW = "import datetime as dt\n\nINSTANT = dt.datetime.now(dt.UTC)\n"
UTCNOW = "from datetime import datetime\n\nINSTANT = datetime.utcnow()\n"
TODAY = "from datetime import date\n\nDAY = date.today()\n"
EPOCH = "import time\n\nSECONDS = time.time()\n"
RAW = 'import sqlalchemy as sa\n\nQUERY = sa.text("SELECT 1")\n'
IMPORTED_RAW = 'from sqlalchemy import text\n\nQUERY = text("SELECT 1")\n'


def rules_broken(source: str, path: str) -> set[str]:
    """The codes ruff gives for a source as if it stood at `path`."""
    program = Path(sys.executable).with_name("ruff")
    result = subprocess.run(
        [program, "check", "--no-cache", "--output-format=concise", f"--stdin-filename={path}", "-"],
        input=source,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode in {0, 1}, result.stderr
    return set(re.findall(r":\d+:\d+: ([A-Z]+\d+)", result.stdout))


@pytest.mark.parametrize("source", [NOW, RENAMED_NOW, UTCNOW, TODAY, EPOCH])
@pytest.mark.parametrize("path", ["app/domain/planted.py", "app/services/planted.py", "app/db/planted.py"])
def test_only_the_clock_reads_a_clock(source, path):
    assert "TID251" in rules_broken(source, path)
    assert "TID251" not in rules_broken(source, "app/clock.py")


@pytest.mark.parametrize("source", [RAW, IMPORTED_RAW])
def test_raw_sql_stands_only_in_the_engine_and_the_migrations(source):
    assert "TID251" in rules_broken(source, "app/db/readings.py")
    assert "TID251" in rules_broken(source, "app/services/planted.py")
    assert "TID251" not in rules_broken(source, "app/db/engine.py")
    assert "TID251" not in rules_broken(source, "migrations/versions/planted.py")


def test_a_relative_import_is_refused():
    assert "TID252" in rules_broken("from . import planted\n", "app/domain/planted.py")


def without_reason(source: str) -> list[str]:
    """Lines of a list of ignored lint rules that do not say why."""
    entries = re.findall(r'^ *("[A-Z]+\d*",.*|"[^"]+" = \["[A-Z]+\d*"\].*)$', source, re.MULTILINE)
    assert entries, "no ignored rule found: this test looks in the wrong place"
    return [entry for entry in entries if not re.search(r"# .{8,}", entry)]


def test_every_ignored_rule_says_why():
    text = (ROOT / "pyproject.toml").read_text()
    assert without_reason(text[text.index("[tool.ruff.lint]") : text.index("# --- which way")]) == []
    assert without_reason('    "D401", # a docstring may state\n    "EM",\n') == ['"EM",']


def test_all_rules_are_chosen_and_warnings_are_errors():
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert tool["ruff"]["lint"]["select"] == ["ALL"]
    assert tool["mypy"]["strict"] is True
    assert tool["pytest"]["ini_options"]["filterwarnings"][0] == "error"
