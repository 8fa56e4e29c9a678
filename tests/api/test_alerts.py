"""Who is called while nobody looks, over HTTP: no address inside is knocked at, and what is no key is refused."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.asking import HEARS
from tests.api.conftest import People


def test_a_tablet_is_called_from_when_its_person_says_so_until_they_say_no_more(people: People, others: People):
    path = f"/v1/tablets/{uuid4()}/push"
    before = people.nurse.get(path).json()
    assert before["called"] is False
    assert people.nurse.put(path, HEARS).status_code == 204
    assert people.clinician.get(path).json() == {"key": before["key"], "called": True}
    # the installation is one sender; whom it calls is the clinic's own affair
    assert others.nurse.get(path).json() == before
    assert people.nurse.request("DELETE", path).status_code == 204
    assert people.nurse.get(path).json() == before


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"endpoint": "http://push.example/x"}, ["endpoint"]),
        ({"endpoint": "https://127.0.0.1/x"}, ["endpoint"]),
        ({"endpoint": "https://169.254.169.254/x"}, ["endpoint"]),
        ({"endpoint": "https://push.example:22/x"}, ["endpoint"]),
        ({"p256dh": "AA", "auth": "AA"}, ["p256dh", "auth"]),
    ],
)
def test_what_a_browser_does_not_give_is_refused_with_its_field(
    people: People, change: dict[str, Any], fields: list[str]
):
    refused = people.nurse.put(f"/v1/tablets/{uuid4()}/push", HEARS | change)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == fields


def test_nobody_sees_anything_in_a_session_that_is_not_there(people: People):
    said = {"session_id": str(uuid4()), "alerts": ["x"]}
    assert people.nurse.post("/v1/alerts/seen", said).json()["code"] == "no-such-session"
