"""A protocol is approved at the revision that was read, by another than its author, who sees what is new in it."""

import copy
from uuid import uuid4

import pytest

from app.services import governance
from tests.api import clinic as made
from tests.api.clinic import Clinic, clinic_on
from tests.api.conftest import People, Person, SetClock
from tests.api.kept_rows import audit_mark, audit_since
from tests.conftest import ENGINES
from tests.domain import shipped
from tests.factories import PASSWORD

PATH = "/v1/protocols/iv-infusion-example/versions"


def draft(who: Person, version: int = 2, **other: object):
    answer = who.put(f"{PATH}/{version}", shipped.document(version=version, **other))
    assert answer.status_code == 201, answer.text
    return answer


def approve(who: Person, version: int = 2, **headers: str):
    return who.post(f"{PATH}/{version}/approve", {"password": PASSWORD}, **headers)


def test_it_takes_the_revision_that_was_read(people: People) -> None:
    draft(people.lead)
    missing = approve(people.clinician)
    assert (missing.status_code, missing.json()["code"]) == (428, "precondition-missing")
    assert missing.json()["current_revision"] == 1
    read = people.clinician.get(f"{PATH}/2")
    changed = people.lead.put(f"{PATH}/2", shipped.document(version=2, example=False), If_Match=read.headers["etag"])
    assert changed.status_code == 200
    moved = approve(people.clinician, If_Match=read.headers["etag"])
    assert moved.status_code == 412, "what was on the screen is not what would be approved"
    assert people.nurse.get(f"{PATH}/2").json()["status"] == "draft"
    assert approve(people.clinician, If_Match=changed.headers["etag"]).status_code == 200


def test_its_author_alone_cannot_where_somebody_else_may(people: People, clock: SetClock) -> None:
    draft(people.lead)
    refused = approve(people.lead, If_Match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (403, "author-alone")
    assert people.lead.get(f"{PATH}/2").json()["status"] == "draft"
    events = people.auditor.get(f"/v1/audit?actor_id={people.lead.id}&limit=5").json()["items"]
    assert ("act.refused", "author-alone") in [(event["action"], event["reason"]) for event in events]
    assert approve(people.clinician, If_Match='"1"').status_code == 200
    clock.pass_by(minutes=1)
    joined = approve(people.lead, If_Match='"1"')
    assert joined.status_code == 200, "beside another's approval the author's adds a name"
    assert [one["by"]["role"] for one in joined.json()["approvals"]] == ["clinician", "lead"]


def test_where_nobody_else_may_its_author_can_and_the_record_says_so(people: People) -> None:
    one = people.clinician.staff
    away = {"username": one.username, "name": one.name, "role": "clinician", "active": False}
    assert people.lead.put(f"/v1/staff/{people.clinician.id}", away, If_Match='"1"').status_code == 200
    draft(people.lead)
    assert people.lead.get(f"{PATH}/2/changes").json()["may_approve"] is True
    assert approve(people.lead, If_Match='"1"').status_code == 200
    (event,) = people.auditor.get("/v1/audit?action=protocol.approved").json()["items"]
    assert event["reason"] == "by its author alone: nobody else of the clinic may approve"


def test_an_example_that_came_with_the_program_has_no_author_here(people: People) -> None:
    found = people.lead.get(f"{PATH}/1/changes").json()
    assert (found["author"], found["may_approve"], found["since"]) == (None, True, None)
    assert approve(people.lead, 1, If_Match='"1"').status_code == 200
    (event,) = people.auditor.get("/v1/audit?action=protocol.approved").json()["items"]
    assert event["reason"] is None


def test_who_wrote_it_is_who_changed_it_last(people: People) -> None:
    draft(people.lead)
    other = {"username": "olga", "name": "Olga", "role": "lead"}
    token = people.lead.put(f"/v1/staff/{uuid4()}", other).json()["invitation"]["token"]
    people.lead.client.post("/v1/invitations/accept", json={"token": token, "password": PASSWORD})
    begun = people.lead.client.post("/v1/sign-in", json={"username": "olga", "password": PASSWORD}).json()
    olga = Person(people.lead.client, people.clinic, begun["staff"]["id"], None, begun["access_token"])
    olga.put(f"{PATH}/2", shipped.document(version=2, example=False), If_Match='"1"')
    assert people.lead.get(f"{PATH}/2/changes").json()["author"]["name"] == "Olga"
    assert approve(olga, If_Match='"2"').json()["code"] == "author-alone"
    assert approve(people.lead, If_Match='"2"').status_code == 200


def test_what_is_new_is_told_field_by_field_and_in_words(people: People) -> None:
    approve(people.clinician, 1, If_Match='"1"')
    after = copy.deepcopy(shipped.document(version=2, example=False))
    after["criteria"]["fresh"]["minutes"] = 25
    after["schedule"]["infusion"] = 5
    assert people.lead.put(f"{PATH}/2", after).status_code == 201
    found = people.clinician.get(f"{PATH}/2/changes").json()
    since = found["since"]
    assert (found["document"], found["author"]["name"]) == (after, people.lead.staff.name)
    assert (since["version"], since["approvals"][0]["by"]["name"]) == (1, people.clinician.staff.name)
    assert {one["field"]: (one["before"], one["after"]) for one in since["changes"]} == {
        "example": (True, False),
        "criteria.fresh.minutes": (20, 25),
        "schedule.infusion": (10, 5),
    }
    told = {one["table"] for one in since["in_words"]}
    assert told == {"criteria.fresh", "schedule"}
    assert all(one["before"] != one["after"] for one in since["in_words"])


def test_a_version_that_changes_nothing_says_so(people: People) -> None:
    approve(people.clinician, 1, If_Match='"1"')
    draft(people.lead)
    since = people.clinician.get(f"{PATH}/2/changes").json()["since"]
    assert (since["changes"], since["in_words"]) == ([], [])


def test_what_an_approved_version_changed_is_told_as_of_its_approval(people: People, clock: SetClock) -> None:
    approve(people.clinician, 1, If_Match='"1"')
    clock.pass_by(minutes=1)
    draft(people.lead, 2, example=False)
    approve(people.clinician, 2, If_Match='"1"')
    draft(people.lead, 3)
    assert people.clinician.get(f"{PATH}/3/changes").json()["since"]["version"] == 2
    assert people.clinician.get(f"{PATH}/1/changes").json()["since"] is None


# --- the replay ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        for _ in range(2):
            opened.discharged()
        opened.ready()
        yield opened


def stricter(clinic: Clinic, version: int, minutes: int = 240):
    """The example, but that nobody is ready until so many minutes after the dose."""
    document = copy.deepcopy(shipped.document(version=version))
    document["criteria"]["minutes-since-dose"]["infusion-end"] = minutes
    clinic.lead.put(f"{PATH}/{version}", document)
    return f"{PATH}/{version}/changes"


def test_it_says_which_flags_of_closed_sessions_would_have_moved_and_is_on_record(clinic: Clinic) -> None:
    clinic.to(300)
    clinician = made.sign_in(clinic.service, clinic.clinician.username)
    path = stricter(clinic, 7)
    mark = audit_mark(clinic.service)
    replay = clinician.get(path)["replay"]
    assert (replay["sessions"], replay["not_looked_at"], replay["never"], replay["same"]) == (2, 0, 2, 0)
    assert {(one["shift"], one["draft"]) for one in replay["moved"]} == {("never", None)}
    assert all(one["pinned"] for one in replay["moved"])
    seen = [event.session_id for event in audit_since(clinic.service, mark) if event.action == "governance.replayed"]
    assert {str(one) for one in seen} == {one["session_id"] for one in replay["moved"]}
    same = clinician.get(f"{PATH}/1/changes")["replay"]
    assert (same["same"], same["never"], same["moved"]) == (2, 0, [])
    nasal = clinician.get("/v1/protocols/intranasal-example/versions/1/changes")["replay"]
    assert (nasal["sessions"], nasal["not_looked_at"]) == (0, 0)


def test_no_flag_rises_once_the_patient_has_left(clinic: Clinic) -> None:
    """The dose ended at minute 40, and they left at 109: at 110 the same sets would have met it, of nobody."""
    clinic.to(300)
    clinician = made.sign_in(clinic.service, clinic.clinician.username)
    replay = clinician.get(stricter(clinic, 10, minutes=70))["replay"]
    assert (replay["sessions"], replay["never"], replay["later"]) == (2, 2, 0)
    replay = clinician.get(stricter(clinic, 11, minutes=69))["replay"]
    assert (replay["sessions"], replay["never"], replay["later"]) == (2, 0, 2)


def test_what_it_does_not_look_at_is_counted(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.to(300)
    clinician = made.sign_in(clinic.service, clinic.clinician.username)
    path = stricter(clinic, 8)
    monkeypatch.setattr(governance, "MOST", 1)
    replay = clinician.get(path)["replay"]
    assert (replay["sessions"], replay["not_looked_at"]) == (1, 1)
    monkeypatch.setattr(governance, "BUDGET", -1.0)
    replay = clinician.get(path)["replay"]
    assert (replay["sessions"], replay["not_looked_at"]) == (0, 2)


def test_older_sessions_are_not_looked_at(clinic: Clinic) -> None:
    path = stricter(clinic, 9)
    clinic.to(90 * 24 * 60 + 200)
    clinician = made.sign_in(clinic.service, clinic.clinician.username)
    replay = clinician.get(path)["replay"]
    assert (replay["sessions"], replay["not_looked_at"]) == (0, 0)
