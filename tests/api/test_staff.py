"""Accounts are the lead's; protocols are drafted by a lead and approved by name; the audit is read by those who may."""

import tomllib
from pathlib import Path
from uuid import uuid4

import pytest

import app
from tests.api.conftest import People
from tests.factories import PASSWORD

NEW = {"username": "ida", "name": "Ida", "role": "nurse", "password": PASSWORD}


def test_a_lead_adds_an_account_that_can_sign_in(people: People) -> None:
    path = f"/v1/staff/{uuid4()}"
    made = people.lead.put(path, NEW)
    assert made.status_code == 201
    assert set(made.json()) == {"id", "revision", "username", "name", "role", "active", "invitation"}
    assert made.json()["invitation"] is None
    assert people.lead.put(path, NEW).status_code == 200, "the same again, password and all, is a repeat"
    assert people.lead.get(path).json() | {"invitation": None} == made.json()
    signed_in = people.nurse.client.post("/v1/sign-in", json={"username": "IDA", "password": PASSWORD})
    assert signed_in.status_code == 200
    assert signed_in.json()["password_must_change"] is True
    assert "ida" in [item["username"] for item in people.auditor.get("/v1/staff").json()["items"]]


def test_no_answer_and_no_audit_event_holds_a_password_or_its_hash(people: People) -> None:
    people.lead.put(f"/v1/staff/{uuid4()}", NEW)
    texts = [people.lead.get("/v1/staff").text, people.auditor.get("/v1/audit?limit=200").text]
    for text in texts:
        assert PASSWORD not in text
        assert "argon2" not in text


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"password": "short"}, 422, "weak-password"),
        ({"password": "ida at lakeside"}, 422, "weak-password"),
        ({"username": "i da"}, 422, "bad-username"),
        ({"username": "Nurse@Lakeside"}, 409, "username-taken"),
        ({"username": "nurse@hillside"}, 409, "username-taken"),
        ({"role": "doctor"}, 422, "malformed"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    people: People, others: People, change: dict, status: int, code: str
) -> None:
    path = f"/v1/staff/{uuid4()}"
    refused = people.lead.put(path, NEW | change)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json()["errors"][0]["field"] == next(iter(change))
    assert people.lead.get(path).status_code == 404


def test_a_clinic_keeps_a_lead(people: People) -> None:
    path = f"/v1/staff/{people.lead.id}"
    me = {"username": people.lead.staff.username, "name": people.lead.staff.name, "role": "lead"}
    for change in ({"role": "nurse"}, {"active": False}):
        refused = people.lead.put(path, me | change, If_Match='"1"')
        assert (refused.status_code, refused.json()["code"]) == (409, "last-lead")
    assert people.lead.put(f"/v1/staff/{uuid4()}", NEW | {"role": "lead"}).status_code == 201
    assert people.lead.put(path, me | {"active": False}, If_Match='"1"').status_code == 200
    assert people.lead.get("/v1/staff").status_code == 401


def test_another_clinics_account_is_unknown_here(people: People, others: People) -> None:
    theirs, unknown = f"/v1/staff/{others.nurse.id}", f"/v1/staff/{uuid4()}"
    assert people.lead.get(theirs).status_code == 404
    assert people.lead.get(theirs).content == people.lead.get(unknown).content
    assert str(others.nurse.id) not in people.lead.get("/v1/staff").text


# --- protocols -------------------------------------------------------------------------------------------------------

SHIPPED = Path(app.__file__).parent / "protocols" / "iv-infusion-example.toml"
PATH = "/v1/protocols/iv-infusion-example/versions"


def document(**other: object) -> dict:
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8")) | other


def test_the_shipped_examples_are_there_and_nobody_has_approved_them(people: People) -> None:
    items = people.nurse.get("/v1/protocols").json()["items"]
    assert [(item["id"], item["version"], item["example"], item["status"]) for item in items] == [
        ("intranasal-example", 1, True, "draft"),
        ("iv-infusion-example", 1, True, "draft"),
    ]


def test_a_draft_is_a_sheet_until_it_is_approved(people: People) -> None:
    made = people.lead.put(f"{PATH}/2", document(version=2))
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.json()["document"] == document(version=2)
    assert people.lead.put(f"{PATH}/2", document(version=2)).status_code == 200
    changed = (
        document(version=2, fresh={"minutes": 21} | {k: v for k, v in document()["fresh"].items() if k != "minutes"})
        if "fresh" in document()
        else document(version=2, example=False)
    )
    assert people.lead.put(f"{PATH}/2", changed).status_code == 428
    assert people.lead.put(f"{PATH}/2", changed, If_Match='"1"').status_code == 200
    approved = people.clinician.post(f"{PATH}/2/approve", {"password": PASSWORD}, If_Match='"2"')
    assert approved.status_code == 200
    assert approved.json()["status"] == "approved"
    assert approved.json()["approvals"][0]["by"]["name"] == people.clinician.staff.name
    final = people.lead.put(f"{PATH}/2", document(version=2), If_Match='"2"')
    assert (final.status_code, final.json()["code"]) == (409, "protocol-immutable")
    assert people.lead.put(f"{PATH}/2", changed).status_code == 200, "the same content is no change"


def test_approving_takes_the_password_again_and_the_revision_that_was_read(people: People) -> None:
    wrong = people.clinician.post(f"{PATH}/1/approve", {"password": "a wrong pass phrase"}, If_Match='"1"')
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong-password")
    assert people.clinician.post(f"{PATH}/1/approve", {"password": PASSWORD}, If_Match='"7"').status_code == 412
    assert people.nurse.post(f"{PATH}/1/approve", {"password": PASSWORD}, If_Match='"1"').status_code == 403
    assert people.clinician.post(f"{PATH}/9/approve", {"password": PASSWORD}, If_Match='"1"').status_code == 404
    assert people.lead.post(f"{PATH}/1/approve", {"password": PASSWORD}, If_Match='"1"').status_code == 200
    assert people.lead.post(f"{PATH}/1/approve", {"password": PASSWORD}, If_Match='"1"').status_code == 200
    assert len(people.nurse.get(f"{PATH}/1").json()["approvals"]) == 1
    actions = [event["action"] for event in people.auditor.get("/v1/audit?limit=200").json()["items"]]
    assert actions.count("password.wrong") == 1
    assert actions.count("protocol.approved") == 1


def test_guessing_the_password_of_a_signature_stops_too(people: People) -> None:
    for _ in range(5):
        assert people.clinician.post(f"{PATH}/1/approve", {"password": "a guess"}).status_code == 403
    stopped = people.clinician.post(f"{PATH}/1/approve", {"password": PASSWORD})
    assert stopped.status_code == 429
    assert "retry-after" in stopped.headers


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        (f"{PATH}/3", {"version": 2}, "version"),
        ("/v1/protocols/other/versions/2", {"version": 2}, "id"),
        (f"{PATH}/2", {"version": 2, "bogus": 1}, "bogus"),
        (f"{PATH}/2", {"version": 2.5}, "version"),
        (f"{PATH}/2", {"version": 2, "route": "oral"}, "route"),
    ],
)
def test_a_protocol_that_is_wrong_is_refused_with_its_dotted_paths(
    people: People, path: str, change: dict, field: str
) -> None:
    refused = people.lead.put(path, document(**change))
    assert refused.status_code == 422
    assert field in [error["field"] for error in refused.json()["errors"]]


def test_approval_in_one_clinic_means_nothing_in_another(people: People, others: People) -> None:
    people.clinician.post(f"{PATH}/1/approve", {"password": PASSWORD}, If_Match='"1"')
    assert others.nurse.get(f"{PATH}/1").json()["status"] == "draft"


# --- audit -----------------------------------------------------------------------------------------------------------


def test_the_audit_is_paged_newest_first_and_filtered(people: People, others: People) -> None:
    for number in range(5):
        people.lead.put(f"/v1/staff/{uuid4()}", NEW | {"username": f"ida{number}"})
    others.lead.put(f"/v1/staff/{uuid4()}", NEW | {"username": "theirs"})
    seen: list[dict] = []
    after = ""
    for _ in range(9):
        page = people.auditor.get(f"/v1/audit?action=staff.added&actor_id={people.lead.id}&limit=2{after}").json()
        seen += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [event["after"]["username"] for event in seen] == [f"ida{number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1000", "after=xyz", "session_id=1", "since=2026-03-08T09:30:00", "action=DROP%20TABLE"]
)
def test_a_filter_that_is_none_is_refused(people: People, query: str) -> None:
    assert people.auditor.get(f"/v1/audit?{query}").status_code == 422


def test_only_leads_and_auditors_read_the_audit(people: People) -> None:
    statuses = [person.get("/v1/audit").status_code for person in (people.nurse, people.clinician, people.operator)]
    assert statuses == [403, 403, 403]
    assert people.lead.get("/v1/audit").status_code == 200
