"""Signing in and out, expiry, lock-out, first run: nothing the page does by itself keeps anybody signed in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.db.tables import log_events
from app.db.work import EVERY_CLINIC, Work
from app.services import strangers
from app.services.lockout import TRIES
from app.services.strangers import FEW
from app.settings import Settings
from tests.api.conftest import People, SetClock, people_of
from tests.factories import PASSWORD
from tests.tablets_made import known

PATIENT = {"family_name": "Probe", "given_name": "Eva", "birth_date": "1984-03-11", "record_number": "R-1"}


def sign_in(client: TestClient, username: str, password: str = PASSWORD, **headers: str):
    return client.post("/v1/sign-in", json={"username": username, "password": password}, headers=headers)


def actions(people: People, **filters: str) -> list[str]:
    query = "&".join(f"{key}={value}" for key, value in filters.items())
    return [event["action"] for event in people.auditor.get(f"/v1/audit?{query}").json()["items"]]


def test_signing_in_gives_a_token_and_says_who_one_is(client: TestClient, people: People, clock: SetClock) -> None:
    answer = sign_in(client, "Nurse@LAKESIDE")
    assert answer.status_code == 200
    found = answer.json()
    assert set(found) == {"access_token", "expires_at", "author_ticket", "password_must_change", "staff", "clinic"}
    assert found["staff"] == {
        "id": str(people.nurse.id),
        "username": "nurse@lakeside",
        "name": "Nurse of lakeside",
        "role": "nurse",
        "clinic": "lakeside",
    }
    assert found["clinic"] == {"id": str(people.clinic.id), "name": "lakeside", "timezone": "UTC"}
    assert found["expires_at"] == "2026-03-08T00:00:00Z"
    headers = {"Authorization": f"Bearer {found['access_token']}"}
    assert client.get("/v1/protocols", headers=headers).status_code == 200


def test_a_token_is_new_each_time_and_kept_as_a_hash_alone(client: TestClient, people: People) -> None:
    tokens = {sign_in(client, "nurse@lakeside").json()["access_token"] for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) >= 43 for token in tokens)


def test_wrong_password_and_unknown_user_answer_alike(client: TestClient, people: People) -> None:
    wrong, unknown = sign_in(client, "nurse@lakeside", "not the pass phrase"), sign_in(client, "nobody", "x")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content
    assert wrong.headers["www-authenticate"] == "Bearer"
    assert wrong.json()["code"] == "wrong-credentials"
    assert "sign-in.failed" in actions(people, actor_id=str(people.nurse.id))


def test_guessing_stops_after_five_and_harms_nobody_else(client: TestClient, people: People, clock: SetClock) -> None:
    tablet = str(uuid4())
    assert sign_in(client, "nurse@lakeside", **{"X-Tablet-Id": tablet}).status_code == 200
    for _ in range(TRIES):
        assert sign_in(client, "nurse@lakeside", "a guess").status_code == 401
    stopped = sign_in(client, "nurse@lakeside", "a guess")
    assert stopped.status_code == 429
    assert int(stopped.headers["retry-after"]) == 900
    assert sign_in(client, "nurse@lakeside").status_code == 429
    assert sign_in(client, "nurse@lakeside", **{"X-Tablet-Id": tablet}).status_code == 200
    assert sign_in(client, "clinician@lakeside").status_code == 200
    clock.pass_by(minutes=15)
    assert sign_in(client, "nurse@lakeside").status_code == 200


def test_signing_out_ends_it_at_once(client: TestClient, people: People) -> None:
    assert people.nurse.post("/v1/sign-out").status_code == 204
    assert people.nurse.get("/v1/protocols").status_code == 401
    assert people.clinician.get("/v1/protocols").status_code == 200


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Basic bnVyc2U6eA==", "Bearer " + "a" * 43, "Bearer " + "ä" * 43]
)
def test_without_a_token_that_holds_nothing_opens(client: TestClient, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    answer = client.get("/v1/protocols", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not-signed-in"


def test_idle_for_half_an_hour_ends_it_and_reading_does_not_help(people: People, clock: SetClock) -> None:
    for _ in range(5):
        clock.pass_by(minutes=5)
        assert people.nurse.get("/v1/protocols").status_code == 200
        assert people.nurse.post("/v1/patients/search", {}).status_code == 200
    clock.pass_by(minutes=5)
    assert people.nurse.get("/v1/protocols").status_code == 401
    clock.pass_by(minutes=-10)
    assert people.nurse.get("/v1/protocols").status_code == 401, "once over, it stays over"


def test_what_a_person_does_extends_it_but_not_for_ever(people: People, clock: SetClock) -> None:
    began = clock.wall()
    while clock.wall() < began + timedelta(hours=11, minutes=40):
        clock.pass_by(minutes=25)
        assert people.nurse.put(f"/v1/patients/{uuid4()}", PATIENT).status_code == 201
    clock.pass_by(minutes=20)
    assert clock.wall() == began + timedelta(hours=12)
    assert people.nurse.put(f"/v1/patients/{uuid4()}", PATIENT).status_code == 401


def test_a_refused_write_does_not_extend_it(people: People, clock: SetClock) -> None:
    for _ in range(2):
        clock.pass_by(minutes=10)
        assert people.nurse.put(f"/v1/patients/{uuid4()}", {"family_name": ""}).status_code == 422
    clock.pass_by(minutes=10)
    assert people.nurse.get("/v1/protocols").status_code == 401


def test_the_end_by_time_is_audited_once(people: People, clock: SetClock) -> None:
    clock.pass_by(minutes=30)
    for _ in range(3):
        assert people.nurse.get("/v1/protocols").status_code == 401
    frame_time = clock.now()
    people.auditor.token = sign_in(people.auditor.client, "auditor@lakeside").json()["access_token"]
    assert frame_time == clock.now()
    assert actions(people, actor_id=str(people.nurse.id)).count("sign-in.expired") == 1


def test_the_clinics_clock_plays_no_part(people: People, clock: SetClock) -> None:
    clock._now += timedelta(days=3)
    assert people.nurse.get("/v1/protocols").status_code == 200


def test_whoever_is_made_inactive_is_out_at_once(client: TestClient, people: People) -> None:
    person = {"username": "nurse@lakeside", "name": "Nurse of lakeside", "role": "nurse", "active": False}
    assert people.lead.put(f"/v1/staff/{people.nurse.id}", person, If_Match='"1"').status_code == 200
    assert people.nurse.get("/v1/protocols").status_code == 401
    assert sign_in(client, "nurse@lakeside").status_code == 401


def test_another_role_counts_at_once_and_ends_the_sign_in(client: TestClient, people: People) -> None:
    person = {"username": "nurse@lakeside", "name": "Nurse of lakeside", "role": "auditor"}
    assert people.lead.put(f"/v1/staff/{people.nurse.id}", person, If_Match='"1"').status_code == 200
    assert people.nurse.get("/v1/protocols").status_code == 401
    assert sign_in(client, "nurse@lakeside").json()["staff"]["role"] == "auditor"


def test_a_new_password_ends_the_sign_ins_made_with_the_old(client: TestClient, people: People) -> None:
    person = {"username": "nurse@lakeside", "name": "Nurse of lakeside", "role": "nurse", "password": PASSWORD + "!"}
    path = f"/v1/staff/{people.nurse.id}"
    assert people.lead.put(path, person).status_code == 428
    assert people.lead.put(path, person, If_Match='"1"').status_code == 200
    assert people.lead.put(path, person).status_code == 200, "the same again is a repeat"
    assert people.nurse.get("/v1/protocols").status_code == 401
    assert sign_in(client, "nurse@lakeside").status_code == 401
    assert sign_in(client, "nurse@lakeside", PASSWORD + "!").status_code == 200


def test_a_denial_is_audited(people: People) -> None:
    answer = people.nurse.get("/v1/staff")
    assert answer.status_code == 403
    assert answer.json()["code"] == "role-may-not"
    assert "act.denied" in actions(people, actor_id=str(people.nurse.id))


# --- the first run ---------------------------------------------------------------------------------------------------

FIRST = {
    "clinic": "Lakeside",
    "timezone": "Europe/Vienna",
    "lead": {"username": "ada", "name": "Ada", "password": PASSWORD},
}


def test_the_first_run_makes_a_clinic_and_its_lead_once(client: TestClient) -> None:
    token = client.app.state.first_run_token  # type: ignore[attr-defined]
    assert client.post("/v1/first-run", json={"token": "x" * 43, **FIRST}).status_code == 403
    made = client.post("/v1/first-run", json={"token": token, **FIRST})
    assert made.status_code == 201
    assert made.json()["clinic"]["name"] == "Lakeside"
    assert made.json()["staff"]["role"] == "lead"
    again = client.post("/v1/first-run", json={"token": token, **FIRST})
    assert (again.status_code, again.json()["code"]) == (409, "already-set-up")
    assert sign_in(client, "ada").status_code == 200


def test_of_many_first_runs_at_once_one_succeeds(client: TestClient) -> None:
    token = client.app.state.first_run_token  # type: ignore[attr-defined]

    def attempt(number: int) -> int:
        lead = FIRST["lead"] | {"username": f"ada{number}"}
        return client.post(
            "/v1/first-run", json={"token": token, "clinic": f"Clinic {number}", "lead": lead}
        ).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(attempt, range(6)))
    assert statuses == [201, 409, 409, 409, 409, 409]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"clinic": " "}, "clinic"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"lead": FIRST["lead"] | {"password": "short"}}, "lead.password"),
        ({"lead": FIRST["lead"] | {"username": "a b"}}, "lead.username"),
    ],
)
def test_a_bad_first_run_names_the_field_and_the_token_stays_good(client: TestClient, change: dict, field: str) -> None:
    token = client.app.state.first_run_token  # type: ignore[attr-defined]
    refused = client.post("/v1/first-run", json={"token": token, **FIRST, **change})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert client.post("/v1/first-run", json={"token": token, **FIRST}).status_code == 201


@pytest.mark.parametrize("timezone", ["right/Europe/Vienna", "posix/Europe/Vienna", "europe/vienna", "Factory", ""])
def test_a_zone_that_a_browser_cannot_show_is_refused(client: TestClient, timezone: str) -> None:
    """Some of these are files of this machine's zones: a page could tell no time by them."""
    token = client.app.state.first_run_token  # type: ignore[attr-defined]
    refused = client.post("/v1/first-run", json={"token": token, **FIRST, "timezone": timezone})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["timezone"]


def test_it_is_known_whether_a_first_run_is_needed_and_nothing_else(client: TestClient) -> None:
    token = client.app.state.first_run_token  # type: ignore[attr-defined]
    before = client.get("/v1/first-run")
    assert before.status_code == 200
    assert before.json()["needed"] is True
    assert {"UTC", "Europe/Vienna", "America/New_York"} <= set(before.json()["timezones"])
    assert token not in before.text
    assert client.post("/v1/first-run", json={"token": token, **FIRST}).status_code == 201
    after = client.get("/v1/first-run")
    assert after.json() == {"needed": False, "timezones": []}


def test_a_clinic_made_at_the_console_ends_the_need_at_once(client: TestClient, password_hash: str) -> None:
    people_of(client, "lakeside", password_hash)
    assert client.get("/v1/first-run").json()["needed"] is False
    token = client.app.state.first_run_token  # type: ignore[attr-defined]
    late = client.post("/v1/first-run", json={"token": token, **FIRST})
    assert (late.status_code, late.json()["code"]) == (409, "already-set-up")


def test_the_lead_reads_a_protocol_in_words_before_approving_it(people: People) -> None:
    found = people.lead.get("/v1/protocols/iv-infusion-example/versions/1").json()
    told = {one["table"]: one for one in found["in_words"]}
    assert told["criteria.fresh"]["says"] == ["The newest complete set is less than 20 minutes old."]
    assert told["criteria.fresh"]["source"] == found["document"]["criteria"]["fresh"]["source"]


def test_a_service_with_a_clinic_has_no_token(settings: Settings, clock: SetClock, people: People) -> None:
    from app.main import create_app

    with TestClient(create_app(settings, clock)) as second:
        assert second.app.state.first_run_token is None  # type: ignore[attr-defined]
        assert second.post("/v1/first-run", json={"token": "x" * 43, **FIRST}).status_code == 409


def test_what_strangers_leave_in_the_audit_is_bounded(client: TestClient, people: People, clock: SetClock) -> None:
    """A signed-out token, unknown names and PINs: each once left a row for each try."""
    ended = people.nurse.token
    assert people.nurse.post("/v1/sign-out").status_code == 204
    clock.pass_by(seconds=1)
    tries = 40
    for number in range(tries):
        assert people.nurse.get("/v1/protocols").status_code == 401
        assert sign_in(client, f"nobody-{number}", "x").status_code == 401
        pin = {"tablet_id": str(uuid4()), "staff_id": str(uuid4()), "pin": "8317", "device": "A" * 43 + "="}
        assert client.post("/v1/sign-in/pin", json=pin).status_code == 401
    assert people.nurse.token == ended
    frame = client.app.state.frame  # type: ignore[attr-defined]

    def refused(work: Work) -> list[tuple[str, object]]:
        rows = work.all(select(log_events).where(log_events.c.wall_at == clock.wall()))
        return [(row.action, row.after) for row in rows]

    kept = [action for action, _ in frame.database.read_now(refused, EVERY_CLINIC, clock.now())]
    assert kept.count("sign-in.refused") == FEW
    assert kept.count("sign-in.failed") == FEW
    clock.pass_by(minutes=1)
    crowds = {crowd.action: crowd for crowd in frame.strangers.crowds(clock.wall())}
    assert crowds["sign-in.refused"].times == tries - FEW
    assert crowds["sign-in.failed"].times == 2 * tries - FEW
    for crowd in crowds.values():
        frame.database.write_now(strangers.record, crowd.actor, clock.now(), crowd)
    told = people.auditor.get(f"/v1/audit?actor_id={people.nurse.id}").json()["items"][0]
    assert (told["action"], told["after"]["times"]) == ("sign-in.refused", tries - FEW)


def test_a_tablet_out_of_use_reads_and_charts_no_more(client: TestClient, people: People) -> None:
    """Who is signed in on it is out at once, nobody signs in there, and no other sign-in speaks from it."""
    tablet, other = str(uuid4()), str(uuid4())
    named = {"X-Tablet-Id": tablet}
    assert people.lead.put(f"/v1/tablets/{tablet}", known(tablet).enrolment("Chair 1")).status_code == 201
    there = sign_in(client, "nurse@lakeside", **named).json()["access_token"]
    headers = {"Authorization": f"Bearer {there}"}
    assert client.get("/v1/protocols", headers={**headers, **named}).status_code == 200
    retired = people.lead.put(f"/v1/tablets/{tablet}", {"name": "Chair 1", "in_use": False}, If_Match='"1"')
    assert retired.status_code == 200
    for sent in (headers, {**headers, **named}, {**headers, "X-Tablet-Id": other}):
        assert client.get("/v1/protocols", headers=sent).status_code == 401
    for refused in (
        sign_in(client, "nurse@lakeside", **named),
        people.nurse.get("/v1/protocols", X_Tablet_Id=tablet),
        people.nurse.put(f"/v1/patients/{uuid4()}", PATIENT, X_Tablet_Id=tablet),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "tablet-not-in-use")
    assert people.nurse.get("/v1/protocols", X_Tablet_Id=other).status_code == 200
    assert sign_in(client, "nurse@lakeside").status_code == 200
    assert people.lead.put(f"/v1/tablets/{tablet}", {"name": "Chair 1"}, If_Match='"2"').status_code == 200
    assert sign_in(client, "nurse@lakeside", **named).status_code == 200


def test_the_same_put_again_and_again_keeps_nobody_signed_in(people: People, clock: SetClock) -> None:
    path = f"/v1/patients/{uuid4()}"
    assert people.nurse.put(path, PATIENT).status_code == 201
    for _ in range(2):
        clock.pass_by(minutes=14)
        assert people.nurse.put(path, PATIENT).status_code == 200
    clock.pass_by(minutes=2)
    assert people.nurse.put(path, PATIENT).status_code == 401
