import os
import re
import shutil
import subprocess

from tests.architecture.tree import ROOT

TEXT = (ROOT / "Makefile").read_text()


def make(*arguments: str) -> str:
    outside = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    program = shutil.which("make") or "make"
    done = subprocess.run([program, *arguments], cwd=ROOT, env=outside, capture_output=True, text=True, check=True)
    return done.stdout


def rules(text: str) -> list[str]:
    return [name for name in re.findall(r"^([\w.-]+):(?!=| private )", text, re.MULTILINE) if not name.startswith(".")]


def phony(text: str) -> list[str]:
    return re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)[0].split()


def test_make_alone_prints_its_targets():
    assert make() == make("help")


def test_every_target_is_listed_once_with_a_line():
    listed = re.findall(r"^make (\S+) +\S.{10,}$", make("help"), re.MULTILINE)
    assert listed == rules(TEXT) == phony(TEXT)
    assert {
        "demo",
        "test",
        "serve",
        "install",
        "parquet",
        "setup",
        "check",
        "fix",
        "lock",
        "generate",
        "mutation",
        "clean",
    } <= set(listed)


def test_a_target_without_a_line_would_be_missed():
    planted = TEXT + "\nplanted: setup\n\techo\n"
    assert rules(planted)[-1] == "planted"
    assert "planted" not in phony(planted)


def test_the_commands_of_a_fresh_clone_install_what_they_need_and_no_more():
    for target in ("test", "check"):
        assert re.search(rf"^{target}: setup ", TEXT, re.MULTILINE), target
    for target in ("demo", "serve"):
        assert re.search(rf"^{target}: install web ", TEXT, re.MULTILINE), target


def test_whatever_is_tested_is_built_first():
    commands = re.findall(r"^test: .*\n((?:\t.*\n)+)", TEXT, re.MULTILINE)[0].splitlines()
    assert ["app.web.build --with-tests" in commands[0], "pytest" in commands[-1]] == [True, True]


def test_pip_is_never_asked_to_look_past_a_lock():
    installs = [line for line in TEXT.splitlines() if " install --" in line and "uv pip" not in line]
    assert [line.split(" install ")[0].strip() for line in installs] == ["$(pip)"]
    assert all(flag in TEXT for flag in ("--no-deps", "--only-binary :all:", "--require-hashes"))


def test_check_changes_nothing():
    recipe = make("--dry-run", "check")
    assert "ruff format --check" in recipe
    assert "tests.generate --check" in recipe
    assert "--fix" not in recipe
    assert "--fix" in make("--dry-run", "fix")


def test_ci_runs_the_readme_s_own_commands():
    script = ROOT / ".ci" / "run"
    lines = script.read_text().splitlines()
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in lines
    assert lines[-2:] == ["make check", "make test"]
    assert len(lines) < 30
    subprocess.run([shutil.which("bash") or "bash", "-n", script], check=True)
