"""The tablet app's own checks: its types, its unit tests, and the types of the contract it is written against."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from app.web.build import WEB, Node
from tests.node import installed


@pytest.fixture(scope="module")
def node() -> Node:
    return installed(WEB)


def run(node: Node, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One of the tools in node_modules."""
    path = os.pathsep.join([str(node.program.parent), os.environ["PATH"]])
    command = [str(node.program), str(WEB / "node_modules" / program), *arguments]
    outside = os.environ | {"PATH": path, "CI": "true", "NO_COLOR": "1"}
    return subprocess.run(command, cwd=WEB, env=outside, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("project", [".", "src/sw"])
def test_the_types_hold(node: Node, project: str):
    done = run(node, "typescript/bin/tsc", "--noEmit", "-p", project)
    assert done.returncode == 0, done.stdout


def test_the_unit_tests_pass(node: Node):
    done = run(node, "vitest/vitest.mjs", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    files = len(list(Path(WEB, "src").rglob("*.test.ts")))
    assert f"Test Files  {files} passed ({files})" in done.stdout


def test_the_types_of_the_contract_are_current(node: Node, tmp_path: Path):
    made = tmp_path / "api.gen.ts"
    done = run(node, "openapi-typescript/bin/cli.js", "../../docs/openapi.json", "-o", str(made))
    assert done.returncode == 0, done.stdout + done.stderr
    assert made.read_text() == Path(WEB, "src", "api.gen.ts").read_text(), "run `npm run types` in app/web"


def test_a_wrong_type_is_seen(node: Node, tmp_path: Path):
    (tmp_path / "wrong.ts").write_text("export const minutes: number = 'many';\n")
    done = run(node, "typescript/bin/tsc", "--noEmit", "--strict", str(tmp_path / "wrong.ts"))
    assert done.returncode != 0
    assert "TS2322" in done.stdout


def test_the_flag_is_drawn_in_one_place_and_made_in_one():
    """What may be shown as met is a value that `fresh.ts` alone can make: nobody writes the words, nor casts."""
    drawn, forced = set(), set()
    for path in Path(WEB, "src").rglob("*.ts*"):
        text = path.read_text()
        if re.search(r"\bwords\.met(?:Ago)?\b", text):
            drawn.add(path.name)
        if re.search(r"\bas (?:unknown as )?(?:Met|Fresh|Judged|Flag)\b", text):
            forced.add(path.name)
    assert drawn == {"met.tsx"}
    assert forced == set()
