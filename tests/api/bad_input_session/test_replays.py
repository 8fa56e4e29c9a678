"""Closed sessions, ids that are taken, and ids replayed elsewhere."""

from uuid import uuid4

import pytest

from tests.api import bodies
from tests.api.bad_input_session.refusing import NOW, new, refused
from tests.api.bodies import at, confirmation, event, reading
from tests.api.clinic import another_clinic
from tests.api.kept_rows import record_rows, rows_of


@pytest.fixture(scope="module")
def closed(clinic):
    return f"/v1/sessions/{clinic.discharged()}"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/readings/{new}", reading(45)),
        ("/events/{new}", event(45, "oxygen-stopped")),
        ("/events/{new}", event(45, "infusion-resumed")),
        ("/events/{new}", event(45, "left-against-advice")),
        ("/escort", {"name": "Somebody else", "present": True}),
        ("/screening", {"answers": bodies.answers(pregnancy=True)}),
    ],
)
def test_a_closed_session_names_the_addendum(clinic, closed, path, body):
    clinic.to(111)
    how = {"headers": {"If-Match": '"1"'}} if "{new}" not in path else {}
    problem = refused(clinic, "PUT", closed + path.format(new=uuid4()), body, status=409, code="session-closed", **how)
    assert "addendum" in problem["detail"]
    assert problem["remedy"] == "addendum"


def test_a_closed_session_is_not_signed_or_left_again(clinic, closed):
    clinic.to(111)
    digest = clinic.nurse.get(f"{closed}/readiness")["digest"]
    refused(
        clinic,
        "POST",
        f"{closed}/confirmations",
        confirmation(digest),
        status=409,
        code="session-closed",
        by=clinic.clinician,
    )
    again = {"left_at": at(110), "instructions_given": False}
    refused(clinic, "POST", f"{closed}/discharge", again, status=409, code="already-discharged")


def test_the_same_id_with_other_content_shows_both(clinic, session):
    path = new(session)
    clinic.nurse.put(path, reading(45, heart_rate=72))
    problem = refused(clinic, "PUT", path, reading(45, heart_rate=80), status=409, code="same-id-other-content")
    assert (problem["kept"]["heart_rate"], problem["offered"]["heart_rate"]) == (72, 80)
    path = new(session, "events")
    clinic.nurse.put(path, event(45, "oxygen-started", {"flow_l_min": 2}))
    other = event(45, "oxygen-started", {"flow_l_min": 3})
    problem = refused(clinic, "PUT", path, other, status=409, code="same-id-other-content")
    # both as the contract spells them: a flow is a number
    assert (problem["kept"]["detail"], problem["offered"]["detail"]) == ({"flow_l_min": 2}, {"flow_l_min": 3})


@pytest.mark.parametrize("field", sorted(reading(45)))
def test_any_other_content_is_other_content(clinic, session, field):
    path = new(session)
    clinic.nurse.put(path, reading(45))
    other = {
        "measured_at": at(44),
        "heart_rate": 73,
        "systolic": 121,
        "diastolic": 77,
        "respiratory_rate": 15,
        "spo2": 97,
        "oxygen": {"kind": "supplemental", "flow_l_min": 2},
        "consciousness": {"scale": "moaas", "score": 4},
        "dissociation": {"grade": "mild"},
        "symptoms": None,
        "gait_steady": None,
        "orientated": False,
    }
    refused(clinic, "PUT", path, reading(45, **{field: other[field]}), status=409, code="same-id-other-content")


def test_a_void_with_another_reason_shows_both(clinic, session):
    for kind, body in (("readings", reading(45)), ("events", event(45, "oxygen-stopped"))):
        path = new(session, kind)
        clinic.nurse.put(path, body)
        void_id = str(uuid4())
        clinic.nurse.post(f"{path}/void", {"id": void_id, "reason": "typed twice"})
        clinic.nurse.post(f"{path}/void", {"id": void_id, "reason": "typed twice"}, expect=200)
        problem = refused(clinic, "POST", f"{path}/void", {"id": void_id, "reason": "another"}, status=409)
        assert (problem["kept"]["reason"], problem["offered"]["reason"]) == ("typed twice", "another")


def test_a_correction_with_the_same_id_and_other_content_shows_both(clinic, session):
    path = new(session)
    clinic.nurse.put(path, reading(45))
    correction = {"id": str(uuid4()), "reason": "misread", "reading": reading(45, heart_rate=80)}
    clinic.nurse.post(f"{path}/corrections", correction)
    clinic.nurse.post(f"{path}/corrections", correction, expect=200)
    other = correction | {"reading": reading(45, heart_rate=81)}
    problem = refused(clinic, "POST", f"{path}/corrections", other, status=409, code="same-id-other-content")
    assert (problem["kept"]["heart_rate"], problem["offered"]["heart_rate"]) == (80, 81)
    refused(clinic, "POST", f"{path}/corrections", correction | {"reason": "other"}, status=409)


@pytest.mark.parametrize("kind", ["readings", "events"])
def test_an_id_replayed_under_another_session_or_patient_is_not_found(clinic, session, kind):
    body = reading(45) if kind == "readings" else event(45, "oxygen-stopped")
    fact_id = uuid4()
    clinic.nurse.put(f"{session}/{kind}/{fact_id}", body)
    patient_id = clinic.nurse.get(session)["patient_id"]
    same_patient, other_patient = clinic.plan(patient_id=patient_id), clinic.plan()
    clinic.to(NOW)
    for elsewhere in (same_patient, other_patient):
        path = f"/v1/sessions/{elsewhere}/{kind}/{fact_id}"
        code = f"no-such-{kind.removesuffix('s')}"
        refused(clinic, "PUT", path, body, status=404, code=code)
        refused(clinic, "POST", f"{path}/void", {"reason": "x"}, status=404, code=code)
        if kind == "readings":
            correction = {"reason": "x", "reading": reading(45, heart_rate=80)}
            refused(clinic, "POST", f"{path}/corrections", correction, status=404, code=code)
            refused(clinic, "GET", f"{path}/history", status=404, code=code)
    refused(clinic, "PUT", f"/v1/sessions/{uuid4()}/{kind}/{fact_id}", body, status=404, code="no-such-session")


def test_an_id_replayed_by_another_clinic_finds_nothing_of_ours(clinic, session):
    stranger = another_clinic(clinic.service)
    path = new(session)
    clinic.nurse.put(path, reading(45))
    refused(clinic, "PUT", path, reading(45), status=404, code="no-such-session", by=stranger.nurse)
    refused(clinic, "PUT", path, reading(45, heart_rate=99), status=404, code="no-such-session", by=stranger.nurse)
    own = stranger.plan()
    clinic.to(NOW)
    ours = rows_of(record_rows(clinic.service), clinic.id)
    # in a session of theirs it is an id like any other
    stranger.nurse.put(f"/v1/sessions/{own}/readings/{path.rpartition('/')[2]}", reading(45, heart_rate=99))
    assert rows_of(record_rows(clinic.service), clinic.id) == ours


@pytest.mark.parametrize(
    "id_", ["1", "not-an-id", "0190a5c48d3e7abc8def0123456789ab", "{0190a5c4-8d3e-7abc-8def-0123456789ab}"]
)
def test_an_id_that_is_none(clinic, session, id_):
    refused(clinic, "PUT", f"{session}/readings/{id_}", reading(45), field="reading_id")
    refused(clinic, "PUT", f"/v1/sessions/{id_}/readings/{uuid4()}", reading(45), field="session_id")
