"""One's own account: the password, and where one is signed in."""

import base64
from uuid import uuid4

from starlette.testclient import TestClient

from tests.api.conftest import People, Person, SetClock
from tests.api.test_sign_in import actions, sign_in
from tests.factories import PASSWORD
from tests.tablets_made import known

NEW = "another one, chosen by its owner"
DEVICE = base64.b64encode(bytes(32)).decode()


def another(client: TestClient, person: Person, **headers: str) -> Person:
    """The same person, signed in once more."""
    token = sign_in(client, person.staff.username, **headers).json()["access_token"]
    return Person(client, person.clinic, person.id, person.staff, token, headers)


def change(person: Person, old: str = PASSWORD, new: str = NEW):
    return person.post("/v1/account/password", {"password": old, "new_password": new})


def test_who_one_is(people: People) -> None:
    found = people.operator.get("/v1/account").json()
    assert found["staff"]["username"] == "operator@lakeside"
    assert found["clinic"]["name"] == "lakeside"
    assert found["password_must_change"] is False


def test_changing_the_password_takes_the_old_one_and_ends_the_other_sign_ins(
    client: TestClient, people: People
) -> None:
    elsewhere = another(client, people.nurse)
    assert change(people.nurse).status_code == 204
    assert people.nurse.get("/v1/account").status_code == 200, "this sign-in goes on"
    assert elsewhere.get("/v1/account").status_code == 401
    assert sign_in(client, "nurse@lakeside").status_code == 401
    assert sign_in(client, "nurse@lakeside", NEW).status_code == 200
    assert people.clinician.get("/v1/account").status_code == 200
    assert "password.changed" in actions(people, actor_id=str(people.nurse.id))


def test_a_wrong_old_password_changes_nothing_and_counts(client: TestClient, people: People) -> None:
    for _ in range(5):
        refused = change(people.nurse, "a guess at the old one")
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong-password")
    assert change(people.nurse).status_code == 429
    assert "password.wrong" in actions(people, actor_id=str(people.nurse.id))


def test_a_weak_one_or_the_same_is_refused_by_its_field(people: People) -> None:
    for new in ("short", "passwordpassword", "nurse of lakeside", PASSWORD):
        refused = change(people.nurse, new=new)
        assert (refused.status_code, refused.json()["code"]) == (422, "weak-password")
        assert refused.json()["errors"][0]["field"] == "new_password"


def test_where_one_is_signed_in_and_ending_it(client: TestClient, people: People, clock: SetClock) -> None:
    tablet = str(uuid4())
    people.lead.put(f"/v1/tablets/{tablet}", known(tablet).enrolment("Chair 3"))
    clock.pass_by(minutes=1)
    at_chair = another(client, people.nurse, **{"X-Tablet-Id": tablet})
    at_chair.put(f"/v1/tablets/{tablet}/pin", {"pin": "4927", "device": DEVICE})
    items = people.nurse.get("/v1/account/sign-ins").json()["items"]
    assert [(one["tablet_name"], one["pin"], one["here"]) for one in items] == [
        ("Chair 3", True, False),
        (None, False, True),
    ]
    assert items[0]["last_used_at"] == items[0]["begun_at"] == "2026-03-07T12:01:00Z"
    at_chair.post("/v1/sign-in/lock")
    locked = people.nurse.get("/v1/account/sign-ins").json()["items"][0]
    assert (locked["last_used_at"], locked["pin"]) == (None, True), "locked is not over: a PIN opens it"
    assert people.nurse.post(f"/v1/account/sign-ins/{items[0]['id']}/end").status_code == 204
    assert [one["here"] for one in people.nurse.get("/v1/account/sign-ins").json()["items"]] == [True]
    pin = {"tablet_id": tablet, "staff_id": str(people.nurse.id), "pin": "4927", "device": DEVICE}
    assert client.post("/v1/sign-in/pin", json=pin).status_code == 401
    again = people.nurse.post(f"/v1/account/sign-ins/{items[0]['id']}/end")
    assert (again.status_code, again.json()["code"]) == (404, "no-such-sign-in")


def test_a_lead_sees_who_is_signed_in_where_and_ends_all_that_is_one_persons(
    client: TestClient, people: People
) -> None:
    tablet = str(uuid4())
    people.lead.put(f"/v1/tablets/{tablet}", known(tablet).enrolment("Chair 3"))
    at_chair = another(client, people.nurse, **{"X-Tablet-Id": tablet})
    at_chair.put(f"/v1/tablets/{tablet}/pin", {"pin": "4927", "device": DEVICE})
    seen = people.lead.get("/v1/sign-ins")
    assert people.nurse.token not in seen.text
    by_id = {one["staff_id"]: one for one in seen.json()["items"]}
    nurse = by_id[str(people.nurse.id)]
    assert (nurse["name"], nurse["role"]) == (people.nurse.staff.name, "nurse")
    assert {(one["tablet_name"], one["pin"], one["here"]) for one in nurse["sign_ins"]} == {
        ("Chair 3", True, False),
        (None, False, False),
    }
    assert [one["here"] for one in by_id[str(people.lead.id)]["sign_ins"]] == [True]

    ends = f"/v1/staff/{people.nurse.id}/sign-ins/end"
    assert people.lead.post(ends).status_code == 204
    assert [each.get("/v1/account").status_code for each in (at_chair, people.nurse)] == [401, 401]
    pin = {"tablet_id": tablet, "staff_id": str(people.nurse.id), "pin": "4927", "device": DEVICE}
    assert client.post("/v1/sign-in/pin", json=pin).status_code == 401
    assert str(people.nurse.id) not in people.lead.get("/v1/sign-ins").text
    assert people.clinician.get("/v1/account").status_code == 200, "nobody else's"
    # the account is as it was: its owner comes in again
    assert sign_in(client, people.nurse.staff.username).status_code == 200
    assert "sign-ins.ended" in actions(people, actor_id=str(people.lead.id))
    assert people.lead.post(f"/v1/staff/{uuid4()}/sign-ins/end").json()["code"] == "no-such-staff"


def test_those_that_time_has_ended_are_not_shown(client: TestClient, people: People, clock: SetClock) -> None:
    clock.pass_by(minutes=31)
    fresh = another(client, people.nurse)
    assert [one["here"] for one in fresh.get("/v1/account/sign-ins").json()["items"]] == [True]


def test_anothers_sign_in_answers_as_an_unknown_one(people: People) -> None:
    theirs = people.clinician.get("/v1/account/sign-ins").json()["items"][0]["id"]
    answers = [people.nurse.post(f"/v1/account/sign-ins/{one}/end") for one in (theirs, uuid4())]
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}
    assert people.clinician.get("/v1/account").status_code == 200


def test_ending_the_one_that_asks_is_signing_out(people: People) -> None:
    (own,) = people.nurse.get("/v1/account/sign-ins").json()["items"]
    assert people.nurse.post(f"/v1/account/sign-ins/{own['id']}/end").status_code == 204
    assert people.nurse.get("/v1/account").status_code == 401
