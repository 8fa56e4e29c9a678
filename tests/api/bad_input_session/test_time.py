"""Instants that are none, have no offset, or lie ahead."""

import json
from uuid import uuid4

import pytest

from tests.api import bodies
from tests.api.bad_input_session.refusing import NOW, ON_SQLITE, new, refused
from tests.api.bodies import at, event, reading

pytestmark = ON_SQLITE

INSTANTS = {  # where an instant is typed: (method, path, body with a place for it, field)
    "measured_at": ("PUT", "/readings/{new}", lambda t: reading(45) | {"measured_at": t}),
    "symptoms.0.onset": (
        "PUT",
        "/readings/{new}",
        lambda t: reading(52, symptoms=[{"code": "nausea", "severity": "mild", "onset": t}]),
    ),
    "at": ("PUT", "/events/{new}", lambda t: event(45, "oxygen-stopped") | {"at": t}),
    "detail.reading.measured_at": (
        "PUT",
        "/events/{new}",
        lambda t: event(45, "addendum", {"text": "x", "reading": reading(45) | {"measured_at": t}}),
    ),
    "reading.measured_at": (
        "POST",
        "/readings/{kept}/corrections",
        lambda t: {"reason": "misread", "reading": reading(45) | {"measured_at": t}},
    ),
    "present_at": ("PUT", "/escort", lambda t: {"name": "A friend", "present": True, "present_at": t}),
    "left_at": ("POST", "/discharge", lambda t: {"left_at": t, "instructions_given": True}),
    "planned_at": ("PUT", "", lambda t: bodies.header(str(uuid4()), planned_at=t)),
}


@pytest.fixture(scope="module")
def a_reading(clinic, treated):
    return clinic.nurse.get(f"/v1/sessions/{treated}")["readings"][0]["id"]


@pytest.mark.parametrize("field", INSTANTS)
def test_a_time_without_offset_is_refused_and_says_what_to_add(clinic, session, a_reading, field):
    method, path, body = INSTANTS[field]
    where = session + path.format(new=uuid4(), kept=a_reading)
    problem = refused(clinic, method, where, body("2026-03-07T12:45:00"), code="malformed", field=field)
    assert "offset" in problem["errors"][0]["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        1772887500,
        1772887500.5,
        True,
        "2026-03-07",
        "12:45",
        "yesterday",
        "2026-02-30T12:00:00Z",
        "2026-03-07T12:60:00Z",
        "2026-03-07T12:45:00+25:00",
        "2026-03-07T12:45:00Europe/Vienna",
        "20260307T124500Z",
        " 2026-03-07T12:45:00Z",
        "2026-03-07T12:45:00Z ",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "٢٠٢٦-03-07T12:45:00Z",
        "",
    ],
)
def test_what_is_no_time(clinic, session, wrong):
    refused(clinic, "PUT", new(session), reading(45) | {"measured_at": wrong}, code="malformed", field="measured_at")


FUTURE_CODES = {
    "measured_at": "reading-invalid",
    "symptoms.0.onset": "reading-invalid",
    "at": "event-invalid",
    "reading.measured_at": "reading-invalid",
    "present_at": "future-instant",
}


@pytest.mark.parametrize("field", FUTURE_CODES)
def test_more_than_two_minutes_ahead_is_the_future(clinic, session, a_reading, field):
    method, path, body = INSTANTS[field]
    shown = field.removeprefix("reading.")
    for ahead in (at(NOW + 2, seconds=1), "2026-03-07T12:52:00.000001Z", "2026-03-07T14:53:00+02:00", at(100_000)):
        where = session + path.format(new=uuid4(), kept=a_reading)
        problem = refused(clinic, method, where, body(ahead), code=FUTURE_CODES[field], field=shown)
        assert "future" in json.dumps(problem["errors"])


def test_exactly_two_minutes_ahead_is_taken(clinic, session):
    kept = clinic.nurse.put(new(session), reading(NOW + 2))
    assert kept["measured_at"] == at(NOW + 2)
    onset = [{"code": "nausea", "severity": "mild", "onset": at(NOW + 2)}]
    assert clinic.nurse.put(new(session), reading(NOW, symptoms=onset))["symptoms"][0]["onset"] == at(NOW + 2)
    assert clinic.nurse.put(new(session, "events"), event(NOW + 2, "oxygen-stopped"))["at"] == at(NOW + 2)
    escort = {"name": "A friend", "present": True, "present_at": at(NOW + 2)}
    assert clinic.nurse.put(f"{session}/escort", escort)["present_at"] == at(NOW + 2)


def test_a_clock_that_was_never_set_is_noticed(clinic, session):
    wrong = reading(45) | {"measured_at": "1970-01-01T00:00:10Z"}
    refused(clinic, "PUT", new(session), wrong, code="reading-invalid", field="measured_at")
