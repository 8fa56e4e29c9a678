"""The feed over HTTP: from any place on, by ids alone, each clinic its own."""

import base64
import json
from uuid import uuid4

import pytest

from app.db import clinics
from app.db import feed as kept_feed
from app.db.tables import installation
from app.db.work import service_actor
from app.domain.webhooks import Webhook
from app.exchange.webhooks import new_secret
from app.jobs import feed
from app.services import webhooks
from tests.api.conftest import people_of

PATIENT = {"family_name": "Zebra", "given_name": "Quagga", "birth_date": "1984-03-11", "record_number": "R-1"}


@pytest.fixture
def number(client, clock):
    """Numbers what waits, as the service does by itself a moment later."""

    def now():
        frame = client.app.state.frame
        client.portal.call(feed.number_all, frame.database, clock)

    return now


def add_patient(people):
    patient_id = str(uuid4())
    body = PATIENT | {"record_number": f"R-{patient_id}"}
    assert people.nurse.put(f"/v1/patients/{patient_id}", body).status_code == 201
    return patient_id


def read(person, after=None, **query):
    said = "&".join(f"{name}={value}" for name, value in {"after": after, **query}.items() if value is not None)
    answer = person.get(f"/v1/feed?{said}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_whoever_replays_it_from_the_start_ends_with_everything_in_order(people, number):
    patients = [add_patient(people) for _ in range(5)]
    number()
    seen, after = [], None
    while items := (page := read(people.auditor, after, limit=2))["items"]:
        seen += items
        after = page["next"]
    assert [item["position"] for item in seen] == list(range(1, len(seen) + 1))
    assert [item["subject_id"] for item in seen if item["kind"] == "patient.added"] == patients
    assert read(people.auditor)["items"] == seen, "and again, for ever"
    assert read(people.auditor, after) == {"items": [], "next": after}, "up to date"
    late = add_patient(people)
    number()
    assert [item["subject_id"] for item in read(people.auditor, after)["items"]] == [late]


def test_it_holds_ids_and_nothing_of_the_patient(people, number):
    add_patient(people)
    number()
    page = read(people.lead)
    assert "Zebra" not in json.dumps(page)
    [item] = [item for item in page["items"] if item["kind"] == "patient.added"]
    assert set(item) == {
        "position", "id", "kind", "at", "session_id", "patient_id", "subject", "subject_id", "revision",
    }  # fmt: skip
    assert item["revision"] == 1


def test_another_clinic_is_not_in_it(people, others, number):
    mine, theirs = add_patient(people), add_patient(others)
    number()
    assert mine in json.dumps(read(people.clinician))
    assert theirs not in json.dumps(read(people.clinician))


@pytest.mark.parametrize("key", [["feed", str(uuid4())], ["other", str(uuid4()), "1"], ["feed", "x", "1"],
                                 ["feed", str(uuid4()), "-1"], ["feed", str(uuid4()), "1.5"]])  # fmt: skip
def test_a_place_that_nobody_was_given_is_refused(people, key):
    text = base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")
    answer = people.lead.get(f"/v1/feed?after={text}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_after_a_restore_nobody_goes_on_where_they_stood(people, number, client, clock):
    """Positions may then stand for other events: whoever goes on would skip them unseen."""
    add_patient(people)
    number()
    after = read(people.lead)["next"]
    database, who = client.app.state.frame.database, service_actor(people.clinic.id)
    before = database.read_now(clinics.installation, who, clock.now()).epoch
    epoch = lambda value: database.write_now(  # noqa: E731
        lambda work: work.change(installation.update(), {"epoch": value}), who, clock.now()
    )
    epoch(uuid4())
    answer = people.lead.get(f"/v1/feed?after={after}")
    epoch(before)
    assert (answer.status_code, answer.json()["code"]) == (409, "feed-begins-anew")
    assert read(people.lead, after)["items"] == []


def test_a_look_at_it_is_on_record(people, number):
    add_patient(people)
    number()
    read(people.auditor)
    page = people.auditor.get("/v1/audit?action=feed.read").json()
    assert page["items"][0]["actor"]["name"] == people.auditor.staff.name
    assert page["items"][0]["after"]["after"] == 0


def test_a_lead_sees_how_deliveries_stand_and_sends_again(people, others, number, client, clock):
    add_patient(people)
    number()
    database, who = client.app.state.frame.database, service_actor(people.clinic.id)
    secret = new_secret(bytes(32))
    webhook = Webhook(
        uuid4(),
        people.clinic.id,
        "https://192.0.2.1.example/",
        None,
        False,
        False,
        secret,
        None,
        None,
        None,
        clock.wall(),
    )

    def give_up(work):
        webhooks.add(work, webhook, from_start=True)
        while True:
            _, claimed = webhooks.take(work, webhook, clock.wall())
            if not claimed:
                return
            tried = [webhooks.Tried(webhooks.Claimed(one.item, 99, one.waiting_since), "500") for one in claimed]
            for one in tried:
                work.change(kept_deliveries(one), {"tries": 99})
            webhooks.settle(work, webhook, tried, clock.wall(), [0.0] * len(tried))

    database.write_now(give_up, who, clock.now())
    [shown] = people.lead.get("/v1/webhooks").json()["items"]
    assert secret not in json.dumps(shown)
    total = len(database.read_now(kept_feed.page, who, clock.now(), 0, 1000))
    assert (shown["id"], shown["waiting"], shown["dead"], shown["last_failure"]) == (str(webhook.id), 0, total, "500")
    path = f"/v1/webhooks/{webhook.id}/dead"
    first = people.lead.get(f"{path}?limit=1").json()
    assert [letter["position"] for letter in first["items"]] == [1]
    second = people.lead.get(f"{path}?limit=1&after={first['next']}").json()
    assert [letter["position"] for letter in second["items"]] == [2]
    assert people.lead.post(f"{path}/1/resend").status_code == 204
    assert people.lead.get("/v1/webhooks").json()["items"][0]["waiting"] == 1
    assert people.lead.post(f"{path}/1/resend").json()["code"] == "no-such-dead-letter"
    for stranger in (path, f"/v1/webhooks/{uuid4()}/dead"):
        answer = others.lead.get(stranger)
        assert (answer.status_code, answer.json()["code"]) == (404, "no-such-webhook")
    assert others.lead.get("/v1/webhooks").json() == {"items": [], "next": None}


def kept_deliveries(tried):
    from app.db.tables import webhook_deliveries

    return webhook_deliveries.update().where(webhook_deliveries.c.position == tried.claimed.item.position)


def test_the_service_numbers_by_itself(settings, password_hash):
    import time

    from starlette.testclient import TestClient

    from app.main import create_app

    with TestClient(create_app(settings)) as client:
        people = people_of(client, "bayside", password_hash)
        patient = add_patient(people)
        until = time.monotonic() + 20
        while patient not in json.dumps(read(people.lead)):
            assert time.monotonic() < until
            time.sleep(0.05)
