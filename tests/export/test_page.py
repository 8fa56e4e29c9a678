"""The calls of the page for integrators do what the page says, copied as they stand."""

import json
import os
import re
import shutil
import subprocess

import pytest

from tests.export.served import ROOT, served

PAGE = ROOT / "docs" / "integrators.md"
pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the page's calls are for curl")
SECTIONS = ("Reading", "Searching and paging", "Exporting everything")


@pytest.fixture(scope="module")
def service(tmp_path_factory, sqlite_template):
    file = tmp_path_factory.mktemp("page") / "clinic.db"
    shutil.copyfile(sqlite_template, file)
    with served(f"sqlite:///{file}") as running:
        yield running


def blocks(section: str) -> list[str]:
    found = re.search(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found, section
    calls = re.findall(r"^```sh\n(.*?)^```", found[1], re.MULTILINE | re.DOTALL)
    assert calls, section
    return calls


def copied(service, folder, call: str) -> str:
    how = {**os.environ, "BASE": service.base, "TOKEN": service.token}
    done = subprocess.run(
        ["sh", "-eu"], cwd=folder, env=how, input=call, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("section", SECTIONS[:2])
def test_what_is_asked_is_found(service, tmp_path, section):
    for block in blocks(section):
        for call in block.strip().splitlines():
            told = json.loads(copied(service, tmp_path, call))
            assert told["resourceType"] in {"Bundle", "CapabilityStatement"}, call
            if told["resourceType"] == "Bundle" and "family=probe" not in call:
                assert told["entry"], call


def test_everything_is_exported(service, tmp_path):
    for block in blocks(SECTIONS[2]):
        copied(service, tmp_path, block)
    lines = [json.loads(line) for line in (tmp_path / "export.ndjson").read_text().splitlines()]
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert len(lines) == sum(one["count"] for one in manifest["output"]) > 100
    assert {line["resourceType"] for line in lines} == {"Patient", "Observation"}


def test_control_a_call_that_is_refused_is_noticed(service, tmp_path):
    told = json.loads(copied(service, tmp_path, blocks("Reading")[0].splitlines()[1].replace("Patient?", "Nothing?")))
    assert told["resourceType"] == "OperationOutcome"
