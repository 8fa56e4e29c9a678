"""What form an answer takes: media types as people write them, `_format` before Accept, and the version of FHIR."""

import json

import pytest

from tests.api.clinic import code_of
from tests.api.exporting import ASYNC, end_all, ordered
from tests.api.fhir.asking import bundle, everything, issues, link, pages, resources

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FHIR_XML = {"Accept": "application/fhir+xml"}
PARAMETERS = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueString": "Patient"}]}


@pytest.fixture(autouse=True)
def room(clinic):
    """Each test may order anew."""
    yield
    end_all(clinic)


def addresses(clinic):
    """One of each kind of answer that a `_format` can be asked of."""
    return (
        "metadata",
        "Patient",
        f"Patient/{clinic.patient_id}",
        f"Patient/{clinic.patient_id}/_history",
        f"Patient/{clinic.patient_id}/_history/1",
    )


# --- a plus in an address --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "application/fhir+ndjson",
        "application/fhir%2Bndjson",
        "application%2Ffhir%2Bndjson",
        "application/ndjson",
        "ndjson",
        "application/fhir+ndjson;fhirVersion=4.0",
    ],
)
def test_an_export_takes_its_format_as_the_integrators_page_writes_it(clinic, written):
    assert ordered(clinic.lead, f"/fhir/$export?_type=Patient&_outputFormat={written}")


@pytest.mark.parametrize(
    "written",
    [
        "application/fhir+json",
        "application/fhir%2Bjson",
        "application/fhir%20json",
        "Application/FHIR+JSON",
        "application/fhir+json;fhirVersion=4.0",
        "application/fhir+json;%20fhirVersion=4.0",
        "application/fhir+json;+charset=utf-8",
        "application/json",
        "text/json",
        "json",
    ],
)
def test_json_is_known_however_it_is_written(clinic, written):
    for path in addresses(clinic):
        answer = clinic.lead.ask("GET", f"/fhir/{path}?_format={written}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/fhir+json"), path


def test_a_format_with_a_plus_goes_along_to_the_last_page(clinic, awkward):
    plain = everything(clinic.lead, "Observation?_count=9")
    first = bundle(clinic.lead, "Observation?_count=9&_format=application/fhir+json")
    assert "_format=application/fhir%2Bjson" in (link(first, "next") or "")
    paged = [one for page in pages(clinic.lead, "Observation?_count=9&_format=application/fhir+json")
             for one in resources(page)]  # fmt: skip
    assert paged == plain


def test_an_offset_with_a_plus_is_read_wherever_an_instant_is_asked(clinic, awkward):
    whole = everything(clinic.lead, "Observation?_count=200")
    for when in ("2020-01-01T00:00:00+02:00", "2020-01-01T00:00:00%2B02:00"):
        assert everything(clinic.lead, f"Observation?_lastUpdated=ge{when}&_count=200") == whole
        assert everything(clinic.lead, f"Observation?_lastUpdated=lt{when}&_count=200") == []
        history = bundle(clinic.lead, f"Patient/{clinic.patient_id}/_history?_since={when}")
        assert history["total"] == 1
        assert ordered(clinic.lead, f"/fhir/$export?_type=Patient&_since={when}")
        end_all(clinic)
        assert clinic.lead.ask("GET", f"/v1/audit?since={when}").status_code == 200
        assert clinic.lead.ask("GET", f"/v1/export/sessions.csv?since={when}").status_code == 200
    assert clinic.lead.ask("GET", "/v1/audit?since=2020-01-01%2000:00:00Z").status_code == 422


def test_a_plus_in_a_name_is_the_space_it_stands_for(clinic):
    patient_id = clinic.add_patient(given_name="Ana María", record_number="A 1")
    for query in ("name=ana+maria", "identifier=A+1"):
        assert patient_id in [one["id"] for one in everything(clinic.lead, f"Patient?{query}")], query


# --- _format before Accept -------------------------------------------------------------------------------------------


def test_format_goes_before_accept(clinic):
    for path in addresses(clinic):
        wanted = clinic.lead.ask("GET", f"/fhir/{path}?_format=json", headers=FHIR_XML)
        assert wanted.status_code == 200, path
        refused = clinic.lead.ask("GET", f"/fhir/{path}?_format=xml", headers={"Accept": "application/fhir+json"})
        assert (refused.status_code, code_of(refused)) == (406, "not-acceptable"), path
        assert any(one.startswith("_format: ") for one in issues(refused)), path


def test_a_form_may_name_the_format_too(clinic):
    for sent, status in (("_format=application/fhir%2Bjson", 200), ("_format=application/fhir+json", 200),
                         ("_format=xml", 406)):  # fmt: skip
        answer = clinic.lead.ask("POST", "/fhir/Patient/_search", raw=sent, headers=FORM | FHIR_XML)
        assert answer.status_code == status, sent


def test_an_export_may_be_asked_for_its_words_as_json(clinic):
    assert ordered(clinic.lead, "/fhir/$export?_type=Patient&_format=application/fhir+json")
    refused = clinic.lead.ask("GET", "/fhir/$export?_type=Patient&_format=xml", headers=ASYNC)
    assert refused.status_code == 406


# --- what Accept says ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/fhir+json; fhirVersion=4.0", 200),
        ('application/fhir+json;fhirVersion="4.0"', 200),
        ("application/fhir+json;FHIRVERSION=4.0", 200),
        ("application/fhir+json; fhirVersion=3.0", 406),
        ("application/fhir+json; fhirVersion=4.3", 406),
        ("application/fhir+json; fhirVersion=5.0, application/fhir+json; fhirVersion=4.0; q=0.5", 200),
        ("application/fhir+json; fhirVersion=", 406),
        ("application/fhir+xml, application/fhir+json;q=0", 406),
        ("application/fhir+xml, */*;q=0.1", 200),
        ("application/fhir+xml, */*;q=0.0", 406),
        ("text/html,application/xhtml+xml,*/*;q=0.8", 200),
        ("application/fhir+json;q=x", 200),
        ("", 200),
    ],
)
def test_the_version_and_the_weights_in_accept_are_read(clinic, accept, status):
    for path in addresses(clinic):
        assert clinic.lead.ask("GET", f"/fhir/{path}", headers={"Accept": accept}).status_code == status, path
    order = clinic.lead.ask("GET", "/fhir/$export?_type=Patient", headers=ASYNC | {"Accept": accept})
    assert order.status_code == (202 if status == 200 else status)


@pytest.mark.parametrize("version", ["3.0", "4.3", "5.0", "4"])
def test_another_version_of_fhir_is_refused_wherever_it_is_named(clinic, version):
    asked = f"application/fhir+json;fhirVersion={version}"
    for path in addresses(clinic):
        refused = clinic.lead.ask("GET", f"/fhir/{path}?_format={asked}")
        assert refused.status_code == 406, path
        assert any("fhirVersion" in one and "4.0" in one for one in issues(refused)), path
    refused = clinic.lead.ask(
        "GET", f"/fhir/$export?_outputFormat=application/fhir+ndjson;fhirVersion={version}", headers=ASYNC
    )
    assert refused.status_code == 400
    assert any(one.startswith("_outputFormat: ") for one in issues(refused))


def test_what_is_sent_names_its_version_too(clinic):
    for said, status in (
        ("application/fhir+json", 202),
        ("application/fhir+json; fhirVersion=4.0", 202),
        ("application/fhir+json; charset=UTF-8; fhirVersion=4.0", 202),
        ("application/json", 202),
        ("application/fhir+json; fhirVersion=3.0", 415),
        ("application/fhir+json; charset=latin-1", 415),
        ("application/fhir json", 415),
        ("application/fhir+xml", 415),
        ("", 415),
    ):
        head = ASYNC | {"Content-Type": said}
        answer = clinic.lead.ask("POST", "/fhir/$export", raw=json.dumps(PARAMETERS), headers=head)
        assert answer.status_code == status, said
        end_all(clinic)


# --- a count alone ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("also", ["", "&_count=5", "&_total=none", "&_include=Observation:patient"])
def test_a_summary_of_count_is_a_count_of_nothing(clinic, awkward, also):
    """The same answer but for the address in its link: the total, and no entry."""
    for query in ("Observation?status=final", "Observation?status=cancelled"):
        counted = bundle(clinic.lead, f"{query}&_summary=count{also}")
        total = len(everything(clinic.lead, f"{query}&_count=200"))
        assert (counted["total"], "entry" in counted) == (total, False)
        nothing = bundle(clinic.lead, f"{query}&_count=0")
        assert [{**one, "link": []} for one in (counted, nothing)] == [{**nothing, "link": []}] * 2
        assert link(counted, "next") is None
        assert "_summary=count" in (link(counted, "self") or "")


def test_a_summary_that_is_none_is_the_whole(clinic, awkward):
    whole = bundle(clinic.lead, "Observation?_count=5")
    asked = bundle(clinic.lead, "Observation?_count=5&_summary=false")
    assert asked["entry"] == whole["entry"]


@pytest.mark.parametrize("value", ["true", "text", "data", "Count", "", "yes"])
def test_another_summary_is_refused_with_a_word(clinic, value):
    refused = clinic.lead.ask("GET", f"/fhir/Observation?_summary={value}")
    assert (refused.status_code, code_of(refused)) == (400, "bad-search")
    assert any(one.startswith("_summary: ") and "count" in one and "false" in one for one in issues(refused))


def test_a_summary_is_left_out_where_that_is_asked(clinic, awkward):
    page = bundle(clinic.lead, "Observation?_summary=true&_count=1", Prefer="handling=lenient")
    assert "_summary" in resources(page, "outcome")[0]["issue"][0]["diagnostics"]
    assert len(resources(page)) == 1
