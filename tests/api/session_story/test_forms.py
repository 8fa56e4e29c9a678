"""The monitoring form from the clinic's papers to the day it is sent, and the sheet that a patient takes home."""

import io
from datetime import timedelta

import pypdf
import pytest

from app.services import monitoring
from tests.api.asking import FORM_ANSWERS, PAPERS
from tests.api.bodies import NOON, at
from tests.api.clinic import another_clinic

PATH = "/v1/clinic/papers"
FORMS = "/v1/monitoring-forms"


@pytest.fixture(scope="module")
def clinic(clinic):
    """A clinic of its own: whatever others leave behind owes no form here."""
    return another_clinic(clinic.service)


@pytest.fixture(scope="module")
def nasal(clinic):
    """Left against advice two hours after the first device: the record answers all that a record can."""
    session_id = clinic.plan(nasal=True)
    clinic.event(session_id, -30, "checked-in")
    clinic.reading(session_id, -20)
    clinic.reading(session_id, -10)
    clinic.event(session_id, 0, "nasal-device-given", {"dose_mg": 28, "lot": "N-5"})
    for minute in (40, 55, 70, 85, 100, 115, 124):
        clinic.reading(session_id, minute)
    clinic.event(session_id, 125, "left-against-advice")
    return session_id


def audited(clinic, action):
    return [one for one in clinic.auditor.get("/v1/audit")["items"] if one["action"] == action]


def words_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_nothing_is_settled_until_a_lead_has(clinic):
    usual = clinic.nurse.get(PATH)
    assert (usual["revision"], usual["form_days"], usual["values_on_sheet"]) == (0, 7, False)
    assert {usual[name] for name in ("care_setting", "address", "phone", "email", "instructions")} == {None}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"phone": "ask us"}, "phone", "bad-clinic-papers"),
        ({"email": "ward"}, "email", "bad-clinic-papers"),
        ({"form_days": 0}, "form_days", "malformed"),
        ({"form_days": 61}, "form_days", "malformed"),
        ({"instructions": "x" * 4001}, "instructions", "malformed"),
        ({"instructions": " \n "}, "instructions", "malformed"),
        ({"instructions": "one\u202etwo"}, "instructions", "malformed"),
        ({"values_on_sheet": "yes"}, "values_on_sheet", "malformed"),
    ],
)
def test_what_papers_cannot_say_is_refused_with_its_field(clinic, change, field, code):
    refused = clinic.lead.problem("PUT", PATH, PAPERS | change, status=422)
    assert (refused["code"], refused["errors"][0]["field"]) == (code, field)


def test_a_sheet_is_refused_until_there_are_instructions_and_somebody_to_call(clinic):
    discharged = clinic.discharged()
    refused = clinic.nurse.problem("GET", f"/v1/sessions/{discharged}/after-visit-sheet", status=409)
    assert refused["code"] == "papers-not-settled"
    assert [error["field"] for error in refused["errors"]] == ["instructions", "phone"]


def test_each_change_of_the_papers_is_a_revision_and_audited(clinic):
    first = clinic.lead.ask("PUT", PATH, PAPERS, expect=201)
    assert first.headers["etag"] == '"1"'
    assert clinic.lead.ask("PUT", PATH, PAPERS, expect=200).headers["etag"] == '"1"'
    other = PAPERS | {"care_setting": "Day clinic"}
    assert clinic.lead.problem("PUT", PATH, other, status=428)["current_revision"] == 1
    clinic.lead.put(PATH, other, expect=200, if_match='"1"')
    assert clinic.nurse.get(PATH).items() >= (other | {"revision": 2}).items()
    assert [(one["before"], one["after"]) for one in audited(clinic, "papers.settled")] == [
        (PAPERS, other),
        (None, PAPERS),
    ]
    assert another_clinic(clinic.service).nurse.get(PATH)["revision"] == 0


def test_what_a_form_lacks_is_listed_until_it_is_asked_and_the_form_is_sent(clinic, nasal):
    clinic.to(130)
    (due,) = clinic.nurse.get(FORMS)["items"]
    assert (due["session_id"], due["due_on"], due["days_left"]) == (nasal, "2026-03-14", 7)
    asked = {"first-treatment", "enrolled", "monitored-by", "opioids", "maois", "psychostimulants"}
    lacks = {one["id"] for one in due["missing"]}
    assert lacks == asked | {"sex", "signed-at", "benzodiazepines", "other-sedatives"}
    clinic.nurse.put(f"/v1/sessions/{nasal}/form-answers", FORM_ANSWERS)
    summary = clinic.nurse.get(f"/v1/sessions/{nasal}/monitoring-summary")
    clinic.nurse.put(f"/v1/patients/{summary['patient_id']}/programme", {"enrolled": "yes"})
    summary = clinic.nurse.get(f"/v1/sessions/{nasal}/monitoring-summary")
    found = {one["id"]: one for one in summary["fields"]}
    assert found["opioids"]["missing"] == "asked, and nobody could know"
    assert (found["maois"]["value"], found["enrolled"]["value"]) == ("no", "yes")
    assert found["monitor-phone"]["source"]["origin"] == "clinic"
    assert f"by {clinic.lead.name} (lead)" in found["monitor-phone"]["source"]["words"]
    assert f"by {clinic.nurse.name} (nurse)" in found["monitored-by"]["source"]["words"]
    assert (summary["answers"]["revision"], summary["programme"]) == (1, {"enrolled": "yes", "revision": 1})
    (due,) = clinic.lead.get(FORMS)["items"]
    assert lacks - {one["id"] for one in due["missing"]} == asked - {"opioids", "psychostimulants"}
    clinic.to(8 * 24 * 60)
    assert clinic.clinician.get(FORMS)["items"][0]["days_left"] == -1
    sent = FORM_ANSWERS | {"sent_at": at(8 * 24 * 60)}
    clinic.nurse.put(f"/v1/sessions/{nasal}/form-answers", sent, expect=200, if_match='"1"')
    assert clinic.nurse.get(FORMS)["items"] == []
    clinic.nurse.put(f"/v1/sessions/{nasal}/form-answers", FORM_ANSWERS, expect=200, if_match='"2"')
    assert [one["session_id"] for one in clinic.nurse.get(FORMS)["items"]] == [nasal]
    assert audited(clinic, "monitoring.listed")[0]["after"] == {"sessions": [nasal]}


def test_an_infusion_owes_no_form_and_takes_no_answers(clinic):
    refused = clinic.nurse.problem("PUT", f"/v1/sessions/{clinic.treated()}/form-answers", FORM_ANSWERS, status=409)
    assert refused["code"] == "not-intranasal"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"sent_at": at(9 * 24 * 60)}, "sent_at", None),
        ({"monitor_email": "ward"}, "monitor_email", "bad-form"),
        ({"monitored_by": None, "monitor_phone": "+44 20 7946 0000"}, "monitor_phone", "bad-form"),
        ({"first_treatment": True}, "first_treatment", "malformed"),
        ({"medicines": {"aspirin": "yes"}}, "medicines.aspirin", "malformed"),
        ({"medicines": {"opioids": None}}, "medicines.opioids", "malformed"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_with_its_field(clinic, nasal, change, field, code):
    clinic.to(8 * 24 * 60)
    refused = clinic.nurse.problem(
        "PUT", f"/v1/sessions/{nasal}/form-answers", FORM_ANSWERS | change, status=422, headers={"If-Match": '"3"'}
    )
    assert field in refused["errors"][0]["field"]
    assert code in (None, refused["code"])


def test_the_list_goes_on_where_a_page_ends_and_looks_back_only_so_far(clinic, nasal, monkeypatch):
    second = clinic.plan(nasal=True)
    clinic.event(second, 10, "nasal-device-given", {"dose_mg": 28})
    clinic.to(20)
    seen, after = [], ""
    for _ in range(3):
        page = clinic.nurse.get(f"{FORMS}?limit=1{after}")
        seen += [one["session_id"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert (seen, page["next"]) == ([nasal, second], None)
    # a page that looks at fewer sessions than there are goes on behind the last of them
    monkeypatch.setattr(monitoring, "IN_TURN", 1)
    short = clinic.nurse.get(FORMS)
    assert short["next"] is not None
    clinic.to((monitoring.LOOKS_BACK + timedelta(minutes=5)) / timedelta(minutes=1))
    monkeypatch.undo()
    assert [one["session_id"] for one in clinic.nurse.get(FORMS)["items"]] == [second]
    assert clinic.nurse.get(FORMS)["since"] == (NOON + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_patient_takes_home_the_clinics_own_words(clinic):
    discharged = clinic.discharged()
    path = f"/v1/sessions/{discharged}/after-visit-sheet"
    sheet = clinic.nurse.get(path)
    assert (sheet["instructions"], sheet["phone"]) == (PAPERS["instructions"], PAPERS["phone"])
    assert (sheet["left_at"], sheet["signed_by"], sheet["values"]) == (at(109), clinic.clinician.name, None)
    said = words_of(clinic.nurse.ask("GET", f"{path}.pdf", expect=200).content)
    for words in ("Do not drive until tomorrow.", PAPERS["phone"], clinic.clinician.name, "7 March 2026, 13:49"):
        assert words in said
    assert "mmHg" not in said
    lets = PAPERS | {"values_on_sheet": True}
    clinic.lead.put(PATH, lets, expect=200, if_match='"2"')
    assert [one["words"] for one in clinic.nurse.get(path)["values"]["items"]] == ["122/78 mmHg", "72 a minute", "98 %"]
    assert "122/78 mmHg" in words_of(clinic.nurse.ask("GET", f"{path}.pdf", expect=200).content)
    assert audited(clinic, "after-visit.read")[0]["session_id"] == discharged


def test_who_was_not_discharged_takes_none(clinic, nasal):
    for path in ("after-visit-sheet", "after-visit-sheet.pdf"):
        refused = clinic.nurse.problem("GET", f"/v1/sessions/{nasal}/{path}", status=409)
        assert refused["code"] == "not-discharged"
