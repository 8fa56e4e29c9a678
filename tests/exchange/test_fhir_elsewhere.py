"""Whatever zone and locale the service runs in, what it exports is the same to the byte, and rebuilds."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.exchange.fhir import versions_of_session
from tests.exchange.made import made
from tests.exchange.rebuild import rebuild
from tests.exchange.test_fhir_round_trip import exported, in_order

ROOT = Path(__file__).parents[2]
SEEDS = range(12)
PROGRAM = "from tests.exchange.test_fhir_elsewhere import told; print(told())"
PLACES = [
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"},
    {"TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    {"TZ": "Europe/Vienna", "LC_ALL": "de_AT.UTF-8", "PYTHONHASHSEED": "7"},
]


def told() -> str:
    """A digest of what the records of these seeds are told as, each rebuilt and compared first."""
    whole = hashlib.sha256()
    for one in map(made, SEEDS):
        resources = exported(one, versions_of_session)
        assert rebuild(resources) == in_order(one.record)
        whole.update(repr(resources).encode())
    return whole.hexdigest()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place["TZ"])
def test_the_same_is_told(place):
    command, where = [sys.executable, "-c", PROGRAM], os.environ | place
    elsewhere = subprocess.run(command, cwd=ROOT, env=where, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
    assert elsewhere.stdout.strip() == told()
