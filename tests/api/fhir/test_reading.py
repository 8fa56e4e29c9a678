"""One resource by its id: every one there is, each of its versions, and what strangers see of it."""

from uuid import uuid4

import pytest

from app.exchange.searching.offers import OFFERS
from tests.api.clinic import another_clinic, code_of
from tests.api.fhir.asking import HERE, everything, issues
from tests.api.kept_rows import newest_audit

NOBODY = "8d9bb4ac-0000-4000-8000-000000000000"
TYPES = [offer.type for offer in OFFERS]


@pytest.mark.parametrize("kind", TYPES)
def test_whatever_a_search_finds_can_be_read_and_so_can_its_versions(clinic, awkward, kind):
    found = everything(clinic.lead, f"{kind}?_count=100")
    assert found or kind == "EpisodeOfCare"
    for resource in found[:: max(1, len(found) // 8)]:
        path = f"/fhir/{kind}/{resource['id']}"
        read = clinic.lead.ask("GET", path, expect=200)
        version = read.headers["etag"].strip('W/"')
        assert version == resource["meta"]["versionId"]
        assert read.headers["content-location"] == f"{HERE}{path}/_history/{version}"
        assert ("last-modified" in read.headers) == ("lastUpdated" in resource["meta"])
        history = clinic.lead.ask("GET", f"{path}/_history", expect=200).json()
        numbers = [entry["resource"]["meta"]["versionId"] for entry in history["entry"]]
        assert history["total"] == len(numbers)
        assert numbers == [str(number) for number in range(len(numbers), 0, -1)]
        for entry in history["entry"]:
            number = entry["resource"]["meta"]["versionId"]
            one = clinic.lead.ask("GET", f"{path}/_history/{number}", expect=200)
            assert one.json() == entry["resource"]
        assert clinic.lead.ask("GET", f"{path}/_history/{len(numbers) + 1}").status_code == 404
        assert history["entry"][0]["resource"] == read.json()


def test_a_version_that_is_known_is_not_sent_again(clinic, awkward):
    path = f"/fhir/Encounter/{awkward}"
    etag = clinic.lead.ask("GET", path).headers["etag"]
    for known in (etag, etag.removeprefix("W/"), f'"0", {etag}', "*"):
        same = clinic.lead.ask("GET", path, headers={"If-None-Match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    assert clinic.lead.ask("GET", path, headers={"If-None-Match": 'W/"999"'}).status_code == 200


def test_a_correction_and_a_void_are_versions(clinic, awkward):
    readings = clinic.nurse.get(f"/v1/sessions/{awkward}")["readings"]
    for reading, statuses in ((readings[0], ["corrected", "final"]), (readings[2], ["entered-in-error", "final"])):
        history = clinic.lead.ask("GET", f"/fhir/Observation/{reading['id']}-hr/_history", expect=200).json()
        assert [entry["resource"]["status"] for entry in history["entry"]] == statuses
        paged = clinic.lead.ask("GET", f"/fhir/Observation/{reading['id']}-hr/_history?_count=1", expect=200).json()
        following = paged["link"][-1]["url"].removeprefix(HERE)
        rest = clinic.lead.ask("GET", following, expect=200).json()
        assert [*paged["entry"], *rest["entry"]] == history["entry"]


def test_a_late_reading_of_an_addendum_is_found_by_its_id(clinic, awkward):
    found = clinic.lead.ask("GET", "/fhir/Observation/3b0c2f5e-0000-4000-8000-000000000001-hr", expect=200).json()
    assert found["encounter"] == {"reference": f"Encounter/{awkward}"}
    nausea = clinic.lead.ask("GET", "/fhir/Condition/3b0c2f5e-0000-4000-8000-000000000001-nausea", expect=200)
    assert nausea.json()["subject"] == found["subject"]


@pytest.mark.parametrize(
    "path",
    [
        f"Patient/{NOBODY}",
        "Patient/x",
        "Observation/1",
        f"Observation/{NOBODY}-hr",
        f"Observation/{NOBODY}-nothing",
        f"Group/{NOBODY}",
        "CodeSystem/none",
        "Organization/" + "0" * 64,
        "Nothing/1",
        "Patient/%00",
    ],
)
def test_what_is_not_there(clinic, path):
    for suffix in ("", "/_history", "/_history/1"):
        answer = clinic.lead.ask("GET", f"/fhir/{path}{suffix}")
        assert answer.status_code == 404
        assert issues(answer)


def test_another_clinics_resource_is_an_unknown_one(clinic, awkward):
    stranger = another_clinic(clinic.service)
    for kind in TYPES:
        for resource in everything(clinic.lead, f"{kind}?_count=5")[:2]:
            if kind in {"CodeSystem", "ValueSet", "StructureDefinition"}:
                continue
            ours = stranger.lead.ask("GET", f"/fhir/{kind}/{resource['id']}")
            unknown = stranger.lead.ask("GET", f"/fhir/{kind}/{uuid4()}{resource['id'][36:]}")
            assert (ours.status_code, ours.content) == (404, unknown.content), kind
            found = stranger.lead.ask("GET", f"/fhir/{kind}?_id={resource['id']}", expect=200).json()
            assert "entry" not in found


def test_a_look_says_whose_it_was(clinic, awkward):
    reading = clinic.nurse.get(f"/v1/sessions/{awkward}")["readings"][0]
    found = clinic.clinician.ask("GET", f"/fhir/Observation/{reading['id']}-bp", expect=200).json()
    event = newest_audit(clinic.service)[0]
    assert (event.action, event.subject, event.subject_id) == ("fhir.read", "Observation", f"{reading['id']}-bp")
    assert (str(event.session_id), f"Patient/{event.patient_id}") == (awkward, found["subject"]["reference"])


def test_the_audit_is_told_to_whom_it_is_shown_elsewhere(clinic):
    refused = clinic.clinician.ask("GET", "/fhir/AuditEvent")
    assert (refused.status_code, code_of(refused)) == (403, "role-may-not")
    assert newest_audit(clinic.service)[0].action == "act.denied"
    assert everything(clinic.lead, "AuditEvent?_count=200")


@pytest.mark.parametrize("accept", ["application/fhir+xml", "text/turtle"])
def test_only_json_is_spoken(clinic, accept):
    for path in ("metadata", "Patient", f"Patient/{clinic.patient_id}"):
        assert clinic.lead.ask("GET", f"/fhir/{path}", headers={"Accept": accept}).status_code == 406


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "Patient/1"), ("DELETE", "Patient/1"), ("POST", "Patient"), ("PATCH", "x/1")]
)
def test_nothing_is_written_here(clinic, method, path):
    answer = clinic.lead.ask(method, f"/fhir/{path}", {})
    assert answer.status_code == 405
    assert issues(answer)


def test_a_mistake_of_ours_is_an_outcome_too(clinic):
    def fails(*args):
        raise RuntimeError("Zebra")

    with clinic.service.broken() as patch:
        patch.setattr("app.services.fhir.asking.find", fails)
        answer = clinic.lead.ask("GET", f"/fhir/Patient/{clinic.patient_id}")
    assert answer.status_code == 500
    assert answer.json()["issue"][0]["code"] == "exception"
    assert "Zebra" not in answer.text


def test_what_it_says_it_can_do_it_does(clinic, awkward):
    """Every parameter and include of the CapabilityStatement is asked; none is refused."""
    told = clinic.service.send("GET", "/fhir/metadata").json()
    samples = {"date": "2026", "token": "x", "reference": str(uuid4()), "string": "x", "uri": "urn:x"}
    for resource in told["rest"][0]["resource"]:
        kind = resource["type"]
        for parameter in resource["searchParam"]:
            answer = clinic.lead.ask("GET", f"/fhir/{kind}?{parameter['name']}={samples[parameter['type']]}")
            assert answer.status_code == 200, answer.text
        for name, offered in (("_include", "searchInclude"), ("_revinclude", "searchRevInclude")):
            for value in resource.get(offered, ()):
                assert clinic.lead.ask("GET", f"/fhir/{kind}?{name}={value}&_count=2").status_code == 200
