"""The service with an exporter that takes its time, so that it can be killed in the middle of its work.

python -m tests.export.slowly serve
"""

import sys
import time
from typing import Any

from app.commands import run
from app.jobs import export_worker, exports
from app.services.fhir.exports import Slice

PAUSE = 0.4
"""Seconds before each slice of the record."""
read_slice = export_worker.read_slice


def slowly(*how: Any) -> Slice:
    time.sleep(PAUSE)
    return read_slice(*how)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        exports.WORKER = "tests.export.slowly"
        sys.exit(run(["serve"]))
    export_worker.EVERY = PAUSE
    export_worker.read_slice = slowly
    sys.exit(export_worker.main(sys.stdin, sys.stdout))
