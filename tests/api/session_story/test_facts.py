"""Facts: a create that can be repeated, corrections and voids beside it, and nothing ever overwritten."""

from uuid import uuid4

import pytest

from tests.api.bodies import at, event, reading

KINDS = {  # every kind of the contract with the detail it takes, by the route it fits
    "checked-in": None,
    "infusion-started": {"dose_mg": 36.5, "planned_minutes": 40, "lot": "K-17"},
    "infusion-paused": None,
    "infusion-resumed": None,
    "rate-changed": {"rate_ml_h": 12.125},
    "infusion-stopped": None,
    "nasal-device-given": {"dose_mg": 84, "lot": "S-1"},
    "medication-given": {"code": "midazolam", "dose": 0.5, "unit": "mg", "route": "iv"},
    "oxygen-started": {"flow_l_min": 2.5},
    "oxygen-stopped": None,
    "symptom-resolved": {"code": "nausea"},
    "baseline-accepted": None,
    "concern-acknowledged": None,
    "addendum": {"text": "as told\nby the sister"},
    "cancelled": None,
    "transferred": {"to": "City hospital"},
    "left-against-advice": None,
}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"baseline-accepted", "concern-acknowledged"}))
def test_every_kind_of_event_is_taken_with_its_detail(clinic, kind):
    session_id = clinic.plan(nasal=kind == "nasal-device-given")
    clinic.to(0)
    path = f"/v1/sessions/{session_id}/events/{uuid4()}"
    kept = clinic.nurse.put(path, event(0, kind, KINDS[kind]))
    assert (kept["kind"], kept["at"], kept["void"]) == (kind, at(0), None)
    given = KINDS[kind] or {}
    assert {name: (kept["detail"] or {})[name] for name in given} == given
    again = clinic.nurse.put(path, event(0, kind, KINDS[kind]), expect=200)
    assert again == kept


def test_a_detail_may_be_left_as_short_as_the_contract_lets_it(clinic):
    session_id = clinic.plan()
    for number, (kind, detail) in enumerate(
        [("infusion-started", {"dose_mg": 36}), ("medication-given", {"code": "ondansetron"})]
    ):
        kept = clinic.event(session_id, number, kind, detail)
        assert {name: value for name, value in kept["detail"].items() if value is not None} == detail


def test_a_clinician_accepts_an_unsound_baseline_by_naming_its_readings(clinic):
    session_id = clinic.plan()
    path = f"/v1/sessions/{session_id}"
    clinic.event(session_id, -30, "checked-in")
    taken = [clinic.reading(session_id, minutes, systolic=158, diastolic=96) for minutes in (-20, -10)]
    clinic.event(session_id, 0, "infusion-started", {"dose_mg": 36})
    clinic.event(session_id, 40, "infusion-stopped")
    baseline = clinic.nurse.get(path)["baseline"]
    assert (baseline["sound"], baseline["accepted"]) == (False, False)
    named = {"readings": [{"id": one["id"], "revision": 1} for one in taken]}
    clinic.event(session_id, 41, "baseline-accepted", named, by=clinic.clinician)
    baseline = clinic.nurse.get(path)["baseline"]
    assert (baseline["sound"], baseline["accepted"]) == (False, True)


def test_a_clinician_acknowledges_a_concern_by_its_id(clinic):
    session_id = clinic.treated()
    body = reading(50, systolic=186, diastolic=90)
    clinic.to(50)
    kept = clinic.nurse.put(f"/v1/sessions/{session_id}/readings/{uuid4()}", body)
    # kept at once, shown at once
    concern = next(one for one in kept["concerns"] if one["vital"] == "systolic")
    assert concern["must_be_acknowledged"]
    assert concern["acknowledged_by"] is None
    detail = {"concern_id": concern["id"]}
    seen = clinic.event(session_id, 51, "concern-acknowledged", detail, by=clinic.clinician)
    record = clinic.nurse.get(f"/v1/sessions/{session_id}")
    shown = next(one for one in record["readings"] if one["id"] == kept["id"])["concerns"]
    assert next(one for one in shown if one["id"] == concern["id"])["acknowledged_by"] == seen["id"]


def test_a_reading_sent_again_is_kept_once_whoever_sends_it(clinic):
    session_id = clinic.treated()
    path = f"/v1/sessions/{session_id}/readings/{uuid4()}"
    clinic.to(55)
    first = clinic.nurse.put(path, reading(55))
    clinic.to(58)
    assert clinic.nurse.put(path, reading(55), expect=200) == first
    later_and_other_spelling = reading(55) | {"measured_at": "2026-03-07T13:55:00+01:00", "not_measured": {}}
    assert clinic.clinician.put(path, later_and_other_spelling, expect=200) == first
    assert first["recorded_by"]["name"] == clinic.nurse.name
    assert len(clinic.nurse.get(f"/v1/sessions/{session_id}")["readings"]) == 4


def test_the_tablet_is_on_record(clinic):
    session_id, tablet = clinic.treated(), str(uuid4())
    path = f"/v1/sessions/{session_id}/readings/{uuid4()}"
    clinic.to(55)
    answer = clinic.nurse.ask("PUT", path, reading(55), headers={"X-Tablet-Id": tablet}, expect=201)
    assert answer.json()["tablet_id"] == tablet


def test_readings_in_any_order_stand_in_the_order_they_were_measured(clinic):
    session_id = clinic.treated()
    clinic.to(100)
    for minutes in (90, 60, 75):
        clinic.nurse.put(f"/v1/sessions/{session_id}/readings/{uuid4()}", reading(minutes))
    record = clinic.nurse.get(f"/v1/sessions/{session_id}")
    times = [one["measured_at"] for one in record["readings"]]
    assert times == sorted(times)
    late = next(one for one in record["readings"] if one["measured_at"] == at(60))
    assert late["recorded_at"] == at(100)


def test_a_correction_is_a_new_revision_on_the_newest_and_the_old_ones_stay(clinic):
    session_id = clinic.treated()
    kept = clinic.reading(session_id, 55, heart_rate=127)
    path = f"/v1/sessions/{session_id}/readings/{kept['id']}"
    correction = {"id": str(uuid4()), "reason": "typed wrongly", "reading": reading(55, heart_rate=72)}
    answer = clinic.nurse.ask("POST", f"{path}/corrections", correction, expect=201)
    second = answer.json()
    assert answer.headers["etag"] == '"2"'
    assert (second["heart_rate"], second["revision"], second["revisions"]) == (72, 2, 2)
    assert second["reason"] == "typed wrongly"
    # sent again: nothing more
    assert clinic.nurse.post(f"{path}/corrections", correction, expect=200) == second
    # without an id: made here
    third = clinic.clinician.post(f"{path}/corrections", {"reason": "the monitor's clock", "reading": reading(54)})
    assert (third["measured_at"], third["revision"]) == (at(54), 3)
    # the first correction sent once more, late: still a repeat
    assert clinic.nurse.post(f"{path}/corrections", correction, expect=200)["revision"] == 3
    # what was seen is no longer the newest
    stale = {"reason": "misread", "reading": reading(55, heart_rate=73)}
    gone = clinic.nurse.problem("POST", f"{path}/corrections", stale, status=412, headers={"If-Match": '"2"'})
    assert gone["code"] == "precondition-failed"
    assert gone["kept"]["revision"] == 3
    history = clinic.nurse.get(f"{path}/history")
    assert [(one["revision"], one["heart_rate"], one["measured_at"]) for one in history["items"]] == [
        (1, 127, at(55)),
        (2, 72, at(55)),
        (3, 72, at(54)),
    ]
    assert [one["reason"] for one in history["items"]] == [None, "typed wrongly", "the monitor's clock"]
    assert [one["recorded_by"]["role"] for one in history["items"]] == ["nurse", "nurse", "clinician"]
    assert (history["next"], history["void"]) == (None, None)
    # the reading as first sent is still that reading
    assert clinic.nurse.put(path, reading(55, heart_rate=127), expect=200)["revision"] == 3


def test_a_corrected_time_moves_the_phase(clinic):
    session_id = clinic.treated()
    kept = clinic.reading(session_id, 41)
    assert kept["phase"] == "recovery"
    path = f"/v1/sessions/{session_id}/readings/{kept['id']}/corrections"
    moved = clinic.nurse.post(path, {"reason": "the clock was fast", "reading": reading(39)})
    assert moved["phase"] == "infusion"


def test_a_correction_that_changes_nothing_is_refused(clinic):
    session_id = clinic.treated()
    kept = clinic.reading(session_id, 55)
    path = f"/v1/sessions/{session_id}/readings/{kept['id']}/corrections"
    same = clinic.nurse.problem("POST", path, {"reason": "x", "reading": reading(55)}, status=409)
    assert same["code"] == "correction-changes-nothing"


def test_a_void_stays_visible_and_counts_for_nothing(clinic):
    session_id = clinic.ready()
    path = f"/v1/sessions/{session_id}"
    record = clinic.nurse.get(path)
    newest, stopped = record["readings"][-1], record["events"][-1]
    void = {"reason": "another patient's"}
    gone = clinic.nurse.post(f"{path}/readings/{newest['id']}/void", void)
    assert (gone["void"]["reason"], gone["void"]["recorded_by"]["name"]) == (void["reason"], clinic.nurse.name)
    assert clinic.nurse.post(f"{path}/readings/{newest['id']}/void", void, expect=200) == gone
    assert clinic.nurse.get(f"{path}/readiness")["status"] != "met"
    assert clinic.nurse.get(path)["readings"][-1]["void"]["reason"] == void["reason"]
    assert clinic.nurse.get(f"{path}/readings/{newest['id']}/history")["void"]["reason"] == void["reason"]
    refused = clinic.nurse.problem(
        "POST",
        f"{path}/readings/{newest['id']}/corrections",
        {"reason": "x", "reading": reading(102, heart_rate=73)},
        status=409,
    )
    assert refused["code"] == "reading-void"
    # an event: the infusion that ended runs on
    clinic.nurse.post(f"{path}/events/{stopped['id']}/void", {"reason": "not stopped yet"})
    assert clinic.nurse.get(path)["state"] == "infusing"


def test_odd_sequences_are_kept_and_leave_the_dose_unknown(clinic):
    session_id = clinic.treated()
    clinic.event(session_id, 45, "infusion-stopped")
    readiness = clinic.nurse.get(f"/v1/sessions/{session_id}/readiness")
    finding = next(one for one in readiness["findings"] if one["criterion"] == "dose-finished")
    assert finding["outcome"] == "unknown"
    assert "void" in finding["because"]


def test_one_patient_has_one_active_session(clinic):
    patient_id = clinic.add_patient()
    first, second = clinic.plan(patient_id=patient_id), clinic.plan(patient_id=patient_id)
    clinic.event(first, -30, "checked-in")
    path = f"/v1/sessions/{second}/events/{uuid4()}"
    refused = clinic.nurse.problem("PUT", path, event(-30, "checked-in"), status=409)
    assert refused["code"] == "other-session-active"
    clinic.event(first, -20, "cancelled")
    clinic.nurse.put(path, event(-30, "checked-in"))


def test_the_baselines_oxygen_is_shown_as_it_was_typed(clinic):
    session_id = clinic.plan()
    oxygen = {"kind": "supplemental", "flow_l_min": 2.5}
    for minutes in (-20, -10):
        clinic.reading(session_id, minutes, oxygen=oxygen)
    clinic.event(session_id, 0, "infusion-started", {"dose_mg": 36})
    path = f"/v1/sessions/{session_id}"
    assert clinic.nurse.get(path)["baseline"]["oxygen"] == oxygen
    assert clinic.nurse.get(f"{path}/readiness")["baseline"]["oxygen"] == oxygen
    assert clinic.nurse.get(f"{path}/assessments")["items"][-1]["baseline"]["oxygen"] == oxygen


@pytest.mark.parametrize(("scale", "score"), [("moaas", 0), ("acvpu", "A"), ("acvpu", "U"), ("rass", -5), ("rass", 4)])
def test_every_scale_of_consciousness_is_taken(clinic, scale, score):
    given = {"scale": scale, "score": score}
    session_id = clinic.plan()
    assert clinic.reading(session_id, -20, consciousness=given)["consciousness"] == given


def test_kept_assessments_come_in_pages_and_each_once(clinic):
    """H5: all of them at once were 17 MB."""
    path = f"/v1/sessions/{clinic.ready()}/assessments"
    whole = clinic.nurse.get(f"{path}?limit=200")
    assert whole["next"] is None
    assert len(whole["items"]) > 2
    paged, place = [], ""
    while place is not None:
        page = clinic.nurse.get(f"{path}?limit=1{place and f'&after={place}'}")
        assert len(page["items"]) == 1
        paged += page["items"]
        place = page["next"]
    assert paged == whole["items"]
    clinic.nurse.problem("GET", f"{path}?after=bm9uZQ", status=422)
