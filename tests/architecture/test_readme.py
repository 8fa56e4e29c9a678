import re
from pathlib import Path

from tests.architecture.tree import ROOT, files


def section(text: str, heading: str) -> str:
    """The part of a Markdown text under a heading of second level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section `## {heading}`"
    return found[1]


def folders(root: Path) -> list[str]:
    """The top-level folders, and those of app/, that hold files of ours."""
    parts = [path.relative_to(root).parts for path in files(root)]
    top = {names[0] for names in parts if len(names) > 1 and not names[0].startswith(".")}
    inner = {f"app/{names[1]}" for names in parts if names[0] == "app" and len(names) > 2}
    return sorted(top | inner)


def unnamed(text: str, names: list[str]) -> list[str]:
    """Folders that a map does not name: `domain/` inside the tree of `app/`, or `app/domain`, both will do."""
    return [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name.split('/')[-1])}/", text)]


def test_the_map_names_every_folder():
    assert unnamed(section((ROOT / "README.md").read_text(), "Map"), folders(ROOT)) == []


def test_a_folder_the_map_forgot_is_seen(tmp_path):
    for name in ("app/domain", "app/planted", "tests"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x.py").touch()
    assert folders(tmp_path) == ["app", "app/domain", "app/planted", "tests"]
    text = "# T\n## Map\n- `app/`\n  - `domain/` what is true\n- `tests/`\n## Words\n- `planted/`\n"
    assert unnamed(section(text, "Map"), folders(tmp_path)) == ["app/planted"]


def test_the_readme_shows_the_two_commands():
    commands = [line.split("#")[0].strip() for line in (ROOT / "README.md").read_text().splitlines()]
    assert "make demo" in commands
    assert "make test" in commands
