"""The clinic's settings: as they are until a lead settles them, a revision for each change, and its bounds."""

import pytest

from tests.api.conftest import People

PATH = "/v1/clinic/settings"
USUAL = {"loudest": "loud", "quietest": "off", "vibration": True, "escalate_seconds": 60}


def test_until_a_lead_settles_them_they_are_the_usual_ones(people: People):
    answer = people.nurse.get(PATH)
    assert answer.status_code == 200
    assert "etag" not in answer.headers
    nobody = {"revision": 0, "recorded_at": None, "recorded_by": None, "tablet_id": None, "reason": None}
    assert answer.json() == USUAL | nobody


def test_each_change_is_a_revision_made_from_the_last_one(people: People):
    first = people.lead.put(PATH, USUAL | {"quietest": "quiet"})
    assert (first.status_code, first.headers["etag"]) == (201, '"1"')
    assert first.json()["recorded_by"]["name"] == people.lead.staff.name
    again = people.lead.put(PATH, USUAL | {"quietest": "quiet"})
    assert (again.status_code, again.headers["etag"]) == (200, '"1"')
    other = USUAL | {"vibration": False}
    assert people.lead.put(PATH, other).status_code == 428
    assert people.lead.put(PATH, other, If_Match='"7"').status_code == 412
    assert people.lead.put(PATH, other, If_Match='"1"').headers["etag"] == '"2"'
    assert people.nurse.get(PATH).json().items() >= (other | {"revision": 2}).items()
    settled = [
        event for event in people.auditor.get("/v1/audit").json()["items"] if event["action"] == "clinic.settled"
    ]
    assert [(event["before"], event["after"]) for event in settled] == [
        (USUAL | {"quietest": "quiet"}, other),
        (None, USUAL | {"quietest": "quiet"}),
    ]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"loudest": "off", "quietest": "quiet"}, "quietest", "bad-clinic-settings"),
        ({"escalate_seconds": 14}, "escalate_seconds", "malformed"),
        ({"escalate_seconds": 601}, "escalate_seconds", "malformed"),
        ({"loudest": "deafening"}, "loudest", "malformed"),
        ({"vibration": "yes"}, "vibration", "malformed"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(people: People, change: dict[str, object], field: str, code: str):
    refused = people.lead.put(PATH, USUAL | change)
    assert refused.status_code == 422
    assert (refused.json()["code"], refused.json()["errors"][0]["field"]) == (code, field)


def test_one_clinic_settles_nothing_for_another(people: People, others: People):
    people.lead.put(PATH, USUAL | {"loudest": "quiet"})
    assert others.nurse.get(PATH).json()["revision"] == 0
