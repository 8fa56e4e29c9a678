"""Lighthouse on every screen of the tablet app: `python -m tests.browser.lighthouse`. 1 where a score is below 95.

Lighthouse is no part of what the tests install: this command does it, once. The service is a real one on loopback with
a ward of chairs in it; a lead looks too, for the screens that only a lead has.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.browser import chromium
from tests.browser.chairs import ward
from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.conftest import FLAGS
from tests.node import installed, tablet_app_built

HERE = Path(__file__).parent
ENOUGH = 95


def look(clinic: Clinic, username: str, hashes: list[str]) -> list[dict[str, Any]]:
    """What Lighthouse says of the lock screen and of these, to one person."""
    asked = {
        "chromium": chromium.program(),
        "flags": list(FLAGS),
        "url": clinic.url,
        "username": username,
        "password": PASSWORD,
        "hashes": hashes,
    }
    node = installed(HERE)
    command, told = [str(node.program), "look.mjs"], json.dumps(asked)
    done = subprocess.run(command, cwd=HERE, input=told, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    said: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return said


def main() -> int:
    """Prints a line a screen, and what was wrong with it."""
    tablet_app_built()
    low = 0
    with TemporaryDirectory() as folder, Clinic(f"sqlite:///{folder}/lighthouse.db") as clinic:
        chairs = ward(clinic)
        this = chairs.met.id
        of_session = [f"#/{screen}/{this}" for screen in ("session", "entry", "event", "start", "review", "release")]
        seen = look(clinic, clinic.clinician.username, ["#/board", "#/patients", "#/outbox", *of_session])
        seen += look(
            clinic,
            clinic.lead.username,
            ["#/setup", "#/setup/protocols", "#/setup/colleagues", "#/account", "#/clinic", "#/clinic/walls"],
        )[1:]
    for one in seen:
        low += any(score < ENOUGH for score in one["scores"].values())
        print(f"{one['screen']:<20}", "  ".join(f"{name} {score}" for name, score in one["scores"].items()))
        for audit in one["wrong"]:
            print(f"{'':<20} {audit['id']}: {audit['title']}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
