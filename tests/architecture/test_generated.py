import pytest

from tests.architecture.tree import ROOT
from tests.generate import GENERATED, stale


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_file_is_current(name):
    assert stale(ROOT, {name: GENERATED[name]}) == [], "run `make generate`"


def test_a_stale_file_is_seen(tmp_path):
    made = {"same.md": lambda: "now\n", "old.md": lambda: "now\n", "missing.md": lambda: "now\n"}
    (tmp_path / "same.md").write_text("now\n")
    (tmp_path / "old.md").write_text("then\n")
    assert stale(tmp_path, made) == ["old.md", "missing.md"]
