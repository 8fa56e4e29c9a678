"""Numbers that are none."""

import json
from uuid import uuid4

import pytest

from tests.api import bodies
from tests.api.bad_input_session.refusing import ON_SQLITE, VITALS, new, refused
from tests.api.bodies import event, reading

pytestmark = ON_SQLITE

NO_INTEGERS = {
    "true": True,
    "text": "120",
    "a fraction": 36.6,
    "a decimal point": 36.0,
    "a list": [72],
    "an object": {"value": 72},
}


@pytest.mark.parametrize("wrong", NO_INTEGERS)
@pytest.mark.parametrize("vital", VITALS)
def test_a_vital_is_a_json_integer(clinic, session, vital, wrong):
    body = reading(45, **{vital: NO_INTEGERS[wrong]})
    refused(clinic, "PUT", new(session), body, code="malformed", field=vital)


@pytest.mark.parametrize("vital", VITALS)
def test_an_exponent_is_no_integer(clinic, session, vital):
    raw = json.dumps(reading(45, **{vital: 987})).replace("987", "1e2")
    refused(clinic, "PUT", new(session), raw=raw, code="malformed", field=vital)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("vital", VITALS)
def test_nan_and_infinity_are_no_numbers(clinic, session, vital, number):
    raw = json.dumps(reading(45, **{vital: 987})).replace("987", number)
    problem = refused(clinic, "PUT", new(session), raw=raw, code="malformed-json")
    assert number.strip("-") in problem["detail"]


@pytest.mark.parametrize("wrong", ["true", "text", "a fraction", "a decimal point"])
@pytest.mark.parametrize(
    ("field", "where"),
    [
        ("consciousness.score", {"consciousness": {"scale": "rass", "score": None}}),
        ("dissociation.score", {"dissociation": {"grade": "mild", "instrument": "cadss", "version": "23-item"}}),
        ("dissociation.items.1", {"dissociation": {"grade": "mild", "instrument": "cadss", "version": "23-item"}}),
    ],
)
def test_a_score_is_a_json_integer(clinic, session, field, where, wrong):
    body = json.loads(json.dumps(reading(45, **where)))
    value = NO_INTEGERS[wrong] if wrong != "text" else "12"
    part, name = body[field.split(".")[0]], field.split(".")[1]
    part[name] = {"1": value} if name == "items" else value
    refused(clinic, "PUT", new(session), body, code="malformed", field=field)


@pytest.mark.parametrize("wrong", NO_INTEGERS)
def test_minutes_are_a_json_integer(clinic, session, wrong):
    body = event(45, "infusion-started", {"dose_mg": 36, "planned_minutes": NO_INTEGERS[wrong]})
    refused(clinic, "PUT", new(session, "events"), body, code="malformed", field="detail.planned_minutes")


AMOUNTS = {
    "detail.dose_mg": ("infusion-started", "dose_mg", {}),
    "detail.rate_ml_h": ("rate-changed", "rate_ml_h", {}),
    "detail.dose": ("medication-given", "dose", {"code": "ondansetron"}),
    "detail.flow_l_min": ("oxygen-started", "flow_l_min", {}),
}


@pytest.mark.parametrize("amount", [True, "36", 36.0001, 0.0005, [36], {}])
@pytest.mark.parametrize("field", AMOUNTS)
def test_an_amount_is_a_number_with_at_most_three_places(clinic, session, field, amount):
    kind, name, more = AMOUNTS[field]
    body = event(45, kind, more | {name: amount})
    refused(clinic, "PUT", new(session, "events"), body, code="malformed", field=field)


@pytest.mark.parametrize("amount", [0, -1, -0.001])
@pytest.mark.parametrize("field", AMOUNTS)
def test_an_amount_is_above_zero(clinic, session, field, amount):
    kind, name, more = AMOUNTS[field]
    body = event(45, kind, more | {name: amount})
    refused(clinic, "PUT", new(session, "events"), body, code="event-invalid", field=field)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "1e-400", "9" * 60])
def test_an_amount_that_no_column_holds(clinic, session, number):
    raw = json.dumps(event(45, "oxygen-started", {"flow_l_min": 987})).replace("987", number)
    refused(clinic, "PUT", new(session, "events"), raw=raw)


@pytest.mark.parametrize("flow", ["2", True, 2.0001])
def test_a_flow_in_a_reading_is_a_number(clinic, session, flow):
    body = reading(45, oxygen={"kind": "supplemental", "flow_l_min": flow})
    refused(clinic, "PUT", new(session), body, code="malformed", field="oxygen.flow_l_min")


@pytest.mark.parametrize(
    ("weight", "code"),
    [
        ("72", "malformed"),
        (True, "malformed"),
        (72.1234, "malformed"),
        (0, "bad-session"),
        (-72, "bad-session"),
        (19.999, "bad-session"),
        (400.001, "bad-session"),
    ],
)
def test_a_weight_that_cannot_be(clinic, weight, code):
    body = bodies.header(clinic.patient_id, weight_kg=weight)
    refused(clinic, "PUT", f"/v1/sessions/{uuid4()}", body, code=code, field="weight_kg")


@pytest.mark.parametrize("version", [True, "1", 1.0])
def test_a_version_is_a_json_integer(clinic, version):
    body = bodies.header(clinic.patient_id, protocol={"id": "iv-infusion-example", "version": version})
    refused(clinic, "PUT", f"/v1/sessions/{uuid4()}", body, code="malformed", field="protocol.version")


@pytest.mark.parametrize("answer", [1, 0, "true", "yes", None, 1.0])
def test_an_answer_to_a_question_is_true_or_false(clinic, session, answer):
    body = {"answers": bodies.answers() | {"pregnancy": answer}}
    refused(clinic, "PUT", f"{session}/screening", body, code="malformed", field="answers.pregnancy")
    refused(clinic, "PUT", new(session), reading(45, gait_steady=answer or 0), code="malformed", field="gait_steady")
    body = {"name": "A friend", "present": answer}
    refused(clinic, "PUT", f"{session}/escort", body, code="malformed", field="present")


def test_all_eight_are_answered(clinic, session):
    for exclusion in bodies.answers():
        body = {"answers": {name: value for name, value in bodies.answers().items() if name != exclusion}}
        refused(clinic, "PUT", f"{session}/screening", body, code="malformed", field=f"answers.{exclusion}")
