"""Rows about looking: a long session, a look that finds nothing new, a FHIR page."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.load import ROOT, burst
from tests.bench.peer import install
from tests.bench.processes import Watch
from tests.bench.rounds import Burst, Target
from tests.bench.stand import ENGINES, Stand
from tests.bench.table import Row
from tests.bench.wards import Ward

LONG, USUAL = 500, 30
VALIDATOR = ("fhir.resources==8.3.0",)
POLLS = {
    "board": "/v1/board",
    "session": "/v1/sessions/{session}",
    "readiness": "/v1/sessions/{session}/readiness",
    "FHIR read": "/fhir/Patient/{patient}",
}


def looking(ward: Ward, path: str, many: int, **headers: str) -> Target:
    return lambda: burst(
        ward.service.port,
        ward.looks(path, many, "clinician", **headers),
        ward.service.trees,
        good=(304,) if headers else (200,),
    )


def sessions(stand: Stand) -> Iterator[Row]:
    """G3 and L7: whole sessions, and looks with the ETag of the look before."""
    for engine in ENGINES:
        with stand.ward(engine) as ward:
            long, usual = ward.holding(LONG), ward.holding(USUAL)
            rounds = stand.new_rounds()
            looks = {
                name: looking(ward, f"/v1/sessions/{this}", 40) for name, this in (("long", long), ("usual", usual))
            }
            rounds.run(looks, 3)
            yield Row("G3", engine, rounds.ratio("long", "usual"))
            patient = ward.service.must("GET", f"/v1/sessions/{usual}", token=ward.tokens["nurse"])["patient_id"]
            yield from _polls(stand, ward, engine, {"session": usual, "patient": patient})


def _polls(stand: Stand, ward: Ward, engine: str, ids: dict[str, str]) -> Iterator[Row]:
    for name, pattern in POLLS.items():
        path, of = pattern.format(**ids), f"{engine}, {name}"
        _, _, headers = ward.service.ask("GET", path, token=ward.tokens["clinician"])
        if "etag" not in headers:
            yield Row("L7", of, words="no ETag is given", there=False)
            continue
        status, _, _ = ward.service.ask(
            "GET", path, token=ward.tokens["clinician"], **{"If-None-Match": headers["etag"]}
        )
        if status != 304:
            yield Row("L7", of, words=f"its ETag is answered with {status}, not 304", there=False)
            continue
        rounds = stand.new_rounds()
        rounds.run({"null": stand.null, name: looking(ward, path, 300, **{"If-None-Match": headers["etag"]})}, 3)
        yield Row("L7", of, rounds.ratio(name, "null"))


def validated(python: Path, bundle: str, times: int = 8) -> Target:
    """The same searchset made by fhir.resources, which validates each resource and then writes it."""

    def run() -> Burst:
        watch = Watch()
        began = time.perf_counter()
        command = [str(python), str(ROOT / "tests" / "bench" / "by_fhir_resources.py"), str(times)]
        done = subprocess.run(command, input=bundle, capture_output=True, text=True, check=True)
        cpu = 1000 * float(done.stdout)
        return Burst(cpu, times / (time.perf_counter() - began), cpu, cpu, watch.foreign())

    return run


def searchsets(stand: Stand) -> Iterator[Row]:
    """L6: a page of fifty Observations, asked for over HTTP, beside what a library that validates takes."""
    try:
        python = install(VALIDATOR, ROOT / "var" / "bench" / "fhir")
    except (subprocess.CalledProcessError, OSError) as error:
        for engine in ENGINES:
            yield Row("L6", engine, words=f"fhir.resources could not be installed ({type(error).__name__})")
        return
    for engine in ENGINES:
        with stand.ward(engine) as ward:
            session = ward.holding(USUAL)
            patient = ward.service.must("GET", f"/v1/sessions/{session}", token=ward.tokens["nurse"])["patient_id"]
            path = f"/fhir/Observation?patient={patient}&_count=50"
            bundle = ward.service.must("GET", path, token=ward.tokens["clinician"])
            assert len(bundle["entry"]) >= 50, len(bundle["entry"])
            rounds = stand.new_rounds()
            rounds.run({"ours": looking(ward, path, 60), "theirs": validated(python, json.dumps(bundle))}, 3)
            yield Row("L6", engine, rounds.ratio("ours", "theirs"))
