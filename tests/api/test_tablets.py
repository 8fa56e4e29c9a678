"""Tablets over HTTP: the clinic's time, enrolment, the outbox's key."""

import base64
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from app.clock import ScaledClock
from app.demo.demo_database import prepare
from app.domain.tablets import CLOCK_LIMIT_MS
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import People, SetClock
from tests.factories import NOON
from tests.tablets_made import known

QUIET = {"unsent": 0, "open_sessions": [], "clock_offset_ms": 0}


def audited(people: People) -> list[tuple[str, str, str | None]]:
    items = reversed(people.auditor.get("/v1/audit").json()["items"])
    return [(event["action"], event["subject_id"], event["actor"]["id"]) for event in items]


# --- the clinic's time -----------------------------------------------------------------------------------------------


def test_the_clocks_are_there_before_anybody_signs_in(client: TestClient, clock: SetClock):
    clock.pass_by(minutes=1)
    clock._now += timedelta(days=2)
    answer = client.get("/v1/clock")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert UUID(said.pop("epoch"))
    clocks = {"now": "2026-03-09T12:01:00Z", "wall": "2026-03-07T12:01:00Z", "pace": 0}
    assert said == clocks | {"demo": False, "offer_from": None}


def test_a_demo_is_said_before_anybody_signs_in(settings: Settings):
    prepare(settings.database_url, NOON)
    with TestClient(create_app(settings)) as client:
        assert client.get("/v1/clock").json()["demo"] is True


def test_a_running_clock_says_its_pace(settings: Settings):
    with TestClient(create_app(settings, ScaledClock(60, NOON))) as client:
        assert client.get("/v1/clock").json()["pace"] == 60
    with TestClient(create_app(settings)) as client:
        assert client.get("/v1/clock").json()["pace"] == 1


@pytest.mark.parametrize(
    ("offset", "doubt"), [(0, False), (CLOCK_LIMIT_MS, False), (CLOCK_LIMIT_MS + 1, True), (-CLOCK_LIMIT_MS - 1, True)]
)
def test_a_heartbeat_brings_the_clocks_and_a_verdict(people: People, clock: SetClock, offset: int, doubt: bool):
    clock._now += timedelta(hours=5)
    answer = people.nurse.put(f"/v1/tablets/{uuid4()}/contact", QUIET | {"clock_offset_ms": offset})
    said = answer.json()
    assert UUID(said.pop("epoch"))
    assert said == {
        "offer_from": None,
        "now": "2026-03-07T17:00:00Z",
        "wall": "2026-03-07T12:00:00Z",
        "pace": 0,
        "clock_in_doubt": doubt,
        "name": None,
        "renew_key": False,
        "sessions": [],
    }


def test_a_heartbeat_never_extends_a_sign_in(people: People, clock: SetClock):
    for _ in range(3):
        clock.pass_by(minutes=9)
        assert people.nurse.put(f"/v1/tablets/{uuid4()}/contact", QUIET).status_code == 200
    clock.pass_by(minutes=3)
    assert people.nurse.put(f"/v1/tablets/{uuid4()}/contact", QUIET).status_code == 401


# --- enrolment -------------------------------------------------------------------------------------------------------


def test_a_lead_enrols_a_tablet_and_renames_it(people: People):
    path = f"/v1/tablets/{uuid4()}"
    tablet = known(path)
    made = people.lead.put(path, tablet.enrolment("Chair 3"))
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert (made.json()["name"], made.json()["public_key"]) == ("Chair 3", tablet.public_key)
    assert made.json()["recorded_by"]["staff_id"] == str(people.lead.id)
    assert people.lead.put(path, {"name": "Chair 3"}).status_code == 200
    assert people.lead.put(path, {"name": "Chair 4"}).status_code == 428
    assert people.lead.put(path, {"name": "Chair 4"}, If_Match='"2"').status_code == 412
    assert people.lead.put(path, {"name": "Chair 4"}, If_Match='"1"').headers["etag"] == '"2"'
    history = people.lead.get(f"{path}/history").json()["items"]
    assert [(kept["revision"], kept["name"]) for kept in history] == [(1, "Chair 3"), (2, "Chair 4")]
    assert people.nurse.put(f"{path}/contact", QUIET).json()["name"] == "Chair 4"
    assert [action for action, _, _ in audited(people) if action.startswith("tablet.")] == [
        "tablet.enrolled",
        "tablet.revised",
        "tablet.read",
    ]


@pytest.mark.parametrize("name", ["", " ", "x" * 500, "a\nb", "a\u202eb", 3, None])
def test_a_name_is_one_line_of_text(people: People, name):
    refused = people.lead.put(f"/v1/tablets/{uuid4()}", {"name": name})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["name"]


def test_the_list_shows_what_each_last_said(people: People, others: People, clock: SetClock):
    first, second, heard = sorted(str(uuid4()) for _ in range(3))
    enrolment = known(first).enrolment("B")
    people.lead.put(f"/v1/tablets/{first}", enrolment)
    people.lead.put(f"/v1/tablets/{second}", {"name": "A"})
    others.lead.put(f"/v1/tablets/{uuid4()}", {"name": "Elsewhere"})
    others.nurse.put(f"/v1/tablets/{uuid4()}/contact", QUIET)
    clock.pass_by(minutes=1)
    for tablet in (first, heard):
        people.nurse.put(f"/v1/tablets/{tablet}/contact", QUIET | {"unsent": 2, "clock_offset_ms": 90_000})
    answer = people.lead.get("/v1/tablets")
    assert answer.json()["next"] is None
    used = {"in_use": True, "public_key": None}
    said = used | {"heard_at": "2026-03-07T12:01:00Z", "unsent": 2, "open_sessions": [], "clock_in_doubt": True}
    silent = used | {"heard_at": None, "unsent": None, "open_sessions": [], "clock_in_doubt": False}
    assert answer.json()["items"] == [
        {"id": second, "revision": 1, "name": "A", **silent},
        {"id": first, "revision": 1, "name": "B", **said, "public_key": enrolment["public_key"]},
        {"id": heard, "revision": 0, "name": None, **said},
    ]


def test_nobody_but_a_lead_manages_tablets(people: People):
    path = f"/v1/tablets/{uuid4()}"
    for person in (people.nurse, people.clinician, people.auditor, people.operator):
        assert person.put(path, {"name": "Mine"}).status_code == 403
        assert person.get("/v1/tablets").status_code == 403
        assert person.get(f"{path}/history").status_code == 403


# --- the outbox's key ------------------------------------------------------------------------------------------------


def key_of(person, tablet) -> str:
    answer = person.post(f"/v1/tablets/{tablet}/key", {})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"key"}
    return answer.json()["key"]


def test_a_key_is_made_once_for_each_tablet_of_each_clinic(people: People, others: People):
    tablet = uuid4()
    first = key_of(people.nurse, tablet)
    assert len(base64.b64decode(first, validate=True)) == 32
    assert {key_of(person, tablet) for person in (people.nurse, people.clinician, people.lead)} == {first}
    assert len({first, key_of(people.nurse, uuid4()), key_of(others.nurse, tablet)}) == 3


def test_only_a_sign_in_that_may_see_patients_releases_it(client: TestClient, people: People):
    assert client.post(f"/v1/tablets/{uuid4()}/key", json={}).status_code == 401
    assert people.operator.post(f"/v1/tablets/{uuid4()}/key", {}).status_code == 403


def test_each_release_is_on_record_without_the_key(people: People):
    tablet = str(uuid4())
    key = key_of(people.nurse, tablet)
    key_of(people.clinician, tablet)
    found = [entry for entry in audited(people) if entry[1] == tablet]
    assert found == [
        ("tablet.key-made", tablet, str(people.nurse.id)),
        ("tablet.key-released", tablet, str(people.clinician.id)),
    ]
    assert key not in people.auditor.get("/v1/audit").text


def test_asking_for_it_never_extends_a_sign_in(people: People, clock: SetClock):
    for _ in range(3):
        clock.pass_by(minutes=9)
        key_of(people.nurse, uuid4())
    clock.pass_by(minutes=3)
    assert people.nurse.get("/v1/protocols").status_code == 401


def test_two_first_askers_at_once_get_the_same(people: People):
    from concurrent.futures import ThreadPoolExecutor

    tablet = uuid4()
    with ThreadPoolExecutor(6) as pool:
        keys = list(pool.map(lambda person: key_of(person, tablet), [people.nurse, people.clinician, people.lead] * 4))
    assert len(set(keys)) == 1


def test_a_tablet_taken_out_of_use_stays_shut(people: People, others: People, client: TestClient):
    tablet, device = str(uuid4()), base64.b64encode(bytes(32)).decode()
    path = f"/v1/tablets/{tablet}"
    people.lead.put(path, known(path).enrolment("Chair 3"))
    people.nurse.put(f"{path}/pin", {"pin": "4927", "device": device})
    first = key_of(people.nurse, tablet)
    lost = people.lead.put(path, {"name": "Chair 3", "in_use": False}, If_Match='"1"')
    assert (lost.status_code, lost.json()["in_use"]) == (200, False)
    held = {"tablet_id": tablet, "staff_id": str(people.nurse.id), "pin": "4927", "device": device}
    assert client.post("/v1/sign-in/pin", json=held).status_code == 401
    for refused in (
        people.nurse.post(f"{path}/key", {}),
        people.nurse.put(f"{path}/pin", {"pin": "4927", "device": device}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "tablet-not-in-use")
    assert [entry[0] for entry in audited(people)][-2:] == ["act.refused", "act.refused"]
    assert [line["in_use"] for line in people.lead.get("/v1/tablets").json()["items"]] == [False]
    key_of(others.nurse, tablet)
    people.lead.put(path, {"name": "Chair 3"}, If_Match='"2"')
    assert key_of(people.nurse, tablet) == first, "found again, nothing on it is lost"


# --- what is set aside -----------------------------------------------------------------------------------------------


def test_what_is_set_aside_is_in_the_audit_with_both_versions(people: People):
    tablet, session, item = (str(uuid4()) for _ in range(3))
    typed, refused = '{"systolic": 126, "note": "\\u200b"}', '{"status": 409, "code": "session-closed"}'
    body = {"item": item, "session_id": session, "about": "14:32 Probe: 126/81", "typed": typed, "refused": refused}
    path = f"/v1/tablets/{tablet}/not-entered"
    assert people.nurse.post(path, body).status_code == 422
    assert people.nurse.post(path, {**body, "reason": " "}).status_code == 422
    assert people.auditor.post(path, {**body, "reason": "typed twice"}).status_code == 403
    answer = people.nurse.post(path, {**body, "reason": "typed twice"})
    assert (answer.status_code, answer.content) == (204, b"")
    (kept,) = [each for each in people.auditor.get("/v1/audit").json()["items"] if each["subject_id"] == tablet]
    assert (kept["action"], kept["reason"], kept["session_id"]) == ("item.not-entered", "typed twice", session)
    assert kept["actor"]["id"] == str(people.nurse.id)
    assert kept["after"] == {"item": item, "about": body["about"], "typed": typed, "refused": refused}
