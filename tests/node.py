"""What tests run by Node.js, installed by its lock and beside it; one worker at a time installs."""

import fcntl
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.web.build import WEB, Node, find_node, install


def installed(folder: Path) -> Node:
    """The Node.js to run what lies in this folder with, its node_modules exactly as the lock says."""
    node = find_node()
    with in_turn(folder):
        install(node, folder)
    return node


def tablet_app_built() -> None:
    """The tablet app, built as it will be served (at once when nothing changed)."""
    installed(WEB)
    with in_turn(WEB):
        subprocess.run([sys.executable, "-m", "app.web.build"], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """One worker at a time does what it has to do in this folder."""
    named = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    with Path(tempfile.gettempdir(), f"infusion-vitals-{named}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
