"""A session taken along, and its monitoring summary, over HTTP."""

import io
import json
import zipfile
from uuid import uuid4

import jsonschema_rs
import pypdf
import pytest
import schemathesis
from schemathesis.specs.openapi import checks as openapi_checks

from app.exchange.pack import CheckResult, verify_pack
from tests.api.bodies import at
from tests.api.clinic import another_clinic
from tests.api.kept_rows import newest_audit

PARTS = {  # by hand: the name in the address, in the ZIP, and the media type
    "manifest": ("manifest.json", "application/json"),
    "pdf": ("session.pdf", "application/pdf"),
    "bundle": ("bundle.json", "application/fhir+json"),
    "csv": ("session.csv", "text/csv"),
}


@pytest.fixture(scope="module")
def discharged(clinic):
    return clinic.discharged()


def test_a_pack_is_fetched_and_verifies(clinic, discharged):
    answer = clinic.clinician.ask("GET", f"/v1/sessions/{discharged}/pack", expect=200)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="session-{discharged}.zip"'
    assert answer.headers["cache-control"] == "no-store"
    assert [line for line in verify_pack(answer.content) if line.outcome is not CheckResult.HOLDS] == []


def test_each_part_is_fetched_alone_and_is_the_one_in_the_zip(clinic, discharged):
    whole = clinic.lead.ask("GET", f"/v1/sessions/{discharged}/pack", expect=200).content
    with zipfile.ZipFile(io.BytesIO(whole)) as found:
        assert found.namelist() == [name for name, _ in PARTS.values()]
        for part, (name, media_type) in PARTS.items():
            answer = clinic.lead.ask("GET", f"/v1/sessions/{discharged}/pack/{part}", expect=200)
            assert answer.headers["content-type"].split(";")[0] == media_type
            assert answer.content == found.read(name)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_of_the_form_that_is_documented(clinic, discharged, part):
    """By a checker that shares no code with ours; `ask` holds it against the document too."""
    name, media_type = PARTS[part]
    path = "/v1/sessions/{session_id}/pack/{part}"
    answer = clinic.lead.ask("GET", path.format(session_id=discharged, part=part), expect=200)
    document = clinic.service.contract.document
    promised = document["paths"][path]["get"]["responses"]["200"]["content"]
    assert set(promised) == {media_type for _, media_type in PARTS.values()}
    schema = promised[media_type]["schema"]
    if name.endswith(".json"):
        assert jsonschema_rs.is_valid(schema, answer.json())
        for other in ({"format": "another", "resourceType": "Patient"}, {"digest": None, "entry": None}):
            changed = {key: value for key, value in (answer.json() | other).items() if value is not None}
            assert not jsonschema_rs.is_valid(schema, changed)
    else:
        assert schema["type"] == "string"
    case = schemathesis.openapi.from_dict(document)[path]["GET"].Case(
        path_parameters={"session_id": discharged, "part": part}
    )
    case.validate_response(
        answer,
        checks=[
            openapi_checks.status_code_conformance,
            openapi_checks.content_type_conformance,
            openapi_checks.response_schema_conformance,
        ],
    )


def test_what_was_taken_and_by_whom_is_on_record_by_its_digest(clinic, discharged):
    answer = clinic.auditor.ask("GET", f"/v1/sessions/{discharged}/pack/manifest", expect=200)
    trace = newest_audit(clinic.service)[0]
    assert (trace.action, str(trace.session_id), str(trace.actor_id)) == (
        "session.packed",
        discharged,
        clinic.auditor.id,
    )
    assert trace.after == {"part": "manifest", "record_digest": answer.json()["record_digest"]}
    assert trace.patient_id is not None


def test_of_another_clinic_an_unknown_session_or_an_unknown_part_there_is_none(clinic, discharged):
    stranger = another_clinic(clinic.service)
    for path in ("pack", "pack/csv", "monitoring-summary", "monitoring-summary.pdf"):
        foreign = stranger.clinician.problem("GET", f"/v1/sessions/{discharged}/{path}", status=404)
        unknown = stranger.clinician.problem("GET", f"/v1/sessions/{uuid4()}/{path}", status=404)
        assert foreign == unknown
    clinic.clinician.problem("GET", f"/v1/sessions/{discharged}/pack/everything", status=422)


def test_a_session_that_time_has_moved_is_caught_up_before_it_is_taken(clinic):
    session_id = clinic.ready()
    clinic.to(200)
    manifest = clinic.clinician.ask("GET", f"/v1/sessions/{session_id}/pack/manifest", expect=200).json()
    assert manifest["record"]["latest"]["status"] != "met"
    assert [flag["change"] for flag in manifest["record"]["flags"]] == ["raised", "withdrawn"]


# --- the monitoring summary ------------------------------------------------------------------------------------------


def fields(summary):
    return {one["id"]: one for one in summary["fields"]}


def test_an_infusion_has_no_monitoring_summary(clinic, discharged):
    for path in ("monitoring-summary", "monitoring-summary.pdf"):
        refused = clinic.nurse.problem("GET", f"/v1/sessions/{discharged}/{path}", status=409)
        assert refused["code"] == "not-intranasal"
        assert "iv-infusion" in refused["detail"]


@pytest.fixture(scope="module")
def nasal(clinic):
    session_id = clinic.plan(nasal=True)
    clinic.event(session_id, -30, "checked-in")
    clinic.reading(session_id, -20)
    clinic.reading(session_id, -10, systolic=131)
    clinic.event(session_id, 0, "nasal-device-given", {"dose_mg": 28, "lot": "N-5"})
    clinic.event(session_id, 5, "nasal-device-given", {"dose_mg": 28, "lot": "N-5"})
    clinic.reading(session_id, 42, systolic=151, diastolic=92, dissociation={"grade": "mild"})
    return session_id


def test_what_is_missing_is_said_while_the_session_runs(clinic, nasal):
    clinic.to(60)
    summary = clinic.nurse.get(f"/v1/sessions/{nasal}/monitoring-summary")
    found = fields(summary)
    assert found["bp-leaving"]["missing"] == "the patient has not left"
    assert found["bp-leaving"]["value"] is None
    assert found["bp-before"]["value"]["systolic"] == 131
    assert found["bp-40-minutes"]["value"] == {
        "systolic": 151,
        "diastolic": 92,
        "measured_at": at(42),
        "minutes_from_first_device": 42,
    }
    assert set(summary["missing"]) == {name for name, one in found.items() if one["missing"] is not None}
    assert found["dissociation"]["value"] == "yes"
    assert (found["dose"]["value"], found["lots"]["value"]) == ("56", ["N-5"])


def test_each_answer_names_the_reading_it_rests_on_and_the_page_says_the_same(clinic, nasal):
    for minute in (57, 72, 87, 102, 117, 124):
        clinic.reading(nasal, minute)
    clinic.event(nasal, 125, "left-against-advice")
    found = fields(clinic.nurse.get(f"/v1/sessions/{nasal}/monitoring-summary"))
    readings = {one["id"]: one for one in clinic.nurse.get(f"/v1/sessions/{nasal}")["readings"]}
    for name in ("bp-before", "bp-40-minutes", "bp-leaving"):
        [rest] = found[name]["rests_on"]
        named, value = readings[rest["id"]], found[name]["value"]
        assert rest["revision"] == 1
        assert [named[key] for key in ("systolic", "diastolic", "measured_at")] == [
            value[key] for key in ("systolic", "diastolic", "measured_at")
        ]
    assert (found["minutes"]["value"], found["two-hours"]["value"], found["ready-minutes"]["value"]) == (125, "yes", 72)
    assert found["serious-events"]["value"] == [{"code": "left-against-advice"}]
    page = clinic.nurse.ask("GET", f"/v1/sessions/{nasal}/monitoring-summary.pdf", expect=200).content
    text = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(page)).pages)
    for said in ("131/78 mmHg", "151/92 mmHg", "122/78 mmHg", "125 minutes", "72 minutes", "no sex is on record"):
        assert said in " ".join(text.split()), said


def test_the_manifest_is_plain_json(clinic, discharged):
    answer = clinic.auditor.ask("GET", f"/v1/sessions/{discharged}/pack/manifest", expect=200)
    assert json.loads(answer.content)["format"] == "infusion-vitals-pack"
