"""A command loads what it needs and no more: to load everything takes twice as long."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from app.commands import PARTS, _cli

ROOT = Path(__file__).parents[2]
NEEDLESS = ("alembic", "fastapi", "httpx2", "psycopg", "rich", "structlog")
"""What most commands on a SQLite file never ask."""


@pytest.mark.parametrize("command", PARTS)
def test_the_module_that_is_named_for_a_command_has_it(command):
    assert command in get_command(_cli(PARTS[command])).commands


def test_each_command_has_a_module_that_is_named_for_it():
    assert set(get_command(_cli(None)).commands) == set(PARTS)


def test_a_command_on_a_sqlite_file_loads_nothing_that_it_does_not_ask(tmp_path, sqlite_template):
    path = tmp_path / "clinic.db"
    path.write_bytes(sqlite_template.read_bytes())
    program = "import sys; from app.commands import run; print(run(['clinic', 'list']), *sys.modules)"
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{path}"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    code, *loaded = done.stdout.split()
    assert (code, done.stderr) == ("0", "")
    assert "app.db.engine" in loaded
    assert [name for name in NEEDLESS if name in loaded] == []
