"""What /fhir really answers passes every judge: pages of every search, histories, refusals, what the service can do."""

import json

import pytest

from app.exchange.searching.offers import OFFERED
from tests.api.clinic import clinic_on
from tests.api.exporting import exported
from tests.api.fhir.asking import HERE, link
from tests.api.fhir.awkward import awkward_session

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def clinic(tmp_path_factory, sqlite_template):
    """What is answered hangs on no engine."""
    with clinic_on("sqlite", tmp_path_factory, sqlite_template) as opened:
        yield opened


@pytest.fixture(scope="module")
def awkward(clinic):
    return awkward_session(clinic)


def answered(who, path: str, status: int = 200, method: str = "GET", **other) -> bytes:
    return who.ask(method, f"/fhir/{path}", expect=status, **other).content


def objections(bench, told: dict[str, bytes]) -> list[str]:
    return [f"{name}: {said}" for name, said in zip(told, bench.judge(told.values()), strict=True) if said]


@pytest.mark.usefixtures("awkward")
def test_every_page_of_every_search_passes(bench, clinic):
    told = {}
    for kind, offer in OFFERED.items():
        along = [f"_include={kind}:{name}" for name in offer.included]
        along += [f"_revinclude={other}:{name}" for other, name in offer.reverse]
        following = "&".join([f"{kind}?_count=40", *along])
        for number in range(3):
            told[f"{kind} page {number}"] = answered(clinic.lead, following)
            following = link(json.loads(told[f"{kind} page {number}"]), "next")
            if following is None:
                break
    told["nothing found"] = answered(clinic.lead, "Patient?family=nobody")
    told["counted"] = answered(clinic.lead, "Patient?_total=accurate&_count=0")
    told["by form"] = answered(clinic.lead, "Patient/_search", method="POST", raw="family=probe&_count=1", headers=FORM)
    told["with what was left out"] = answered(clinic.lead, "Patient?colour=red", headers={"Prefer": "handling=lenient"})
    assert objections(bench, told) == []
    assert {json.loads(one)["resourceType"] for one in told.values()} == {"Bundle"}


def test_histories_and_versions_pass(bench, clinic, awkward):
    readings = clinic.nurse.get(f"/v1/sessions/{awkward}")["readings"]
    corrected = readings[0]["id"]
    told = {
        "history": answered(clinic.lead, f"Observation/{corrected}-hr/_history"),
        "first page": answered(clinic.lead, f"Observation/{corrected}-hr/_history?_count=1"),
        "version": answered(clinic.lead, f"Observation/{corrected}-hr/_history/1"),
        "encounter": answered(clinic.lead, f"Encounter/{awkward}/_history"),
    }
    assert json.loads(told["history"])["total"] == 2
    assert objections(bench, told) == []


def test_what_the_service_can_do_and_its_groups_pass(bench, clinic, awkward):
    told = {"metadata": answered(clinic.lead, "metadata"), "group": answered(clinic.lead, f"Group/{clinic.id}")}
    assert [json.loads(one)["resourceType"] for one in told.values()] == ["CapabilityStatement", "Group"]
    assert objections(bench, told) == []


def test_refusals_pass(bench, clinic):
    told = {
        "unknown type": answered(clinic.lead, "Spaceship", 404),
        "unknown id": answered(clinic.lead, "Patient/00000000-0000-4000-8000-000000000000", 404),
        "bad search": answered(clinic.lead, "Patient?colour=red&birthdate=soon", 400),
        "not acceptable": answered(clinic.lead, "Patient", 406, headers={"Accept": "application/fhir+xml"}),
        "not a form": answered(
            clinic.lead, "Patient/_search", 415, method="POST", raw="{}", headers={"Content-Type": "application/json"}
        ),
        "no sync export": answered(clinic.lead, "$export?_type=Patient,Spaceship", 400),
    }
    assert {json.loads(one)["resourceType"] for one in told.values()} == {"OperationOutcome"}
    assert objections(bench, told) == []


def test_what_is_exported_passes(bench, clinic, awkward):
    told = {}
    for output in exported(clinic.lead)["output"]:
        lines = clinic.lead.ask("GET", output["url"].removeprefix(HERE), expect=200).content.splitlines()
        told |= {f"{output['type']} {number}": line for number, line in enumerate(lines[:60])}
    assert len(told) > 100
    assert objections(bench, told) == []


def test_control_a_page_with_a_planted_fault_is_refused(bench, clinic, awkward):
    page = answered(clinic.lead, f"Observation?encounter={awkward}&_count=3")
    inside, around = json.loads(page), json.loads(page)
    inside["entry"][0]["resource"]["status"] = "guessed"
    around["link"][0]["relation"] = []
    assert len(objections(bench, {"inside": json.dumps(inside).encode(), "around": json.dumps(around).encode()})) == 2
