"""docs/security.md names a test for each row that applies, and each of them exists."""

import ast
import re

import pytest

from tests.architecture.tree import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
OPEN = ("no test yet", "not applicable: ")


def rows(page: str) -> list[list[str]]:
    """The cells of each row of the table."""
    lines = [line for line in page.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def written_in(path: str) -> set[str]:
    file = ROOT / path
    if not file.is_file():
        return set()
    return {one.name for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.FunctionDef)}


def faults(page: str) -> list[str]:
    found = []
    for number, _, _, said in rows(page):
        named = NAMED.findall(said)
        if not named and not said.startswith(OPEN):
            found.append(f"{number} names no test, and does not say so")
        found += [f"{number}: {path}::{name}" for path, name in named if name not in written_in(path)]
    return found


def test_every_row_has_its_test_or_says_why_not() -> None:
    assert len(rows(PAGE)) > 30
    assert faults(PAGE) == []


@pytest.mark.parametrize(
    "said", ["", "`tests/no_such.py::test_x`", "`tests/architecture/test_security_page.py::test_that_nobody_wrote`"]
)
def test_a_row_whose_test_is_missing_is_seen(said: str) -> None:
    assert faults(f"{PAGE}| 99.9.9 | 1 | something | {said} |\n")
