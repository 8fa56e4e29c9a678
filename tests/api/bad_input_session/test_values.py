"""Values that cannot be, values that may but are unlikely, blanks, and words that are on no list."""

from uuid import uuid4

import pytest

from tests.api.bad_input_session.refusing import NOW, VITALS, new, refused
from tests.api.bodies import event, reading

POSSIBLE = {  # written by hand from the clinical reference: (impossible below, above; unlikely below, above)
    "heart_rate": (20, 300, 40, 140),
    "systolic": (40, 300, 80, 190),
    "diastolic": (20, 200, 40, 115),
    "respiratory_rate": (0, 80, 8, 30),
    "spo2": (30, 100, 90, 100),
}


@pytest.mark.parametrize("diastolic", [122, 123, 180])
def test_diastolic_lies_below_systolic(clinic, session, diastolic):
    body = reading(45, diastolic=diastolic, confirmed_unlikely=["systolic", "diastolic"])
    refused(clinic, "PUT", new(session), body, code="reading-invalid", field="diastolic")


@pytest.mark.parametrize("vital", VITALS)
def test_an_impossible_value_is_refused_even_if_confirmed(clinic, session, vital):
    low, high, _, _ = POSSIBLE[vital]
    for value in (low - 1, high + 1, 1200, -72, 2**31 - 1):
        body = reading(45, confirmed_unlikely=[vital], **{vital: value})
        refused(clinic, "PUT", new(session), body, code="reading-invalid", field=vital)


@pytest.mark.parametrize("vital", VITALS)
def test_a_number_beyond_any_column_is_refused(clinic, session, vital):
    refused(clinic, "PUT", new(session), reading(45, **{vital: 2**31}), code="malformed", field=vital)
    refused(clinic, "PUT", new(session), reading(45, **{vital: 10**30}))


def beside(vital, value):
    """The other pressure, so that the pair stays likely wherever it can."""
    if vital == "systolic":
        return {"diastolic": max(40, min(115, value - 40))} if value >= 60 else {"diastolic": value - 16}
    if vital == "diastolic":
        return {"systolic": max(80, value + 40)}
    return {}


@pytest.mark.parametrize("vital", VITALS)
def test_an_unlikely_value_is_refused_once_says_how_to_confirm_and_is_then_kept(clinic, session, vital):
    low, high, likely_low, likely_high = POSSIBLE[vital]
    for value in {low, likely_low - 1, likely_high + 1, high}:
        if likely_low <= value <= likely_high or not low <= value <= high:
            continue
        others = beside(vital, value)
        body = reading(45, **{vital: value}, **others)
        problem = refused(clinic, "PUT", new(session), body, code="confirm-unlikely", field=vital)
        assert vital in problem["confirm"]
        named = next(error for error in problem["errors"] if error["field"] == vital)
        assert "confirmed_unlikely" in named["message"]
        assert str(value) in named["message"]
        body["confirmed_unlikely"] = problem["confirm"]
        kept = clinic.nurse.put(new(session), body)
        assert (kept[vital], sorted(kept["confirmed_unlikely"])) == (value, sorted(problem["confirm"]))


@pytest.mark.parametrize("vital", VITALS)
def test_the_bounds_of_the_likely_need_no_confirmation(clinic, session, vital):
    _, _, low, high = POSSIBLE[vital]
    for value in (low, high):
        assert clinic.nurse.put(new(session), reading(45, **{vital: value}, **beside(vital, value)))[vital] == value


def test_a_pulse_pressure_that_is_unlikely_asks_for_both(clinic, session):
    problem = refused(clinic, "PUT", new(session), reading(45, diastolic=110), code="confirm-unlikely")
    assert sorted(problem["confirm"]) == ["diastolic", "systolic"]


def test_confirming_another_vital_confirms_nothing(clinic, session):
    body = reading(45, heart_rate=150, confirmed_unlikely=["spo2"])
    refused(clinic, "PUT", new(session), body, code="confirm-unlikely", field="heart_rate")


@pytest.mark.parametrize("field", [*VITALS, "consciousness", "dissociation"])
def test_a_blank_needs_a_reason(clinic, session, field):
    blank = {name: value for name, value in reading(45).items() if name != field}
    refused(clinic, "PUT", new(session), blank, code="reading-invalid", field=field)
    refused(clinic, "PUT", new(session), blank | {field: None}, code="reading-invalid", field=field)
    for nothing in ("", "   ", "\u00a0"):
        refused(clinic, "PUT", new(session), blank | {"not_measured": {field: nothing}})
    refused(clinic, "PUT", new(session), reading(45) | {"not_measured": {field: "probe fault"}}, code="reading-invalid")
    kept = clinic.nurse.put(new(session), blank | {"not_measured": {field: "probe fault"}})
    assert (kept[field], kept["not_measured"]) == (None, {field: "probe fault"})


@pytest.mark.parametrize("field", ["temperature", "note", "measured_at", "id"])
def test_only_what_can_be_measured_can_be_not_measured(clinic, session, field):
    body = reading(45) | {"not_measured": {field: "none here"}}
    refused(clinic, "PUT", new(session), body, code="reading-invalid", field=f"not_measured.{field}")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (reading(45, consciousness={"scale": "moaas", "score": 6}), "consciousness.score"),
        (reading(45, consciousness={"scale": "moaas", "score": "A"}), "consciousness.score"),
        (reading(45, consciousness={"scale": "acvpu", "score": 5}), "consciousness.score"),
        (reading(45, consciousness={"scale": "acvpu", "score": "a"}), "consciousness.score"),
        (reading(45, consciousness={"scale": "rass", "score": 5}), "consciousness.score"),
        (reading(45, dissociation={"grade": "none", "score": 3}), "dissociation.instrument"),
        (
            reading(45, dissociation={"grade": "none", "instrument": "cadss", "version": "23-item", "score": 93}),
            "dissociation.score",
        ),
        (
            reading(45, dissociation={"grade": "none", "instrument": "cadss", "version": "9", "score": 3}),
            "dissociation.instrument",
        ),
        (
            reading(45, dissociation={"grade": "none", "instrument": "mood-7", "version": "1", "score": 3}),
            "dissociation.instrument",
        ),
        (
            reading(45, dissociation={"grade": "none", "instrument": "cadss-6", "version": "2021", "items": {"1": 0}}),
            "dissociation.items",
        ),
        (reading(45, symptoms=[{"code": "nausea", "severity": "mild"}] * 2), "symptoms.0.code"),
    ],
)
def test_scales_scores_and_symptoms_that_cannot_be(clinic, session, body, field):
    refused(clinic, "PUT", new(session), body, code="reading-invalid", field=field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (reading(45, dissociation={"grade": "absent"}), "dissociation.grade"),
        (reading(45, dissociation={"grade": "None"}), "dissociation.grade"),
        (reading(45, consciousness={"scale": "gcs", "score": 15}), "consciousness.scale"),
        (reading(45, symptoms=[{"code": "sad", "severity": "mild"}]), "symptoms.0.code"),
        (reading(45, symptoms=[{"code": "nausea", "severity": "some"}]), "symptoms.0.severity"),
        (reading(45, symptoms=[{"code": "nausea"}]), "symptoms.0.severity"),
        (reading(45, symptoms={"code": "nausea", "severity": "mild"}), "symptoms"),
        (reading(45, oxygen={"kind": "mask"}), "oxygen.kind"),
        (reading(45, oxygen={"flow_l_min": 2}), "oxygen.kind"),
        (reading(45, confirmed_unlikely=["pulse"]), "confirmed_unlikely.0"),
        (reading(45, confirmed_unlikely="spo2"), "confirmed_unlikely"),
    ],
)
def test_a_word_that_is_not_on_the_list(clinic, session, body, field):
    refused(clinic, "PUT", new(session), body, code="malformed", field=field)


@pytest.mark.parametrize(
    ("kind", "detail", "code", "field"),
    [
        ("infusion-started", None, "malformed", "detail"),
        ("infusion-started", {}, "malformed", "detail.dose_mg"),
        ("transferred", {"to": " "}, "malformed", "detail.to"),
        ("medication-given", {"code": "Midazolam 2 mg"}, "event-invalid", "detail.code"),
        ("symptom-resolved", {"code": "sadness"}, "malformed", "detail.code"),
        ("addendum", {"text": ""}, "malformed", "detail.text"),
        ("baseline-accepted", {"readings": []}, "malformed", "detail.readings"),
        ("nasal-device-given", {"dose_mg": 56}, "kind-does-not-fit-route", "kind"),
        ("discharged", None, "malformed", "kind"),
        (None, None, "malformed", "kind"),
        ("infusion-started", {"dose_mg": 36, "planned_minutes": 0}, "event-invalid", "detail.planned_minutes"),
    ],
)
def test_an_event_that_cannot_be(clinic, session, kind, detail, code, field):
    body = event(45, kind, detail)
    refused(clinic, "PUT", new(session, "events"), body, by=clinic.clinician, code=code, field=field)


@pytest.mark.parametrize("kind", ["infusion-started", "infusion-stopped", "infusion-paused", "rate-changed"])
def test_an_infusions_event_does_not_fit_a_nasal_session(clinic, kind):
    session_id = clinic.plan(nasal=True)
    clinic.to(NOW)
    details = {"infusion-started": {"dose_mg": 36}, "rate-changed": {"rate_ml_h": 50}}
    path = f"/v1/sessions/{session_id}/events/{uuid4()}"
    refused(clinic, "PUT", path, event(45, kind, details.get(kind)), code="kind-does-not-fit-route", field="kind")
