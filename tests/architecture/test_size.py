from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files

LONGEST = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
CODE = {".py", ".ts", ".tsx"}
WRITTEN_BY_TOOLS = {"api.gen.ts"}


def code(root: Path, folder: str) -> list[Path]:
    return [path for path in files(root / folder) if path.suffix in CODE and path.name not in WRITTEN_BY_TOOLS]


def too_long(root: Path) -> dict[str, int]:
    lengths = {p: len(p.read_text().splitlines()) for folder in ("app", "migrations") for p in code(root, folder)}
    return {str(path.relative_to(root)): lines for path, lines in lengths.items() if lines > LONGEST}


def vague(root: Path) -> list[str]:
    found = {path.relative_to(root) for path in code(root, "app")}
    return sorted(str(path) for path in found if {part.removesuffix(path.suffix) for part in path.parts} & VAGUE)


def test_a_module_is_one_idea():
    assert (ROOT / "app").is_dir()
    assert too_long(ROOT) == {}


def test_a_module_is_named_after_what_it_holds():
    assert vague(ROOT) == []


@pytest.mark.parametrize(("lines", "expected"), [(LONGEST, {}), (LONGEST + 1, {"app/planted.py": LONGEST + 1})])
def test_a_planted_long_module_is_seen(tmp_path, lines, expected):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "planted.py").write_text("x = 1\n" * lines)
    assert too_long(tmp_path) == expected


def test_a_planted_vague_name_is_seen(tmp_path):
    (tmp_path / "app" / "common").mkdir(parents=True)
    (tmp_path / "app" / "common" / "dates.py").touch()
    (tmp_path / "app" / "helpers.py").touch()
    (tmp_path / "app" / "basement.py").touch()
    assert vague(tmp_path) == ["app/common/dates.py", "app/helpers.py"]
