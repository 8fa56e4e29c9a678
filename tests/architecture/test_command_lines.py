"""Every command that a page names is one that the command line has, with the options that it has."""

from pathlib import Path

import pytest

from tests.architecture.command_lines import blocks_of, commands_in, fault, faults_of, named_in
from tests.architecture.tree import ROOT, files

PAGES = [ROOT / "README.md", *(path for path in files(ROOT / "docs") if path.suffix in {".md", ".yml"})]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_commands_of_a_page_are_those_of_the_program(page: Path):
    assert faults_of(page.read_text(encoding="utf-8"), markdown=page.suffix == ".md") == []


def test_the_pages_that_show_commands_are_read():
    found = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
    shown = {name: len(list(commands_in(blocks_of(text)[0]))) for name, text in found.items()}
    assert shown["integrators.md"] > 10
    assert shown["install.md"] == 9
    assert shown["operations.md"] > 5
    assert shown["session-pack.md"] == 2
    assert len(named_in(blocks_of(found["README.md"])[1])) > 5
    assert named_in(found["alerts.yml"])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("infusion-vitals planted", "No such command"),
        ("sudo infusion-vitals serve --planted", "No such option"),
        ("infusion-vitals serve --workers many", "should be a valid integer"),
        ("infusion-vitals staff add --role surgeon --clinic A --username b", "'surgeon' is not"),
        ("infusion-vitals backup", "Missing"),
        ("infusion-vitals migrate at once", "unexpected extra argument"),
        ("echo x | /opt/y/infusion-vitals backup verify", "Missing argument"),
        ("x=1; exec infusion-vitals doctor --fast", "No such option"),
    ],
)
def test_a_planted_command_is_seen(line: str, reason: str):
    [found] = faults_of(f"Do this:\n\n```sh\n{line}\n```\n")
    assert reason in found


@pytest.mark.parametrize(
    "line",
    [
        "infusion-vitals backup kept/monday.age",
        "infusion-vitals audit anchor > kept/anchors",
        "infusion-vitals --version",
        "infusion-vitals staff invite ada   # a remark --here",
        'infusion-vitals doctor --quick || echo "to do"',
    ],
)
def test_what_the_program_takes_has_no_fault(line: str):
    assert list(commands_in(line)) != []
    assert faults_of(f"```sh\n{line}\n```\n") == []


def test_a_line_that_only_names_the_program_starts_nothing():
    for line in ("sudo useradd infusion-vitals", "systemctl stop infusion-vitals", "sudo -u infusion-vitals id"):
        assert list(commands_in(line)) == []


def test_a_sentence_need_not_give_all_that_a_command_needs_but_nothing_wrong():
    assert fault(["restore"]) is not None
    assert faults_of("Run `infusion-vitals restore` then.") == []
    assert faults_of("Run `infusion-vitals\nrestore --planted` then.") != []
