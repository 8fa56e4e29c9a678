"""The whole board at once: an ETag that only changes with it, and 304 to whoever knows it."""

from typing import Any

import pytest

from tests.api.clinic import Clinic, Person, another_clinic, clinic_on
from tests.api.session_story.test_costs import statements
from tests.conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


def read(person: Person, tag: str | None = None, expect: int = 200) -> Any:
    return person.ask("GET", "/v1/board", headers={"If-None-Match": tag} if tag else {}, expect=expect)


def lines(answer: Any) -> dict[str, Any]:
    return {item["id"]: item for item in answer.json()["items"]}


def reads_on_record(clinic: Clinic, person: Person) -> int:
    items = clinic.auditor.get(f"/v1/audit?actor_id={person.id}&limit=200")["items"]
    return sum(event["action"] == "board.read" for event in items)


def test_an_unchanged_board_is_304_and_asks_for_no_line(clinic: Clinic):
    session_id = clinic.ready()
    answer = read(clinic.nurse)
    tag = answer.headers["etag"]
    assert lines(answer)[session_id]["status"] == "met"
    before = reads_on_record(clinic, clinic.nurse)
    with statements() as asked:
        for known in (tag, f"W/{tag}", f'"another", {tag}'):
            unchanged = read(clinic.nurse, known, expect=304)
            assert (unchanged.content, unchanged.headers["etag"]) == (b"", tag)
    assert not [each for each in asked if "patients" in each], "nobody looks into the record"
    assert reads_on_record(clinic, clinic.nurse) == before, "nothing was shown"
    read(clinic.nurse, '"another"')
    assert reads_on_record(clinic, clinic.nurse) == before + 1


def test_what_this_service_keeps_is_in_the_very_next_answer(clinic: Clinic):
    session_id = clinic.ready()
    answer = read(clinic.nurse)
    for systolic in (186, 124, 122):
        clinic.to(103)
        tag, version = answer.headers["etag"], answer.json()["version"]
        clinic.reading(session_id, 103, systolic=systolic)
        answer = read(clinic.nurse, tag)
        assert answer.json()["version"] > version
        assert lines(answer)[session_id]["last_set"]["systolic"] in {186, 124, 122}
        board = {item["id"]: item for item in clinic.nurse.get("/v1/sessions?limit=200")["items"]}
        assert lines(answer) == board


def test_no_answer_says_met_past_the_lapse(clinic: Clinic):
    session_id = clinic.ready()
    answer = read(clinic.nurse)
    lapses_at = lines(answer)[session_id]["lapses_at"]
    assert lapses_at is not None
    clinic.to(122)
    now = lines(read(clinic.nurse, answer.headers["etag"]))
    assert now[session_id]["status"] != "met"


def test_each_clinic_has_its_own(clinic: Clinic):
    stranger = another_clinic(clinic.service)
    session_id = clinic.ready()
    tag = read(clinic.nurse).headers["etag"]
    theirs = read(stranger.nurse, tag)
    assert session_id not in lines(theirs)
    assert lines(theirs) == {}


def test_a_tag_says_nothing_to_anybody_else(clinic: Clinic):
    """Of another clinic's board, of as many changes, and of what a colleague was shown: that is on record as theirs."""
    north, south = another_clinic(clinic.service), another_clinic(clinic.service)
    tag = read(north.nurse).headers["etag"]
    for where, other in ((south, south.nurse), (north, north.clinician)):
        assert read(other, tag).headers["etag"] != tag
        assert reads_on_record(where, other) == 1
    read(north.nurse, tag, expect=304)
