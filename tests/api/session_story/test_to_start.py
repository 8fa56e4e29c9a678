"""What is missing before the dose: the board's line, the session's look and the gate say the same."""

from uuid import uuid4

import pytest

from tests.api.bodies import at, event, header, screening
from tests.api.clinic import clinic_on
from tests.conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def fresh(request, tmp_path_factory, sqlite_template):
    """A clinic whose board nobody else fills."""
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


def missing(clinic, session_id):
    """As the board's line and the session's look say alike: codes, marked where a dose is refused without it."""
    status = clinic.nurse.get(f"/v1/sessions/{session_id}")["state"]
    listed = clinic.nurse.get(f"/v1/sessions?status={'planned' if status == 'planned' else 'active'}")["items"]
    line = next(item["to_start"] for item in listed if item["id"] == session_id)
    look = clinic.nurse.get(f"/v1/sessions/{session_id}")["to_start"]
    assert line == look
    if status != "planned":
        whole = clinic.nurse.get("/v1/board")["items"]
        assert next(item["to_start"] for item in whole if item["id"] == session_id) == look
    # RFC 3339 in UTC: the texts are in order of time
    return look and [f"{'!' * one['refuses']}{one['code']}" for one in look if one["after"] is None]


def refused(clinic, session_id, minutes=0):
    clinic.to(minutes)
    body = event(minutes, "infusion-started", {"dose_mg": 36})
    said = clinic.nurse.problem("PUT", f"/v1/sessions/{session_id}/events/{uuid4()}", body, status=409)
    assert said["code"] == "start-gate"
    return {each["message"] for each in said["errors"]}


def test_it_is_told_from_planning_to_the_dose_and_the_gate_agrees(fresh):
    session_id = fresh.plan(cleared=False, weight_kg=None)
    assert missing(fresh, session_id) == ["!not-screened", "!not-cleared", "baseline-sets-missing", "weight-not-given"]
    fresh.event(session_id, -30, "checked-in")
    look = fresh.nurse.get(f"/v1/sessions/{session_id}")["to_start"]
    assert look[2] == {
        "code": "baseline-sets-missing",
        "params": {"counted": 0, "needed": 2},
        "because": "0 of 2 baseline sets count: take another",
        "refuses": False,
        "after": None,
    }
    assert refused(fresh, session_id, -29) == {one["because"] for one in look if one["refuses"]}

    fresh.nurse.put(f"/v1/sessions/{session_id}/screening", screening(pregnancy=True))
    assert missing(fresh, session_id)[:2] == ["!exclusion-present", "!not-cleared"]
    fresh.nurse.put(f"/v1/sessions/{session_id}/screening", screening(), expect=200, if_match='"1"')
    fresh.clinician.put(f"/v1/sessions/{session_id}/clearance", {})
    assert missing(fresh, session_id) == ["baseline-sets-missing", "weight-not-given"]
    fresh.reading(session_id, -20)
    fresh.reading(session_id, -10)
    assert missing(fresh, session_id) == ["weight-not-given"]
    patient_id = fresh.nurse.get(f"/v1/sessions/{session_id}")["patient_id"]
    fresh.nurse.put(f"/v1/sessions/{session_id}", header(patient_id), expect=200, if_match='"1"')
    assert missing(fresh, session_id) == []
    fresh.event(session_id, 0, "infusion-started", {"dose_mg": 36})
    assert missing(fresh, session_id) is None
    fresh.event(session_id, 1, "left-against-advice")


def test_a_course_that_is_cleared_clears_the_lines_of_its_sessions(fresh):
    patient_id, course_id = fresh.add_patient(), str(uuid4())
    fresh.nurse.put(f"/v1/courses/{course_id}", {"patient_id": patient_id, "planned_sessions": 6})
    session_id = fresh.plan(cleared=False, patient_id=patient_id, course_id=course_id)
    fresh.event(session_id, -30, "checked-in")
    before = fresh.nurse.get("/v1/board")
    assert "!not-cleared" in missing(fresh, session_id)
    answered = fresh.clinician.ask("PUT", f"/v1/courses/{course_id}/clearance", {"until": at(15)}, expect=201)
    assert "!not-cleared" not in missing(fresh, session_id)
    # the stream tells it as a change of the board; the answer is about the course and names no session's version
    assert fresh.nurse.get("/v1/board")["version"] > before["version"]
    assert "x-session-version" not in answered.headers
    look = fresh.nurse.get(f"/v1/sessions/{session_id}")["to_start"]
    (ends,) = [one for one in look if one["code"] == "clearance-ended"]
    assert (ends["after"], ends["refuses"]) == (at(15), True)
    assert ends["because"] in refused(fresh, session_id, 16)
    # another without an end takes its place
    fresh.clinician.put(f"/v1/courses/{course_id}/clearance", {}, expect=200, if_match='"1"')
    assert [one["code"] for one in fresh.nurse.get(f"/v1/sessions/{session_id}")["to_start"] if one["refuses"]] == [
        "not-screened"
    ]
    missing(fresh, session_id)
    fresh.event(session_id, 20, "left-against-advice")
