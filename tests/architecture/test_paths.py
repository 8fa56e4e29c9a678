import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files, text_of

# Where people and machines keep things. Written in pieces, so that this file is not its own finding.
PLACES = re.compile(
    r"(?<![\w.~/-])/(?:home|root|Users|mnt|media|workspaces?)/[\w.-]"
    r"|(?<![\w.])" + "/tm" + r"p/(?!requirements)[\w.-]"
    r"|(?i:\b[A-Z]:\\Users\\)"
)


def machine_paths(root: Path, places: re.Pattern[str]) -> list[str]:
    """Lines that name a place on one machine, as `path:line`."""
    found = []
    for path in files(root):
        for number, line in enumerate((text_of(path) or "").splitlines(), 1):
            if places.search(line):
                found.append(f"{path.relative_to(root)}:{number}")
    return found


def here() -> re.Pattern[str]:
    """This very folder, and the home of whoever runs the test: whatever they are called."""
    own = [str(path) for path in (ROOT, Path.home()) if len(path.parts) > 2]
    return re.compile("|".join(re.escape(path) + r"(?![\w-])" for path in own) or r"(?!)")


def test_no_file_names_a_place_on_a_machine():
    assert machine_paths(ROOT, PLACES) == []
    assert machine_paths(ROOT, here()) == []


@pytest.mark.parametrize(
    "path", ["/ho" + "me/ana/x.db", "/ro" + "ot/.cache", "/tm" + "p/run-1/x", "C:" + "\\Users\\ana"]
)
def test_a_planted_path_is_seen(tmp_path, path):
    (tmp_path / "fine.py").write_text('URL = "https://example.org/home/page"; FOLDER = "~/home/x"; KEY = "/home"\n')
    (tmp_path / "planted.py").write_text(f"\nDATABASE = '{path}'\n")
    assert machine_paths(tmp_path, PLACES) == ["planted.py:2"]


def test_a_planted_path_of_this_folder_is_seen(tmp_path):
    (tmp_path / "planted.md").write_text(f"see {ROOT}/README.md\n")
    assert machine_paths(tmp_path, re.compile(re.escape(str(ROOT)))) == ["planted.md:1"]
