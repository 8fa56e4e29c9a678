"""An account is its owner's: whoever invites never learns its password, and a reset ends what hung on the old one."""

from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import People, Person, SetClock
from tests.api.test_sign_in import actions, sign_in
from tests.factories import PASSWORD

IDA = {"username": "ida", "name": "Ida Example", "role": "nurse"}
CHOSEN = "what ida alone has chosen"


def invite(people: People, staff_id: str | None = None) -> tuple[str, str]:
    """(id, token) of an account that was made with an invitation, or is invited anew."""
    if staff_id is not None:
        answer = people.lead.post(f"/v1/staff/{staff_id}/invitation")
        assert answer.status_code == 201
        return staff_id, answer.json()["token"]
    staff_id = str(uuid4())
    made = people.lead.put(f"/v1/staff/{staff_id}", IDA)
    assert made.status_code == 201
    return staff_id, made.json()["invitation"]["token"]


def open_(client: TestClient, token: str):
    return client.post("/v1/invitations/open", json={"token": token})


def accept(client: TestClient, token: str, password: str = CHOSEN):
    return client.post("/v1/invitations/accept", json={"token": token, "password": password})


def is_over(answer) -> bool:
    return (answer.status_code, answer.json()["code"]) == (404, "invitation-over")


def test_its_owner_sets_the_password_of_a_new_account(client: TestClient, people: People) -> None:
    staff_id = str(uuid4())
    made = people.lead.put(f"/v1/staff/{staff_id}", IDA).json()
    link = made["invitation"]["link"]
    token = made["invitation"]["token"]
    assert link == f"http://127.0.0.1:8000/#invitation={token}"
    assert made["invitation"]["expires_at"] == "2026-03-08T12:00:00Z"
    assert sign_in(client, "ida").status_code == 401, "an account without a password opens for none"
    found = open_(client, token).json()
    assert found["staff"] == {
        "id": staff_id,
        "username": "ida",
        "name": "Ida Example",
        "role": "nurse",
        "clinic": "lakeside",
    }
    assert accept(client, token).status_code == 204
    signed_in = sign_in(client, "ida", CHOSEN)
    assert (signed_in.status_code, signed_in.json()["password_must_change"]) == (200, False)
    done = [event["action"] for event in people.auditor.get(f"/v1/audit?actor_id={staff_id}").json()["items"]]
    assert "invitation.accepted" in done
    assert "staff.invited" in actions(people, actor_id=str(people.lead.id))


def test_it_is_good_once(client: TestClient, people: People) -> None:
    _, token = invite(people)
    assert accept(client, token).status_code == 204
    assert is_over(accept(client, token, "somebody else tries it")), "a second one changes nothing"
    assert is_over(open_(client, token))
    assert sign_in(client, "ida", CHOSEN).status_code == 200


def test_it_is_good_for_a_day(client: TestClient, people: People, clock: SetClock) -> None:
    _, token = invite(people)
    clock.pass_by(hours=24, seconds=-1)
    assert open_(client, token).status_code == 200
    clock.pass_by(seconds=1)
    assert is_over(open_(client, token))
    assert is_over(accept(client, token))


def test_a_newer_one_ends_it_and_so_does_a_password_or_being_disabled(client: TestClient, people: People) -> None:
    staff_id, first = invite(people)
    _, second = invite(people, staff_id)
    assert is_over(accept(client, first))
    path = f"/v1/staff/{staff_id}"
    people.lead.put(path, IDA | {"password": "given by the lead"}, If_Match='"1"')
    assert is_over(accept(client, second))
    _, third = invite(people, staff_id)
    people.lead.put(path, IDA | {"active": False}, If_Match='"2"')
    assert is_over(accept(client, third))
    assert people.lead.post(f"{path}/invitation").json()["code"] == "account-inactive"
    people.lead.put(path, IDA, If_Match='"3"')
    assert is_over(accept(client, third)), "being active again does not bring it back"


def test_a_repeat_of_the_account_shows_no_link_again(people: People) -> None:
    path = f"/v1/staff/{uuid4()}"
    assert people.lead.put(path, IDA).json()["invitation"] is not None
    again = people.lead.put(path, IDA)
    assert (again.status_code, again.json()["invitation"]) == (200, None)


@pytest.mark.parametrize("token", ["x", "x" * 43, "' OR 1=1 --"])
def test_a_made_up_one_opens_nothing_and_leaves_nothing(client: TestClient, people: People, token: str) -> None:
    before = people.auditor.get("/v1/audit?limit=1").json()["items"]
    for _ in range(3):
        assert is_over(open_(client, token))
        assert is_over(accept(client, token))
    after = people.auditor.get("/v1/audit?limit=1").json()["items"]
    assert [event["action"] for event in after] == ["audit.read"]
    assert before[0]["id"] != after[0]["id"]


def test_the_token_is_kept_as_a_hash_and_told_to_nobody_else(client: TestClient, people: People) -> None:
    from sqlalchemy import text

    from app.db.work import EVERY_CLINIC

    staff_id, token = invite(people)
    database = client.app.state.frame.database
    kept = database.read_now(
        lambda work: repr(work.all(text("SELECT * FROM credentials"))), EVERY_CLINIC, client.app.state.frame.clock.now()
    )
    texts = [kept, people.auditor.get("/v1/audit?limit=200").text, people.lead.get(f"/v1/staff/{staff_id}").text]
    assert staff_id in kept
    assert not [one for one in texts if token in one]


@pytest.mark.parametrize("password", ["short", "passwordpassword", "ida example ida", "lakeside lakeside"])
def test_a_weak_password_uses_nothing_up(client: TestClient, people: People, password: str) -> None:
    _, token = invite(people)
    refused = accept(client, token, password)
    assert (refused.status_code, refused.json()["code"]) == (422, "weak-password")
    assert refused.json()["errors"][0]["field"] == "password"
    assert accept(client, token).status_code == 204


def test_a_reset_ends_the_old_password_and_every_sign_in_at_once(client: TestClient, people: People) -> None:
    nurse = people.nurse
    assert nurse.get("/v1/account").status_code == 200
    _, token = invite(people, str(nurse.id))
    assert nurse.get("/v1/account").status_code == 401
    assert sign_in(client, "nurse@lakeside").status_code == 401, "the old password is over before the new one is set"
    assert accept(client, token).status_code == 204
    assert sign_in(client, "nurse@lakeside").status_code == 401
    assert sign_in(client, "nurse@lakeside", CHOSEN).status_code == 200
    assert nurse.get("/v1/account").status_code == 401


def test_nobody_invites_themselves_or_gives_themselves_a_password(people: People) -> None:
    me = {"username": people.lead.staff.username, "name": people.lead.staff.name, "role": "lead"}
    path = f"/v1/staff/{people.lead.id}"
    assert people.lead.post(f"{path}/invitation").json()["code"] == "own-invitation"
    own = people.lead.put(path, me | {"password": "a thief with a tablet chose this"}, If_Match='"1"')
    assert (own.status_code, own.json()["code"], own.json()["errors"][0]["field"]) == (422, "own-password", "password")


def test_a_lead_who_sets_a_clinicians_password_signs_nothing_with_it(client: TestClient, people: People) -> None:
    """What stood open: another's password, known to the lead, that lasts and signs."""
    one = people.clinician.staff
    account = {"username": one.username, "name": one.name, "role": "clinician", "password": "known to the lead"}
    people.lead.put(f"/v1/staff/{people.clinician.id}", account, If_Match='"1"')
    token = sign_in(client, one.username, "known to the lead").json()["access_token"]
    as_them = Person(client, people.clinic, people.clinician.id, one, token)
    path = "/v1/protocols/iv-infusion-example/versions/1/approve"
    refused = as_them.post(path, {"password": "known to the lead"}, If_Match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (403, "password-must-change")
    kept = as_them.post("/v1/account/password", {"password": "known to the lead", "new_password": "known to the lead"})
    assert kept.json()["code"] == "weak-password", "the given one is not taken as one's own"
    new = {"password": "known to the lead", "new_password": CHOSEN}
    assert as_them.post("/v1/account/password", new).status_code == 204
    assert as_them.post(path, {"password": CHOSEN}, If_Match='"1"').status_code == 200


def test_another_clinics_lead_invites_nobody_here(people: People, others: People) -> None:
    refused = others.lead.post(f"/v1/staff/{people.nurse.id}/invitation")
    unknown = others.lead.post(f"/v1/staff/{uuid4()}/invitation")
    assert (refused.status_code, refused.content) == (404, unknown.content)
    assert people.nurse.get("/v1/account").status_code == 200


def test_a_password_given_with_an_account_is_the_first_alone(client: TestClient, people: People) -> None:
    people.lead.put(f"/v1/staff/{uuid4()}", IDA | {"password": PASSWORD})
    assert sign_in(client, "ida").json()["password_must_change"] is True
