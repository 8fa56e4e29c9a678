"""Two clients of others read, search and page to the end of our /fhir, over real HTTP, signed in as a machine."""

import asyncio
import json
import re
import shutil
import time
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.export.served import Served, served


@pytest.fixture(scope="module")
def service(tmp_path_factory, sqlite_template) -> Iterator[Served]:
    """One engine: what differs between them lies below what a client sees."""
    file = tmp_path_factory.mktemp("served") / "clinic.db"
    shutil.copyfile(sqlite_template, file)
    with served(f"sqlite:///{file}") as running:
        yield running


@contextmanager
def their_warnings() -> Iterator[None]:
    """What others' code warns of is theirs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_fhirpy_reads_searches_and_pages_to_the_end(service):
    with their_warnings():
        from fhirpy import AsyncFHIRClient

        async def look() -> tuple[Any, ...]:
            client = AsyncFHIRClient(f"{service.base}/fhir", authorization=f"Bearer {service.token}")
            patient = await client.reference("Patient", service.patient).to_resource()
            pulses = await client.resources("Observation").search(code="http://loinc.org|8867-4").limit(3).fetch_all()
            sessions = await client.resources("Encounter").search(patient=service.patient).fetch_all()
            return patient, pulses, sessions

        patient, pulses, sessions = asyncio.run(look())
    assert patient["name"][0]["family"] == service.family_name
    assert sorted(pulse["valueQuantity"]["value"] for pulse in pulses) == sorted(service.pulses)
    assert [session["id"] for session in sessions] == [service.session]


def test_fhirclient_reads_searches_and_pages_to_the_end(service):
    with their_warnings():
        from fhirclient.client import FHIRClient
        from fhirclient.models.observation import Observation
        from fhirclient.models.patient import Patient

        smart = FHIRClient(settings={"app_id": "test", "api_base": f"{service.base}/fhir"})
        smart.server.session.headers["Authorization"] = f"Bearer {service.token}"
        patient = Patient.read(service.patient, smart.server)
        search = Observation.where({"code": "http://loinc.org|8867-4", "_count": "3"})
        pulses = list(search.perform_resources_iter(smart.server))
    assert patient.name[0].family == service.family_name
    assert sorted(int(pulse.valueQuantity.value) for pulse in pulses) == sorted(service.pulses)


def test_fhirpy_orders_an_export_and_follows_it(service):
    """It hands out no header of an answer, and reads nothing but JSON: the place is in the words, the files are not."""
    with their_warnings():
        from fhirpy import AsyncFHIRClient

        async def follow() -> dict[str, Any]:
            client = AsyncFHIRClient(f"{service.base}/fhir", authorization=f"Bearer {service.token}")
            how = {"Prefer": "respond-async"}
            ordered = await client._do_request("get", "$export", params={"_type": "Patient"}, extra_headers=how)
            [place] = re.findall(r"http\S+", ordered["issue"][0]["diagnostics"])
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                answer, status = await client._do_request("get", place, returning_status=True)
                if status == 200:
                    return dict(answer)
                await asyncio.sleep(0.1)
            raise AssertionError(answer)

        manifest = asyncio.run(follow())
    [file] = manifest["output"]
    request = urllib.request.Request(file["url"], headers={"Authorization": f"Bearer {service.token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        told = [json.loads(line) for line in answer.read().splitlines()]
    assert len(told) == file["count"] > 0
    assert service.patient in {one["id"] for one in told}


def test_fhirclient_exports(service):
    with their_warnings():
        from fhirclient.client import FHIRClient

        smart = FHIRClient(settings={"app_id": "test", "api_base": f"{service.base}/fhir"})
        smart.server.session.headers["Authorization"] = f"Bearer {service.token}"
        ordered = smart.server._get("$export?_type=Patient,Observation", headers={"Prefer": "respond-async"})
        answer = smart.server._get(ordered.headers["Content-Location"])
        deadline = time.monotonic() + 60
        while answer.status_code == 202 and time.monotonic() < deadline:
            time.sleep(0.1)
            answer = smart.server._get(ordered.headers["Content-Location"])
        files = answer.json()["output"]
        told = [line for file in files for line in smart.server._get(file["url"]).text.splitlines()]
    assert len(told) == sum(file["count"] for file in files) > len(service.pulses)
    assert {file["type"] for file in files} == {"Patient", "Observation"}
