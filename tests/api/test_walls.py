"""A wall board: made by a lead, read by its link alone, without a name, and ended at once."""

from typing import Any
from uuid import uuid4

import pytest

from app.domain.walls import PLAIN
from app.services import walls
from tests.api import bodies
from tests.api.clinic import Clinic, clinic_on
from tests.conftest import ENGINES

WALL = "/v1/walls/{}"


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    """A clinic with one chair whose flag is up, and one with a severe concern."""
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as made:
        made.ready()
        made.to(103)
        yield made


def look(clinic: Clinic, token: str, status: int = 200) -> Any:
    answer = clinic.service.send("GET", "/v1/wall", None, token=token)
    assert answer.status_code == status, answer.text
    return answer.json()


def made(clinic: Clinic, **other: Any) -> tuple[str, str]:
    path = WALL.format(uuid4())
    return path, clinic.lead.put(path, {"name": "Corridor", **other})["token"]


def audited(clinic: Clinic, action: str) -> int:
    return sum(event["action"] == action for event in clinic.lead.get("/v1/audit")["items"])


def test_it_shows_chairs_and_nothing_of_whose_they_are(clinic: Clinic):
    _, token = made(clinic)
    answer = clinic.service.send("GET", "/v1/wall", None, token=token)
    board = answer.json()
    assert (board["clinic"], board["name"], board["pace"]) == (clinic.name, "Corridor", board["pace"])
    [line] = board["items"]
    assert set(line) == {*PLAIN, "initials", "concern", "failed"}
    assert (line["status"], line["concern"], line["initials"], line["failed"]) == ("met", "no", None, False)
    whole = clinic.nurse.get("/v1/board")["items"][0]
    assert {name: line[name] for name in PLAIN} == {name: whole[name] for name in PLAIN}
    for told in (*whole["patient"].values(), whole["digest"]):
        if isinstance(told, str):
            assert told not in answer.text


def test_initials_are_shown_where_the_lead_says_so(clinic: Clinic):
    path, token = made(clinic)
    assert look(clinic, token)["items"][0]["initials"] is None
    clinic.lead.put(path, {"name": "Corridor", "initials": True}, expect=200, if_match='"1"')
    patient = clinic.nurse.get("/v1/board")["items"][0]["patient"]
    assert look(clinic, token)["items"][0]["initials"] == patient["given_name"][0] + patient["family_name"][0]


def test_the_token_is_told_once_and_ends_at_once_for_ever(clinic: Clinic):
    path, token = made(clinic)
    again = clinic.lead.put(path, {"name": "Corridor"}, expect=200)
    assert again["token"] is None
    [listed] = [item for item in clinic.lead.get("/v1/walls")["items"] if item["id"] == again["id"]]
    assert (listed["name"], listed["in_use"], listed["token"]) == ("Corridor", True, None)
    ended = {"name": "Corridor", "in_use": False}
    clinic.lead.put(path, ended, expect=200, if_match='"1"')
    assert look(clinic, token, 401)["code"] == "not-signed-in"
    refused = clinic.lead.problem("PUT", path, ended | {"in_use": True}, status=409, headers={"If-Match": '"2"'})
    assert refused["code"] == "wall-link-ended"


def test_its_looks_are_on_record_and_fill_no_audit(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    path, token = made(clinic)
    before = audited(clinic, "wall.read")
    for _ in range(5):
        look(clinic, token)
    assert audited(clinic, "wall.read") == before + 1
    monkeypatch.setattr(walls, "NOTED_SECONDS", -1.0)
    look(clinic, token)
    assert audited(clinic, "wall.read") == before + 2
    monkeypatch.undo()
    clinic.lead.put(path, {"name": "Corridor", "in_use": False}, expect=200, if_match='"1"')
    refused = audited(clinic, "wall.refused")
    for _ in range(3):
        look(clinic, token, 401)
    assert audited(clinic, "wall.refused") == refused + 1


def test_a_severe_concern_is_told_without_its_value(clinic: Clinic):
    _, token = made(clinic)
    session_id = clinic.treated()
    severe = {"systolic": 205, "diastolic": 118, "confirmed_unlikely": ["systolic", "diastolic"]}
    clinic.nurse.put(f"/v1/sessions/{session_id}/readings/{uuid4()}", bodies.reading(41, **severe))
    [line] = [line for line in look(clinic, token)["items"] if line["id"] == session_id]
    assert line["concern"] == "severe"
    assert "205" not in str(line)
