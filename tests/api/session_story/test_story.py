"""The main job over HTTP, exactly as the contract spells it: from the patient's entry to a signed discharge."""

from uuid import uuid4

from tests.api import bodies
from tests.api import clinic as made
from tests.api.bodies import PASSWORD, at, event, reading

CRITERIA = {  # the permanent ids, written by hand
    "dose-finished",
    "clocks-certain",
    "minutes-since-dose",
    "baseline-sound",
    "heart-rate-recovered",
    "systolic-recovered",
    "diastolic-recovered",
    "respiratory-rate-recovered",
    "spo2-recovered",
    "consciousness-recovered",
    "dissociation-absent",
    "gait-steady",
    "orientated",
    "sustained",
    "fresh",
    "symptoms-settled",
    "medication-settled",
    "concerns-acknowledged",
    "escort-present",
    "tablets-in-step",
}


def outcomes(readiness):
    return {finding["criterion"]: finding["outcome"] for finding in readiness["findings"]}


def test_signing_in_tells_who_one_is(clinic):
    body = {"username": clinic.nurse.username, "password": PASSWORD}
    answer = clinic.service.send("POST", "/v1/sign-in", body).json()
    assert set(answer) == {"access_token", "expires_at", "staff", "clinic", "author_ticket", "password_must_change"}
    assert answer["staff"] == {
        "id": clinic.nurse.id,
        "username": clinic.nurse.username,
        "name": clinic.nurse.name,
        "role": "nurse",
        "clinic": clinic.name,
    }


def test_an_infusion_from_check_in_to_a_signed_discharge(clinic):
    nurse, clinician = clinic.nurse, clinic.clinician
    clinic.to(-60)

    # the patient, the course, the session
    patient_id, course_id, session_id = (str(uuid4()) for _ in range(3))
    who = bodies.patient(family_name="Wood", given_name="Ines", birth_date="1979-10-02", sex="female")
    kept = nurse.put(f"/v1/patients/{patient_id}", who)
    assert {name: kept[name] for name in who} == who
    course = {"patient_id": patient_id, "planned_sessions": 6, "interval_days": 3, "note": "first series"}
    nurse.put(f"/v1/courses/{course_id}", course)
    until = {"until": at(24 * 60), "note": "seen today"}
    assert clinician.put(f"/v1/courses/{course_id}/clearance", until)["until"] == at(24 * 60)

    path = f"/v1/sessions/{session_id}"
    header = bodies.header(patient_id, chair="4", planned_at=at(0), course_id=course_id, weight_kg=61.125)
    planned = nurse.put(path, header)
    assert {name: planned[name] for name in header} == header
    record = nurse.get(path)
    assert (record["state"], record["phase"], record["demo"]) == ("planned", None, False)
    assert record["course"]["planned_sessions"] == 6
    assert record["course_clearance"]["until"] == at(24 * 60)
    assert record["clearance"] is None
    assert outcomes(record["readiness"])["dose-finished"] == "unknown"

    # the gate: no dose without screening, though the course is cleared
    clinic.to(-40)
    start = event(-40, "infusion-started", {"dose_mg": 30.5, "planned_minutes": 40, "lot": "K-17"})
    refused = nurse.problem("PUT", f"{path}/events/{uuid4()}", start, status=409)
    assert refused["code"] == "start-gate"
    assert [error["field"] for error in refused["errors"]] == ["screening"]
    screening = nurse.put(f"{path}/screening", bodies.screening())
    assert screening["answers"] == bodies.answers()

    # the dose
    clinic.event(session_id, -30, "checked-in")
    assert nurse.get(path)["state"] == "checked-in"
    first = clinic.reading(session_id, -20, heart_rate=70)
    assert (first["phase"], first["revision"], first["revisions"], first["void"]) == ("baseline", 1, 1, None)
    clinic.reading(session_id, -10, heart_rate=73)
    started = clinic.event(session_id, 0, "infusion-started", {"dose_mg": 30.5, "planned_minutes": 40, "lot": "K-17"})
    assert started["detail"] == {"dose_mg": 30.5, "planned_minutes": 40, "lot": "K-17"}
    record = nurse.get(path)
    assert (record["state"], record["phase"], record["phase_since"]) == ("infusing", "infusion", at(0))
    clinic.event(session_id, 5, "rate-changed", {"rate_ml_h": 47.25})
    during = clinic.reading(
        session_id,
        10,
        systolic=151,
        oxygen={"kind": "supplemental", "flow_l_min": 2.5},
        dissociation={
            "grade": "moderate",
            "instrument": "cadss-6",
            "version": "2021",
            "items": dict.fromkeys(("1", "2", "6", "7", "15", "22"), 2),
        },
        symptoms=[{"code": "nausea", "severity": "moderate", "onset": at(8)}],
        gait_steady=None,
        orientated=False,
        note="eyes closed,\nsmiling",
    )
    assert during["phase"] == "infusion"
    assert during["dissociation"]["score"] == 12
    assert during["oxygen"] == {"kind": "supplemental", "flow_l_min": 2.5}
    assert during["symptoms"] == [{"code": "nausea", "severity": "moderate", "onset": at(8)}]
    assert (during["gait_steady"], during["orientated"], during["note"]) == (None, False, "eyes closed,\nsmiling")
    clinic.event(session_id, 12, "infusion-paused")
    clinic.event(session_id, 15, "infusion-resumed")
    clinic.event(session_id, 20, "medication-given", {"code": "ondansetron", "dose": 4, "unit": "mg", "route": "iv"})
    clinic.event(session_id, 40, "infusion-stopped")
    record = nurse.get(path)
    assert (record["state"], record["phase"], record["phase_since"]) == ("recovering", "recovery", at(40))
    assert record["due"] == {"due_at": at(55), "overdue_at": at(58)}

    # recovery
    clinic.event(session_id, 50, "symptom-resolved", {"code": "nausea"})
    clinic.to(60)
    escort = nurse.put(f"{path}/escort", {"name": "Ben Wood", "relationship": "brother", "present": True})
    assert (escort["present"], escort["present_at"]) == (True, at(60))
    clinic.reading(session_id, 75, heart_rate=75)
    readiness = nurse.get(f"{path}/readiness")
    assert set(outcomes(readiness)) == CRITERIA
    assert (readiness["status"], outcomes(readiness)["sustained"]) == ("not-met", "not-met")
    assert readiness["earliest_met_at"] == at(100)
    assert readiness["lapses_at"] is None
    clinic.reading(session_id, 90, heart_rate=70)
    newest = clinic.reading(session_id, 103, heart_rate=71)

    # the flag
    readiness = nurse.get(f"{path}/readiness")
    assert readiness["status"] == "met"
    assert (readiness["as_of"], readiness["lapses_at"], readiness["closed"]) == (at(103), at(123), False)
    assert readiness["protocol"]["id"] == "iv-infusion-example"
    assert readiness["baseline"]["vitals"]["heart_rate"]["shown"] == 72
    for finding in readiness["findings"]:
        assert finding["outcome"] == "met"
        assert finding["because"]
        assert finding["limits"] is not None
    rate = next(one for one in readiness["findings"] if one["criterion"] == "heart-rate-recovered")
    assert {"kind": "reading", "id": newest["id"], "revision": 1} in rate["rests_on"]
    record = nurse.get(path)
    assert record["readiness"] == readiness
    assert record["baseline"] == readiness["baseline"]

    # the signature and the door
    clinic.to(105)
    signed = clinic.sign(session_id, own_assessment="alert; walked to the door and back")
    assert (signed["decision"], signed["digest"]) == ("confirm", readiness["digest"])
    assert signed["signed_by"] == {"staff_id": clinician.id, "name": clinician.name, "role": "clinician"}
    assert "alert; walked to the door and back" in signed["signed_text"]
    clinic.to(115)
    leaving = {"left_at": at(114), "instructions_given": True, "note": "walking well"}
    left = nurse.post(f"{path}/discharge", leaving)
    assert {name: left[name] for name in leaving} == leaving
    assert left["ready_at"] == at(100)
    assert nurse.post(f"{path}/discharge", leaving, expect=200) == left

    # the whole record
    record = nurse.get(path)
    assert (record["state"], record["due"], record["readiness"]["closed"]) == ("discharged", None, True)
    assert record["readiness"]["status"] == "met"
    assert len(record["events"]) == 8
    assert [one["at"] for one in record["events"]] == sorted(one["at"] for one in record["events"])
    assert [one["phase"] for one in record["readings"]] == ["baseline"] * 2 + ["infusion"] + ["recovery"] * 3
    assert [one["id"] for one in record["confirmations"]] == [signed["id"]]
    assert (record["notices"], record["discharge"]) == ([], left)
    assert record["escort"]["name"] == "Ben Wood"


def test_a_nasal_session(clinic):
    nurse = clinic.nurse
    session_id = clinic.plan(nasal=True)
    path = f"/v1/sessions/{session_id}"
    clinic.event(session_id, -30, "checked-in")
    clinic.reading(session_id, -20)
    clinic.reading(session_id, -10)
    first = clinic.event(session_id, 0, "nasal-device-given", {"dose_mg": 28, "lot": "S-1"})
    assert first["detail"] == {"dose_mg": 28, "lot": "S-1"}
    assert nurse.get(path)["state"] == "recovering"
    clinic.event(session_id, 5, "nasal-device-given", {"dose_mg": 28})
    assert nurse.get(path)["phase_since"] == at(5)
    clinic.reading(session_id, 40, systolic=139, dissociation={"grade": "mild"})
    clinic.to(90)
    nurse.put(f"{path}/escort", {"name": "A friend", "present": True})
    for minutes in (95, 110):
        clinic.reading(session_id, minutes)
    readiness = nurse.get(f"{path}/readiness")
    assert (readiness["status"], outcomes(readiness)["minutes-since-dose"]) == ("not-met", "not-met")
    clinic.reading(session_id, 124)
    readiness = nurse.get(f"{path}/readiness")
    assert readiness["status"] == "met"
    clinic.to(125)
    clinic.sign(session_id)
    clinic.to(130)
    nurse.post(f"{path}/discharge", {"left_at": at(130), "instructions_given": True})
    assert nurse.get(path)["state"] == "discharged"


def test_the_status_is_cannot_tell_where_something_is_unknown(clinic):
    session_id = clinic.treated()
    clinic.recover(session_id)
    clinic.reading(session_id, 105, spo2=None, oxygen=None, not_measured={"spo2": "probe fault"})
    readiness = clinic.nurse.get(f"/v1/sessions/{session_id}/readiness")
    assert (readiness["status"], outcomes(readiness)["spo2-recovered"]) == ("cannot-tell", "unknown")


def test_a_flag_is_raised_withdrawn_and_raised_again_and_all_of_it_is_kept(clinic):
    session_id = clinic.ready()
    path = f"/v1/sessions/{session_id}"
    worse = clinic.reading(session_id, 105, dissociation={"grade": "mild"})
    assert clinic.nurse.get(f"{path}/readiness")["status"] == "not-met"
    clinic.to(107)
    clinic.nurse.post(f"{path}/readings/{worse['id']}/void", {"reason": "another patient's"})
    assert clinic.nurse.get(f"{path}/readiness")["status"] == "met"
    # the set at 102 lapses twenty minutes later, to the second, whenever somebody looks
    clinic.to(400)
    kept = clinic.nurse.get(f"{path}/assessments")
    assert kept["next"] is None
    changes = [(one["change"], one["as_of"]) for one in kept["items"] if one["change"]]
    assert changes == [("raised", at(102)), ("withdrawn", at(105)), ("raised", at(107)), ("withdrawn", at(122))]
    assert [one["number"] for one in kept["items"]] == list(range(1, len(kept["items"]) + 1))
    assert len({one["digest"] for one in kept["items"]}) == len(kept["items"])


def test_a_change_that_changes_nothing_keeps_no_assessment(clinic):
    session_id = clinic.ready()
    path = f"/v1/sessions/{session_id}"
    before = clinic.nurse.get(f"{path}/assessments")["items"]
    clinic.to(110)
    assert clinic.nurse.get(f"{path}/readiness")["digest"] == before[-1]["digest"]
    assert clinic.nurse.get(f"{path}/assessments")["items"] == before


def test_charted_afterwards_in_any_order_gives_what_charting_live_gave(clinic, tmp_path_factory, sqlite_template):
    """The same facts under the same ids, in two services: once as they happen, once two hours later and shuffled."""
    facts = [
        ("events", event(-30, "checked-in")),
        ("readings", reading(-20)),
        ("readings", reading(-10, heart_rate=76)),
        ("events", event(0, "infusion-started", {"dose_mg": 36, "planned_minutes": 40})),
        ("readings", reading(20, systolic=140, dissociation={"grade": "severe"})),
        ("events", event(40, "infusion-stopped")),
        ("readings", reading(55, symptoms=[{"code": "nausea", "severity": "severe"}])),
        ("events", event(57, "medication-given", {"code": "ondansetron", "dose": 4, "unit": "mg"})),
        ("events", event(66, "symptom-resolved", {"code": "nausea"})),
        ("readings", reading(70)),
        ("readings", reading(84)),
    ]
    ids = [str(uuid4()) for _ in facts]
    instants = [bodies.instant(body.get("at") or body["measured_at"]) for _, body in facts]
    minutes = [(one - bodies.NOON).total_seconds() / 60 for one in instants]
    live = clinic.plan()
    for (kind, body), fact_id, minute in zip(facts, ids, minutes, strict=True):
        clinic.to(minute)
        clinic.nurse.put(f"/v1/sessions/{live}/{kind}/{fact_id}", body)
    with made.clinic_on("sqlite", tmp_path_factory, sqlite_template) as other:
        afterwards = other.plan(session_id=live)
        other.to(90)
        shuffled = sorted(zip(facts, ids, strict=True), key=lambda fact: fact[1])
        for repeat in (201, 200):
            for (kind, body), fact_id in shuffled:
                other.nurse.put(f"/v1/sessions/{afterwards}/{kind}/{fact_id}", body, expect=repeat)
        other.to(100)
        clinic.to(100)
        for here, session_id in ((clinic, live), (other, afterwards)):
            here.nurse.put(f"/v1/sessions/{session_id}/escort", {"name": "A friend", "present": True})
        first = clinic.nurse.get(f"/v1/sessions/{live}/readiness")
        second = other.nurse.get(f"/v1/sessions/{afterwards}/readiness")
    assert first["as_of"] == second["as_of"] == at(100)
    for a, b in zip(first["findings"], second["findings"], strict=True):
        assert a == b
    assert first == second
