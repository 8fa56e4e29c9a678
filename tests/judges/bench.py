"""The judges: one Node.js process that says what is wrong with FHIR resources, by five opinions."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

from app.exchange.fhir import SESSION_TYPES
from tests.node import installed

HERE = Path(__file__).parent
# What may stand inside a Bundle or another resource here.
TYPES = (
    *SESSION_TYPES,
    *("Patient", "Practitioner", "Organization", "EpisodeOfCare", "Composition", "Parameters", "OperationOutcome"),
    *("AuditEvent", "CodeSystem", "ValueSet", "StructureDefinition", "CapabilityStatement", "Group"),
)
JUDGES = ("schema", "fhir", "medplum", "rules", "empty")


class Bench:
    """A running process. `judge` answers in the order of what it is given."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [str(installed(HERE).program), "judges.mjs", *TYPES],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def judge(self, resources: Iterable[bytes]) -> list[dict[str, list[str]]]:
        """Of each serialised resource: the faults by judge; empty where none finds any."""
        found = []
        for resource in resources:
            self.process.stdin.write(resource + b"\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
            assert answer, "the judges have left"
            found.append(json.loads(answer))
        return found

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()
