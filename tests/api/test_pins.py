"""Quick back in: a PIN on an enrolled tablet, for one shift, five tries, and nothing that tells a stranger anything."""

import asyncio
import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.db.work import EVERY_CLINIC
from tests.api.conftest import People, Person, SetClock
from tests.factories import PASSWORD
from tests.tablets_made import by_tablet, known

PIN = "4927"
DEVICE = base64.b64encode(bytes(range(32))).decode()
OTHER_DEVICE = base64.b64encode(bytes(32)).decode()


def audited(people: People, **filters: str) -> list[tuple[str, str]]:
    query = "&".join(f"{key}={value}" for key, value in filters.items())
    return [(event["action"], event["subject"]) for event in people.auditor.get(f"/v1/audit?{query}").json()["items"]]


@pytest.fixture
def tablet(people: People) -> str:
    tablet_id = str(uuid4())
    assert people.lead.put(f"/v1/tablets/{tablet_id}", known(tablet_id).enrolment("Chair 3")).status_code == 201
    return tablet_id


@pytest.fixture
def held(people: People, tablet: str) -> dict[str, str]:
    """What a tablet on which the nurse has set a PIN would send."""
    answer = people.nurse.put(f"/v1/tablets/{tablet}/pin", {"pin": PIN, "device": DEVICE})
    assert answer.status_code == 200
    return {"tablet_id": tablet, "staff_id": str(people.nurse.id), "pin": PIN, "device": DEVICE}


def unlock(client: TestClient, held: dict[str, str], **other: str):
    return client.post("/v1/sign-in/pin", json=held | other, auth=by_tablet)


def signed_in(person: Person, token: str) -> Person:
    return Person(person.client, person.clinic, person.id, person.staff, token)


def kept_pins(client: TestClient) -> list:
    from sqlalchemy import select

    from app.db.tables import pins

    return client.app.state.frame.database.read_now(lambda work: work.all(select(pins)), EVERY_CLINIC, SetClock().now())


def test_a_pin_signs_in_until_the_end_of_the_shift(client: TestClient, people: People, held: dict, clock: SetClock):
    clock.pass_by(hours=1)
    answer = unlock(client, held)
    assert answer.status_code == 200
    found = answer.json()
    assert set(found) == {"access_token", "expires_at", "author_ticket", "password_must_change", "staff", "clinic"}
    assert found["staff"]["id"] == str(people.nurse.id)
    assert found["expires_at"] == "2026-03-08T00:00:00Z", "no later than the shift"
    assert signed_in(people.nurse, found["access_token"]).get("/v1/protocols").status_code == 200
    clock.pass_by(hours=10, minutes=59, seconds=59)
    assert unlock(client, held).status_code == 200
    clock.pass_by(seconds=1)
    assert unlock(client, held).status_code == 401


def test_it_outlasts_the_idle_limit_of_the_sign_in_it_was_set_in(client, people: People, held: dict, clock: SetClock):
    clock.pass_by(minutes=31)
    assert people.nurse.get("/v1/protocols").status_code == 401
    assert unlock(client, held).status_code == 200


def test_only_hashes_are_kept(real_costs, client: TestClient, held: dict):
    (row,) = kept_pins(client)
    assert row.pin_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert row.device_hash == hashlib.sha256(DEVICE.encode()).hexdigest()


def test_five_wrong_tries_in_a_shift_forget_it(client: TestClient, people: People, held: dict):
    for _ in range(4):
        assert unlock(client, held, pin="8350").status_code == 401
        assert unlock(client, held).status_code == 200, "a right one costs no try, and wins none back"
    assert unlock(client, held, pin="8350").status_code == 401
    assert unlock(client, held).status_code == 401
    assert kept_pins(client) == []
    actions = audited(people, actor_id=str(people.nurse.id))
    assert actions.count(("sign-in.failed", "pin")) == 5
    assert actions.count(("pin.forgotten", "tablet")) == 1
    assert client.post("/v1/sign-in", json={"username": "nurse@lakeside", "password": PASSWORD}).status_code == 200


def test_the_shift_counts_them_on_every_tablet_and_over_a_new_pin(client, people: People, held: dict, tablet: str):
    other = str(uuid4())
    assert people.lead.put(f"/v1/tablets/{other}", known(other).enrolment("Chair 4")).status_code == 201
    assert people.nurse.put(f"/v1/tablets/{other}/pin", {"pin": "5831", "device": OTHER_DEVICE}).status_code == 200
    for _ in range(3):
        assert unlock(client, held, pin="8350").status_code == 401
    assert unlock(client, held, tablet_id=other, device=OTHER_DEVICE, pin="8350").status_code == 401
    assert people.nurse.put(f"/v1/tablets/{tablet}/pin", {"pin": "6942", "device": DEVICE}).status_code == 200
    assert unlock(client, held, pin="8350").status_code == 401
    assert kept_pins(client) == []
    refused = people.nurse.put(f"/v1/tablets/{tablet}/pin", {"pin": PIN, "device": DEVICE})
    assert (refused.status_code, refused.json()["code"]) == (403, "password-sign-in-needed")
    # the full sign-in begins another shift
    token = client.post("/v1/sign-in", json={"username": "nurse@lakeside", "password": PASSWORD}).json()["access_token"]
    anew = signed_in(people.nurse, token)
    assert anew.put(f"/v1/tablets/{tablet}/pin", {"pin": PIN, "device": DEVICE}).status_code == 200
    assert unlock(client, held).status_code == 200


def test_what_is_unknown_answers_as_what_is_wrong_and_costs_no_try(client: TestClient, people: People, held: dict):
    wrong = unlock(client, held, pin="8350")
    for other in (
        {"device": OTHER_DEVICE},
        {"tablet_id": str(uuid4())},
        {"staff_id": str(uuid4())},
        {"staff_id": str(people.clinician.id)},
    ):
        for _ in range(6):
            answer = unlock(client, held, **other)
            assert (answer.status_code, answer.content, dict(answer.headers)) == (
                401,
                wrong.content,
                dict(wrong.headers),
            )
    assert wrong.json()["code"] == "wrong-pin"
    assert unlock(client, held).status_code == 200


def test_signing_out_ends_the_shift_and_forgets_it(client: TestClient, people: People, held: dict):
    by_pin = signed_in(people.nurse, unlock(client, held).json()["access_token"])
    another = signed_in(people.nurse, unlock(client, held).json()["access_token"])
    assert by_pin.post("/v1/sign-out").status_code == 204
    assert unlock(client, held).status_code == 401
    for person in (by_pin, another, people.nurse):
        assert person.get("/v1/protocols").status_code == 401
    assert kept_pins(client) == []


def test_locking_ends_the_sign_in_alone(client: TestClient, people: People, held: dict):
    by_pin = signed_in(people.nurse, unlock(client, held).json()["access_token"])
    for person in (people.nurse, by_pin):
        assert person.post("/v1/sign-in/lock").status_code == 204
        assert person.get("/v1/protocols").status_code == 401
        assert person.post("/v1/sign-in/lock").status_code == 401
    # the shift goes on: the PIN opens the tablet, and ends with signing out
    again = signed_in(people.nurse, unlock(client, held).json()["access_token"])
    assert again.get("/v1/protocols").status_code == 200
    assert again.post("/v1/sign-out").status_code == 204
    assert unlock(client, held).status_code == 401


def test_signing_out_elsewhere_leaves_it_alone(client: TestClient, people: People, held: dict):
    answer = client.post("/v1/sign-in", json={"username": "nurse@lakeside", "password": PASSWORD}).json()
    assert signed_in(people.nurse, answer["access_token"]).post("/v1/sign-out").status_code == 204
    assert unlock(client, held).status_code == 200


@pytest.mark.parametrize("change", [{"active": False}, {"role": "clinician"}, {"password": "another pass phrase here"}])
def test_an_account_that_changes_loses_it(client: TestClient, people: People, held: dict, change: dict):
    account = {"username": "nurse@lakeside", "name": "Nurse of lakeside", "role": "nurse"} | change
    assert people.lead.put(f"/v1/staff/{people.nurse.id}", account, If_Match='"1"').status_code == 200
    assert unlock(client, held).status_code == 401
    assert kept_pins(client) == []


def test_it_is_set_in_a_sign_in_by_password_alone(client: TestClient, people: People, held: dict, tablet: str):
    by_pin = signed_in(people.nurse, unlock(client, held).json()["access_token"])
    refused = by_pin.put(f"/v1/tablets/{tablet}/pin", {"pin": "5831", "device": DEVICE})
    assert (refused.status_code, refused.json()["code"]) == (403, "password-sign-in-needed")
    assert unlock(client, held).status_code == 200


def test_setting_it_anew_replaces_it(client: TestClient, people: People, held: dict, tablet: str):
    assert people.nurse.put(f"/v1/tablets/{tablet}/pin", {"pin": "5831", "device": OTHER_DEVICE}).status_code == 200
    assert unlock(client, held).status_code == 401
    assert unlock(client, held, pin="5831", device=OTHER_DEVICE).status_code == 200
    assert len(kept_pins(client)) == 1


def test_several_people_share_a_tablet(client: TestClient, people: People, held: dict, tablet: str):
    assert people.clinician.put(f"/v1/tablets/{tablet}/pin", {"pin": "70215", "device": DEVICE}).status_code == 200
    found = unlock(client, held, staff_id=str(people.clinician.id), pin="70215").json()
    assert found["staff"]["role"] == "clinician"
    assert unlock(client, held).json()["staff"]["role"] == "nurse"


def test_a_tablet_nobody_enrolled_takes_none(people: People, others: People, tablet: str):
    for person, tablet_id in ((people.nurse, uuid4()), (others.nurse, tablet)):
        refused = person.put(f"/v1/tablets/{tablet_id}/pin", {"pin": PIN, "device": DEVICE})
        assert (refused.status_code, refused.json()["code"]) == (404, "no-such-tablet")


@pytest.mark.parametrize(
    "pin",
    [
        "",
        "123",
        "123456789",
        "12a4",
        "\u0661\u0662\u0667\u0664",
        "1234",
        "98765432",
        "8901",
        "3210",
        "5555",
        "1212",
        "7447",
        "273273",
    ],
)
def test_a_weak_pin_is_refused(people: People, tablet: str, pin: str):
    refused = people.nurse.put(f"/v1/tablets/{tablet}/pin", {"pin": pin, "device": DEVICE})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["pin"]


@pytest.mark.parametrize("device", ["", "x", DEVICE[:-1], DEVICE + "=", DEVICE.replace("A", "!"), DEVICE + "\n"])
def test_a_device_secret_is_32_bytes(people: People, tablet: str, device: str):
    refused = people.nurse.put(f"/v1/tablets/{tablet}/pin", {"pin": PIN, "device": device})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["device"]


def test_both_ends_are_on_record(people: People, client: TestClient, held: dict):
    unlock(client, held)
    actions = audited(people, actor_id=str(people.nurse.id))
    assert ("pin.set", "tablet") in actions
    assert actions.count(("sign-in.begun", "sign-in")) == 2


def test_many_guesses_at_once_get_five_between_them(client: TestClient, held: dict, monkeypatch):
    """A try is counted before it is looked at, so guesses that overlap win nothing."""
    compared = []

    async def compare(stored, password, **_):
        compared.append(stored)
        await asyncio.sleep(0.2)  # all are under way before the first is found wrong
        return False

    monkeypatch.setattr(client.app.state.frame.passwords, "matches", compare)  # type: ignore[attr-defined]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda pin: unlock(client, held, pin=str(pin)).status_code, range(8310, 8322)))
    # one that was overtaken by a later one of the same tablet is not looked at
    assert set(answers) <= {401, 409}
    assert len(compared) == answers.count(401) > 0
    assert sum(stored is not None for stored in compared) == min(5, len(compared))
    assert len(compared) < 5 or kept_pins(client) == []
