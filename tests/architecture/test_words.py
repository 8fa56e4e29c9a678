"""A word has one meaning: no two classes share a name, and none takes a word of the README for something else."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.architecture.test_readme import section
from tests.architecture.test_size import code
from tests.architecture.tree import ROOT

SHARED: dict[str, str] = {}
"""Names that two classes may share, each with the reason."""

HOMES = {
    "Assessment": "app/domain/assessment.py",
    "Baseline": "app/domain/assessment.py",
    "Confirmation": "app/domain/records.py",
    "Course": "app/domain/records.py",
    "Discharge": "app/domain/records.py",
    "Door": "app/domain/sessions.py",
    "Duty": "app/services/duties.py",
    "Entry": "app/domain/journal.py",
    "Event": "app/domain/events.py",
    "Finding": "app/domain/assessment.py",
    "Line": "app/db/sessions.py",
    "Phase": "app/domain/readings.py",
    "Protocol": "app/domain/protocol/values.py",
    "Reading": "app/domain/readings.py",
    "SignIn": "app/db/sign_ins.py",
    "Work": "app/db/work.py",
}
"""Where the class of a word of the README is; a word without one here names no class at all."""


def classes(root: Path) -> dict[str, list[str]]:
    """The public classes of app/, each with the modules that define it."""
    found = defaultdict(list)
    for path in code(root, "app"):
        if path.suffix == ".py":
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].append(path.relative_to(root).as_posix())
    return found


def shared(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: modules for name, modules in found.items() if len(modules) > 1}


def words(text: str) -> set[str]:
    """The words that a README explains, as a class would be called: `sign-in` as `SignIn`."""
    named = re.findall(r"(?<!\*)\*([A-Za-z -]+)\*", section(text, "Words"))
    return {re.sub(r"[ -]", "", name.title()) for name in named}


def taken(found: dict[str, list[str]], explained: set[str]) -> dict[str, list[str]]:
    """Words of the README that name a class of another sense."""
    elsewhere = {name: [module for module in found.get(name, ()) if module != HOMES.get(name)] for name in explained}
    return {name: modules for name, modules in elsewhere.items() if modules}


def test_no_two_classes_share_a_name():
    assert {name: modules for name, modules in shared(classes(ROOT)).items() if name not in SHARED} == {}


def test_no_exception_has_outlived_its_need():
    assert set(SHARED) <= set(shared(classes(ROOT)))


def test_a_word_of_the_readme_is_no_other_class():
    explained = words((ROOT / "README.md").read_text())
    assert {"Session", "Journal", "Line", "SignIn"} <= explained
    assert taken(classes(ROOT), explained) == {}


def test_every_home_holds_its_word():
    found = classes(ROOT)
    assert {name: home for name, home in HOMES.items() if found.get(name) != [home]} == {}
    assert set(HOMES) <= words((ROOT / "README.md").read_text())


@pytest.mark.parametrize(
    ("name", "module", "is_shared", "is_taken"),
    [("Planted", "app/web/other.py", True, False), ("Entry", "app/db/journal.py", False, True)],
)
def test_a_planted_second_sense_is_seen(tmp_path, name, module, is_shared, is_taken):
    for path, text in (("app/db/planted.py", "class Planted: ..."), (module, f"class {name}: ...\nclass _Own: ...")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    found = classes(tmp_path)
    assert (name in shared(found), name in taken(found, {"Entry"})) == (is_shared, is_taken)
    assert "_Own" not in found
