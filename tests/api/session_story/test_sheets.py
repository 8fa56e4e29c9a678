"""Sheets: the same content again is a repeat, a change names what it was made from, every revision stays in sight."""

from uuid import uuid4

import pytest

from tests.api import bodies
from tests.api import clinic as made
from tests.api.bodies import PASSWORD, at
from tests.tablets_made import known

NAMES = (
    "patient",
    "course",
    "course clearance",
    "session",
    "screening",
    "clearance",
    "form answers",
    "programme",
    "escort",
)


def sheets(clinic):
    """Each sheet of the session's contract: (path, first content, another content, who puts it)."""
    session_id = clinic.plan(cleared=False)
    patient_id, course_id = clinic.add_patient(), str(uuid4())
    clinic.nurse.put(f"/v1/courses/{course_id}", {"patient_id": patient_id, "planned_sessions": 6})
    header = bodies.header(patient_id)
    course = {"patient_id": patient_id, "planned_sessions": 6}
    session = f"/v1/sessions/{session_id}"
    return {
        "patient": (f"/v1/patients/{uuid4()}", bodies.patient(), {"family_name": "Other"}, clinic.nurse),
        "course": (f"/v1/courses/{uuid4()}", course, {"planned_sessions": 8}, clinic.nurse),
        "course clearance": (f"/v1/courses/{course_id}/clearance", {"note": "a"}, {"note": "b"}, clinic.clinician),
        "session": (f"/v1/sessions/{uuid4()}", header, {"chair": "9", "weight_kg": 71}, clinic.nurse),
        "screening": (
            f"{session}/screening",
            bodies.screening(),
            bodies.screening(pregnancy=True),
            clinic.nurse,
        ),
        "clearance": (f"{session}/clearance", {"note": "a"}, {"note": "b"}, clinic.clinician),
        "form answers": (
            f"/v1/sessions/{clinic.plan(nasal=True)}/form-answers",
            {"monitored_by": "A"},
            {"monitored_by": "B", "medicines": {"maois": "no"}},
            clinic.nurse,
        ),
        "programme": (f"/v1/patients/{patient_id}/programme", {"enrolled": "no"}, {"enrolled": "yes"}, clinic.nurse),
        "escort": (
            f"{session}/escort",
            {"name": "A", "present": False},
            {"name": "B", "relationship": "aunt"},
            clinic.nurse,
        ),
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_sheet_is_revised_only_from_what_was_seen(clinic, name):
    clinic.to(-60)
    path, first, change, who = sheets(clinic)[name]
    other = first | change
    created = who.ask("PUT", path, first, expect=201)
    assert created.headers["etag"] == '"1"'
    # the same again is a repeat, with or without If-Match, even with an old one
    for headers in ({}, {"If-Match": '"1"'}, {"If-Match": '"7"'}):
        again = who.ask("PUT", path, first, expect=200, headers=headers)
        assert (again.json(), again.headers["etag"]) == (created.json(), '"1"')
    # a change
    assert who.problem("PUT", path, other, status=428)["current_revision"] == 1
    assert who.problem("PUT", path, other, status=412, headers={"If-Match": '"2"'})["code"] == "precondition-failed"
    revised = who.ask("PUT", path, other, expect=200, headers={"If-Match": 'W/"1"'})
    assert (revised.headers["etag"], revised.json()["revision"]) == ('"2"', 2)
    third = who.problem("PUT", path, first, status=412, headers={"If-Match": '"1"'})
    assert third["current_revision"] == 2


def test_nothing_is_created_by_a_change(clinic):
    clinic.to(-60)
    path, first, _, who = sheets(clinic)["patient"]
    assert who.problem("PUT", path, first, status=412, headers={"If-Match": '"1"'})["code"] == "precondition-failed"


@pytest.mark.parametrize("name", NAMES)
def test_the_history_shows_every_revision(clinic, name):
    clinic.to(-60)
    path, first, change, who = sheets(clinic)[name]
    who.put(path, first)
    who.put(path, first | change, expect=200, if_match='"1"')
    items = who.get(f"{path}/history")["items"]
    field = next(iter(change))
    assert [(item["revision"], item[field]) for item in items] == [(1, first[field]), (2, change[field])]
    assert [item["recorded_by"]["name"] for item in items] == [who.name] * 2


def test_the_etag_of_a_whole_look_names_the_header_s_revision_too(clinic):
    clinic.to(-60)
    path, header, change, who = sheets(clinic)["session"]
    who.put(path, header)
    etag = who.ask("GET", path, expect=200).headers["etag"]
    assert etag.startswith('W/"1.')
    assert who.put(path, header | change, expect=200, if_match=etag)["revision"] == 2
    assert who.ask("PUT", path, header, headers={"If-Match": etag}).status_code == 412


def test_patient_route_and_protocol_are_pinned_when_the_session_is_put(clinic):
    clinic.to(-60)
    path, header, _, who = sheets(clinic)["session"]
    who.put(path, header)
    for field, change in {
        "patient_id": {"patient_id": clinic.add_patient()},
        "route": {"route": "intranasal"},
        "protocol_version": {"protocol": {"id": "iv-infusion-example", "version": 2}},
        "protocol_id": {"protocol": {"id": "intranasal-example", "version": 1}},
    }.items():
        refused = who.problem("PUT", path, header | change, status=409, headers={"If-Match": '"1"'})
        assert (refused["code"], [error["field"] for error in refused["errors"]]) == ("session-pinned", [field])


def test_a_session_needs_its_patient_its_course_and_an_approved_protocol_of_its_route(clinic):
    clinic.to(-60)
    patient_id, other_patient = clinic.add_patient(), clinic.add_patient()
    course_id = str(uuid4())
    clinic.nurse.put(f"/v1/courses/{course_id}", {"patient_id": other_patient, "planned_sessions": 6})
    path = f"/v1/sessions/{uuid4()}"
    for status, code, field, change in [
        (404, "no-such-patient", "patient_id", {"patient_id": str(uuid4())}),
        (404, "no-such-course", "course_id", {"course_id": str(uuid4())}),
        (404, "no-such-course", "course_id", {"course_id": course_id}),
        (404, "no-such-protocol", None, {"protocol": {"id": "iv-infusion-example", "version": 77}}),
        (409, "protocol-for-other-route", "protocol", {"route": "intranasal"}),
    ]:
        refused = clinic.nurse.problem("PUT", path, bodies.header(patient_id) | change, status=status)
        assert refused["code"] == code
        assert field is None or field in [error["field"] for error in refused["errors"]]


def test_an_example_is_unusable_until_somebody_of_the_clinic_approves_it_by_name(clinic):
    clinic.to(-60)
    stranger = made.another_clinic(clinic.service)
    listed = stranger.nurse.get("/v1/protocols")["items"]
    assert {item["status"] for item in listed} == {"approved"}
    assert {item["approvals"][0]["by"]["name"] for item in listed} == {stranger.clinician.name}
    assert {item["consciousness_scale"] for item in listed} == {"moaas"}
    version = 2
    document = stranger.lead.get("/v1/protocols/iv-infusion-example/versions/1")["document"] | {"version": version}
    path = f"/v1/protocols/iv-infusion-example/versions/{version}"
    assert stranger.lead.put(path, document)["status"] == "draft"
    header = bodies.header(stranger.patient_id, protocol={"id": "iv-infusion-example", "version": version})
    refused = stranger.nurse.problem("PUT", f"/v1/sessions/{uuid4()}", header, status=409)
    assert refused["code"] == "protocol-not-approved"
    stranger.clinician.approve("iv-infusion-example", 2)
    stranger.nurse.put(f"/v1/sessions/{uuid4()}", header)
    changed = document | {"signature": {"minutes": 20, "source": "x"}}
    immutable = stranger.lead.problem("PUT", path, changed, status=409, headers={"If-Match": '"1"'})
    assert immutable["code"] == "protocol-immutable"


# --- the start gate --------------------------------------------------------------------------------------------------


def start(clinic, session_id, minutes=0):
    clinic.to(minutes)
    path = f"/v1/sessions/{session_id}/events/{uuid4()}"
    body = bodies.event(minutes, "infusion-started", {"dose_mg": 36})
    answer = clinic.nurse.ask("PUT", path, body)
    return answer.status_code, [error["field"] for error in answer.json().get("errors") or []]


def test_no_dose_without_screening_and_clearance(clinic):
    session_id = clinic.plan(cleared=False)
    path = f"/v1/sessions/{session_id}"
    assert start(clinic, session_id) == (409, ["screening", "clearance"])
    clinic.nurse.put(f"{path}/screening", bodies.screening(pregnancy=True, history_of_psychosis=True))
    present = ["screening.answers.history-of-psychosis", "screening.answers.pregnancy"]
    assert start(clinic, session_id) == (409, [*present, "clearance"])
    clinic.clinician.put(f"{path}/clearance", {"note": "seen"})
    assert start(clinic, session_id) == (409, present)
    one = {"exclusions": ["pregnancy"], "reason": "test repeated: negative", "password": PASSWORD}
    signed = clinic.clinician.post(f"{path}/screening/override", one)
    assert (signed["exclusions"], signed["reason"]) == (["pregnancy"], one["reason"])
    assert signed["recorded_by"]["name"] == clinic.clinician.name
    assert clinic.clinician.post(f"{path}/screening/override", one, expect=200) == signed
    assert start(clinic, session_id) == (409, present[:1])
    other = {"exclusions": ["history-of-psychosis"], "reason": "a cousin's, not theirs", "password": PASSWORD}
    clinic.clinician.post(f"{path}/screening/override", other)
    assert start(clinic, session_id) == (201, [])
    assert [held["reason"] for held in clinic.nurse.get(path)["overrides"]] == [one["reason"], other["reason"]]


def test_an_override_needs_the_password_a_reason_and_something_to_override(clinic):
    session_id = clinic.plan(cleared=False)
    path = f"/v1/sessions/{session_id}/screening/override"
    clinic.nurse.put(f"/v1/sessions/{session_id}/screening", bodies.screening(pregnancy=True))
    good = {"exclusions": ["pregnancy"], "reason": "test repeated", "password": PASSWORD}
    for change, status, code in [
        ({"password": "something else entirely"}, 403, "wrong-password"),
        ({"reason": " "}, 422, "malformed"),
        ({"exclusions": []}, 422, "malformed"),
        ({"exclusions": ["asthma"]}, 422, "malformed"),
        ({"exclusions": ["history-of-psychosis"]}, 422, "nothing-to-override"),
    ]:
        assert clinic.clinician.problem("POST", path, good | change, status=status)["code"] == code
    assert clinic.nurse.get(f"/v1/sessions/{session_id}")["overrides"] == []


def test_a_course_that_was_cleared_clears_its_sessions_until_its_end(clinic):
    patient_id, course_id = clinic.add_patient(), str(uuid4())
    clinic.to(-60)
    clinic.nurse.put(f"/v1/courses/{course_id}", {"patient_id": patient_id, "planned_sessions": 6})
    clinic.clinician.put(f"/v1/courses/{course_id}/clearance", {"until": at(0)})
    for minutes, expected in ((0, (201, [])), (1, (409, ["clearance"]))):
        session_id = clinic.plan(cleared=False, patient_id=patient_id, course_id=course_id)
        clinic.nurse.put(f"/v1/sessions/{session_id}/screening", bodies.screening())
        assert start(clinic, session_id, minutes) == expected
        clinic.event(session_id, minutes + 1, "infusion-stopped")
        clinic.event(session_id, minutes + 2, "left-against-advice")


# --- the escort ------------------------------------------------------------------------------------------------------


def test_an_escort_present_without_a_time_is_present_now(clinic):
    session_id = clinic.treated()
    path = f"/v1/sessions/{session_id}/escort"
    clinic.to(50)
    seen = clinic.nurse.put(path, {"name": "A friend", "present": True})
    assert seen["present_at"] == at(50)
    clinic.to(55)
    assert clinic.nurse.put(path, {"name": "A friend", "present": True}, expect=200)["present_at"] == at(50)
    again = clinic.nurse.put(path, {"name": "A friend", "present": True}, expect=200, if_match='"1"')
    assert (again["present_at"], again["revision"]) == (at(55), 2)
    gone = clinic.nurse.put(path, {"name": "A friend", "present": False}, expect=200, if_match='"2"')
    assert (gone["present"], gone["present_at"]) == (False, None)
    named = {"name": "A friend", "relationship": "neighbour", "present": True, "present_at": at(52)}
    assert clinic.nurse.put(path, named, expect=200, if_match='"3"')["present_at"] == at(52)


def test_tablets_are_named_as_the_own_clinic_calls_them(clinic):
    stranger = made.another_clinic(clinic.service)
    shared, theirs = uuid4(), uuid4()
    clinic.lead.put(f"/v1/tablets/{shared}", {"name": "Blue"})
    for tablet_id, name in ((shared, "Not ours"), (theirs, "Theirs")):
        stranger.lead.put(f"/v1/tablets/{tablet_id}", {"name": name})
    named = clinic.nurse.get(f"/v1/sessions/{clinic.plan()}")["tablets"]
    assert named[str(shared)] == "Blue"
    assert str(theirs) not in named


def test_a_heartbeat_says_where_its_open_sessions_stand_and_reads_nothing(clinic):
    session_id, tablet = clinic.ready(), str(uuid4())
    clinic.lead.put(f"/v1/tablets/{tablet}", known(tablet).enrolment("Green"))
    stranger = made.another_clinic(clinic.service)
    reads = f"/v1/audit?session_id={session_id}"
    before = clinic.auditor.get(reads)["items"]
    said = {"unsent": 0, "open_sessions": [session_id, str(uuid4())], "clock_offset_ms": 0}

    def told(person, **other):
        return person.put(f"/v1/tablets/{tablet}/contact", said | other, expect=200)["sessions"]

    first = told(clinic.nurse)
    clinic.to(104)
    (moved,) = told(clinic.clinician)
    assert told(stranger.nurse) == []
    arrival, *others = clinic.auditor.get(reads)["items"]
    assert others == before
    assert (arrival["action"], arrival["subject_id"]) == ("tablet.session-opened", tablet)
    readiness = clinic.nurse.get(f"/v1/sessions/{session_id}/readiness")
    assert first == [{"id": session_id, "readiness": moved["readiness"] | {"lapses_at": at(105)}}]
    assert moved["readiness"] == {name: readiness[name] for name in ("status", "as_of", "lapses_at", "digest")}
    assert moved["readiness"]["status"] == "met"
    assert moved["readiness"]["lapses_at"] == at(106)
    # the pad is open: an unfinished set may be a bad one
    (held,) = told(clinic.nurse, drafts=[session_id])
    assert (held["readiness"]["status"], held["readiness"]["lapses_at"]) == ("not-met", None)
    assert told(clinic.nurse)[0]["readiness"]["status"] == "met"


def test_a_look_from_a_browser_that_nobody_enrolled_changes_no_verdict(clinic):
    session_id, phone = clinic.ready(), uuid4()
    before = clinic.nurse.get(f"/v1/sessions/{session_id}/readiness")
    said = {"unsent": 0, "open_sessions": [session_id], "clock_offset_ms": 0}
    clinic.nurse.put(f"/v1/tablets/{phone}/contact", said, expect=200)
    clinic.to(115)
    after = clinic.nurse.get(f"/v1/sessions/{session_id}/readiness")
    assert after == before | {"earliest_met_at": at(115)}
    assert (after["status"], after["lapses_at"]) == ("met", at(122))
