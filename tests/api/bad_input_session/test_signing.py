"""Signatures that are refused."""

from uuid import uuid4

import pytest

from tests.api.bad_input_session.refusing import new, refused
from tests.api.bodies import PASSWORD, confirmation, reading


@pytest.fixture
def ready(clinic):
    session_id = clinic.ready()
    clinic.to(104)
    return f"/v1/sessions/{session_id}"


def test_a_nurse_does_not_sign(clinic, ready):
    body = confirmation(clinic.nurse.get(f"{ready}/readiness")["digest"])
    refused(clinic, "POST", f"{ready}/confirmations", body, status=403, code="role-may-not")
    refused(clinic, "POST", f"{ready}/confirmations", body | {"decision": "decline", "reason": "x"}, status=403)


def test_an_old_digest_is_not_signed_and_says_what_changed(clinic, ready):
    old = clinic.nurse.get(f"{ready}/readiness")["digest"]
    clinic.nurse.put(new(ready), reading(104, orientated=False))
    problem = refused(
        clinic,
        "POST",
        f"{ready}/confirmations",
        confirmation(old),
        status=409,
        code="assessment-moved-on",
        by=clinic.clinician,
    )
    assert {"criterion": "orientated", "was": "met", "is": "not-met"} in problem["changed"]
    assert problem["digest"] == clinic.nurse.get(f"{ready}/readiness")["digest"]
    never = confirmation("0" * 64)
    refused(
        clinic, "POST", f"{ready}/confirmations", never, status=409, code="assessment-moved-on", by=clinic.clinician
    )


def test_a_wrong_password_signs_nothing(clinic, ready):
    digest = clinic.nurse.get(f"{ready}/readiness")["digest"]
    for wrong in (PASSWORD + " ", PASSWORD.upper(), "another pass phrase of words"):
        body = confirmation(digest, password=wrong)
        refused(clinic, "POST", f"{ready}/confirmations", body, status=403, code="wrong-password", by=clinic.clinician)
    clinic.clinician.post(f"{ready}/confirmations", confirmation(digest))


def test_signed_twice_is_signed_once(clinic, ready):
    body = confirmation(clinic.nurse.get(f"{ready}/readiness")["digest"], id=str(uuid4()))
    first = clinic.clinician.post(f"{ready}/confirmations", body)
    assert clinic.clinician.post(f"{ready}/confirmations", body, expect=200) == first
    path, who = f"{ready}/confirmations", clinic.clinician
    refused(clinic, "POST", path, body | {"id": str(uuid4())}, status=409, code="already-signed", by=who)
    other = body | {"own_assessment": "other words"}
    problem = refused(clinic, "POST", path, other, status=409, code="same-id-other-content", by=who)
    assert problem["kept"]["own_assessment"] != problem["offered"]["own_assessment"]
    assert len(clinic.nurse.get(ready)["confirmations"]) == 1


def test_a_signature_replayed_in_another_session_is_not_found(clinic, ready):
    body = confirmation(clinic.nurse.get(f"{ready}/readiness")["digest"], id=str(uuid4()))
    clinic.clinician.post(f"{ready}/confirmations", body)
    other = f"/v1/sessions/{clinic.ready()}"
    clinic.to(104)
    again = body | {"digest": clinic.nurse.get(f"{other}/readiness")["digest"]}
    refused(
        clinic, "POST", f"{other}/confirmations", again, status=404, code="no-such-confirmation", by=clinic.clinician
    )


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"own_assessment": ""}, "malformed", "own_assessment"),
        ({"own_assessment": "  \n "}, "malformed", "own_assessment"),
        ({"own_assessment": None}, "malformed", "own_assessment"),
        ({"decision": "yes"}, "malformed", "decision"),
        ({"digest": "abc"}, "malformed", "digest"),
        ({"password": None}, "invalid", "password"),
        ({"decision": "decline"}, "reason-needed", "reason"),
        ({"decision": "decline", "reason": " "}, "malformed", "reason"),
    ],
)
def test_a_decision_that_cannot_be(clinic, ready, change, code, field):
    body = confirmation(clinic.nurse.get(f"{ready}/readiness")["digest"]) | change
    refused(clinic, "POST", f"{ready}/confirmations", body, code=code, field=field, by=clinic.clinician)


def test_what_is_met_is_not_overridden_and_what_is_not_met_is_not_confirmed(clinic, ready):
    body = confirmation(clinic.nurse.get(f"{ready}/readiness")["digest"], decision="override", reason="x")
    refused(clinic, "POST", f"{ready}/confirmations", body, status=409, code="criteria-met", by=clinic.clinician)
    clinic.nurse.put(new(ready), reading(104, gait_steady=False))
    body = confirmation(clinic.nurse.get(f"{ready}/readiness")["digest"])
    refused(clinic, "POST", f"{ready}/confirmations", body, status=409, code="criteria-not-met", by=clinic.clinician)
    body |= {"decision": "override"}
    refused(clinic, "POST", f"{ready}/confirmations", body, code="reason-needed", field="reason", by=clinic.clinician)
