"""The board: every session of a status, what is due, how the flag stands; page after page."""

from uuid import uuid4

import pytest

from tests.api.bodies import at, reading
from tests.api.clinic import clinic_on
from tests.conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def fresh(request, tmp_path_factory, sqlite_template):
    """A clinic whose board nobody else fills."""
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


def board(clinic, status, query=""):
    return clinic.nurse.get(f"/v1/sessions?status={status}{query}")


def ids(page):
    return [item["id"] for item in page["items"]]


def test_a_session_moves_over_the_board(fresh):
    session_id = fresh.plan(chair="7")
    assert session_id in ids(board(fresh, "planned"))
    fresh.event(session_id, -30, "checked-in")
    assert session_id not in ids(board(fresh, "planned"))
    page = board(fresh, "active")
    assert ids(page) == ids(fresh.nurse.get("/v1/sessions")) == [session_id]
    item = page["items"][0]
    assert (item["state"], item["phase"], item["chair"], item["last_set"]) == ("checked-in", "baseline", "7", None)
    assert (item["due_at"], item["overdue_at"], item["overdue"]) == (at(-20), at(-17), False)
    assert item["patient"]["family_name"] == "Probe"

    fresh.to(-16)
    assert board(fresh, "active")["items"][0]["overdue"]
    taken = fresh.reading(session_id, -15)
    item = board(fresh, "active")["items"][0]
    assert (item["last_set"]["id"], item["last_set"]["systolic"], item["due_at"]) == (taken["id"], 122, at(-5))
    fresh.reading(session_id, -5)
    fresh.event(session_id, 0, "infusion-started", {"dose_mg": 36, "planned_minutes": 40})
    item = board(fresh, "active")["items"][0]
    assert (item["state"], item["phase"], item["phase_since"], item["planned_minutes"]) == (
        "infusing",
        "infusion",
        at(0),
        40,
    )
    fresh.event(session_id, 40, "infusion-stopped")
    fresh.to(42)
    fresh.nurse.put(f"/v1/sessions/{session_id}/readings/{uuid4()}", reading(42, systolic=186, diastolic=90))
    item = board(fresh, "active")["items"][0]
    assert (item["state"], item["due_at"], item["status"]) == ("recovering", at(57), "not-met")
    (concern,) = item["concerns"]
    assert (concern["vital"], concern["value"], concern["measured_at"]) == ("systolic", 186, at(42))
    assert concern["acknowledge"]
    assert "systolic-recovered" in item["not_met"]
    fresh.event(session_id, 60, "left-against-advice")
    assert ids(board(fresh, "active")) == []
    assert session_id in ids(board(fresh, "closed"))
    assert board(fresh, "closed")["items"][0]["due_at"] is None


def test_the_flag_stands_on_the_board_with_its_age(fresh):
    session_id = fresh.ready()
    item = next(one for one in board(fresh, "active")["items"] if one["id"] == session_id)
    assert (item["status"], item["status_since"], item["not_met"], item["unknown"]) == ("met", at(102), [], [])
    assert item["digest"] == fresh.digest(session_id)
    fresh.event(session_id, 105, "left-against-advice")


def test_who_signed_stands_on_the_board_for_this_recovery_alone(fresh):
    session_id = fresh.ready()

    def signed():
        return next(one for one in board(fresh, "active")["items"] if one["id"] == session_id)["signed"]

    assert signed() is None
    fresh.to(104)
    name = fresh.clinician.name
    fresh.sign(session_id)
    assert signed() == {"decision": "confirm", "name": name, "signed_at": at(104), "until": None}
    fresh.to(105)
    fresh.sign(session_id, decision="decline", reason="sways")
    assert signed() is None, "taken back"
    fresh.reading(session_id, 106, systolic=186, diastolic=90)
    fresh.to(107)
    fresh.sign(session_id, decision="override", reason="as always with this patient")
    assert signed() == {"decision": "override", "name": name, "signed_at": at(107), "until": at(137)}
    fresh.event(session_id, 108, "infusion-started", {"dose_mg": 10, "planned_minutes": 20})
    fresh.event(session_id, 120, "infusion-stopped")
    assert signed() is None, "another recovery"
    fresh.event(session_id, 121, "left-against-advice")


def test_pages_lose_and_repeat_nothing_while_sessions_come(fresh):
    planned = {fresh.plan(cleared=False) for _ in range(7)} | set(ids(board(fresh, "planned")))
    seen, query = [], ""
    while True:
        page = board(fresh, "planned", f"&limit=2{query}")
        assert len(page["items"]) <= 2
        seen += ids(page)
        if page["next"] is None:
            break
        query = f"&after={page['next']}"
        if len(seen) == 2:
            fresh.plan(cleared=False)
    assert planned <= set(seen)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("query", ["status=open", "limit=0", "limit=201", "limit=x", "after=x", "after=WyJ4Il0"])
def test_a_question_the_board_does_not_know(fresh, query):
    fresh.nurse.problem("GET", f"/v1/sessions?{query}", status=422)
