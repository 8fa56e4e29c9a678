"""What a raised blood pressure asks for, as a look at the session says it."""

from uuid import uuid4

from tests.api.bodies import at, reading


def put(clinic, session_id, minutes, systolic):
    clinic.to(minutes)
    unlikely = {"confirmed_unlikely": ["systolic"]} if systolic > 190 else {}
    body = reading(minutes, systolic=systolic, diastolic=85, **unlikely)
    clinic.nurse.put(f"/v1/sessions/{session_id}/readings/{(name := uuid4())}", body)
    return str(name)


def asked(clinic, session_id):
    look = clinic.nurse.get(f"/v1/sessions/{session_id}")
    return look["prompt"]


def test_a_raised_pressure_is_measured_again_and_then_a_clinician_is_called(clinic):
    session_id = clinic.plan()
    assert asked(clinic, session_id) is None
    first = put(clinic, session_id, -30, 152)
    assert asked(clinic, session_id) == {
        "act": "measure-again",
        "code": "pressure-raised",
        "params": {"systolic": 152, "diastolic": 85, "at": at(-30), "limit": [140, 90], "due": at(-20)},
        "because": f"blood pressure 152/85 at {at(-30)}, from 140/90 on: measure again from {at(-20)}",
        "reading_id": first,
        "due_at": at(-20),
    }
    second = put(clinic, session_id, -19, 149)
    found = asked(clinic, session_id)
    assert (found["act"], found["reading_id"]) == ("call-clinician", second)
    put(clinic, session_id, -9, 128)
    assert asked(clinic, session_id) is None


def test_from_the_dose_on_one_far_raised_calls_at_once_until_it_has_come_down_and_it_keeps_nobody(clinic):
    session_id = clinic.treated()
    put(clinic, session_id, 50, 204)
    found = asked(clinic, session_id)
    assert (found["act"], found["code"], found["params"]["limit"]) == (
        "call-clinician",
        "pressure-far-raised",
        [200, 120],
    )
    put(clinic, session_id, 52, 150)
    assert asked(clinic, session_id)["act"] == "call-clinician"
    put(clinic, session_id, 56, 150)
    assert asked(clinic, session_id) is None
    # it is no criterion: what a session is judged by names none of it
    look = clinic.nurse.get(f"/v1/sessions/{session_id}")
    assert not any("pressure-" in str(finding["code"]) for finding in look["readiness"]["findings"])


def test_a_reading_entered_in_error_asks_for_nothing(clinic):
    session_id = clinic.treated()
    name = put(clinic, session_id, 50, 204)
    assert asked(clinic, session_id)["act"] == "call-clinician"
    clinic.nurse.ask("POST", f"/v1/sessions/{session_id}/readings/{name}/void", {"reason": "typed in the wrong chair"})
    assert asked(clinic, session_id) is None


def test_nobody_is_prompted_for_who_has_left(clinic):
    session_id = clinic.treated()
    put(clinic, session_id, 50, 204)
    clinic.event(session_id, 55, "transferred", {"to": "emergency department"})
    assert asked(clinic, session_id) is None
