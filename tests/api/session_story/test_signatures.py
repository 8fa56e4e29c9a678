"""Decisions, what arrives after them, and the way out."""

from uuid import UUID, uuid4

import pytest

from tests.api.bodies import at, event, reading


def leave(clinic, session_id, minutes, **expected):
    clinic.to(minutes)
    body = {"left_at": at(minutes), "instructions_given": True}
    return clinic.nurse.ask("POST", f"/v1/sessions/{session_id}/discharge", body, **expected)


def test_nobody_leaves_unsigned(clinic):
    session_id = clinic.ready()
    assert leave(clinic, session_id, 104, expect=409).json()["code"] == "not-signed"


def test_a_decline_keeps_its_reason_and_lets_nobody_leave(clinic):
    session_id = clinic.ready()
    signed = clinic.sign(session_id, decision="decline", reason="pale, wants to sit longer")
    # made by the service, because none was given
    assert UUID(signed["id"]).version == 7
    assert (signed["decision"], signed["reason"], signed["named"]) == ("decline", "pale, wants to sit longer", [])
    assert "pale, wants to sit longer" in signed["signed_text"]
    assert leave(clinic, session_id, 104, expect=409).json()["code"] == "not-signed"
    # a newer set is a newer assessment: it can be confirmed
    clinic.reading(session_id, 110)
    clinic.sign(session_id)
    leave(clinic, session_id, 112, expect=201)


def test_an_override_names_each_criterion_it_takes_responsibility_for(clinic):
    session_id = clinic.treated()
    clinic.recover(session_id)
    clinic.reading(session_id, 104, gait_steady=None, heart_rate=112)
    signed = clinic.sign(session_id, decision="override", reason="uses a wheelchair; runs before work")
    assert set(signed["named"]) == {"heart-rate-recovered", "gait-steady", "sustained"}
    assert all(name in signed["signed_text"] for name in signed["named"])
    leave(clinic, session_id, 106, expect=201)


def test_an_override_covers_no_more_than_it_names(clinic):
    session_id = clinic.treated()
    clinic.recover(session_id)
    clinic.reading(session_id, 104, gait_steady=False)
    clinic.sign(session_id, decision="override", reason="uses a wheelchair")
    clinic.reading(session_id, 106, gait_steady=False, dissociation={"grade": "mild"})
    clinic.to(107)
    notices = clinic.nurse.get(f"/v1/sessions/{session_id}")["notices"]
    for notice in notices:
        path = f"/v1/sessions/{session_id}/notices/{notice['id']}/acknowledge"
        clinic.clinician.post(path, {"note": "seen"}, expect=200)
    refused = leave(clinic, session_id, 108, expect=409).json()
    assert (refused["code"], refused["criteria"]) == ("signature-outdated", ["dissociation-absent"])


def test_a_signature_outlives_a_mere_lapse_for_the_protocols_minutes(clinic):
    session_id = clinic.signed()
    # fresh ended at 122; the signature of 104 holds for thirty minutes
    assert leave(clinic, session_id, 134, expect=409).json()["code"] == "signature-outdated"
    leave(clinic, session_id, 133, expect=201)


def test_leaving_needs_an_escort_who_is_here_and_comes_after_the_signature(clinic):
    session_id = clinic.signed()
    path = f"/v1/sessions/{session_id}"
    clinic.to(105)
    early = {"left_at": at(103), "instructions_given": True}
    refused = clinic.nurse.problem("POST", f"{path}/discharge", early, status=422)
    assert (refused["code"], refused["errors"][0]["field"]) == ("left-before-signed", "left_at")
    clinic.nurse.put(f"{path}/escort", {"name": "A friend", "present": False}, expect=200, if_match='"1"')
    body = {"left_at": at(105), "instructions_given": True}
    gone = clinic.nurse.problem("POST", f"{path}/discharge", body, status=409)
    assert gone["code"] in {"escort-missing", "notice-open"}


def test_late_information_never_alters_a_signature_and_stands_until_somebody_acknowledges_it(clinic):
    session_id, notice_id = clinic.noticed()
    path = f"/v1/sessions/{session_id}"
    record = clinic.nurse.get(path)
    notice, signed = record["notices"][0], record["confirmations"][0]
    assert notice["kind"] == "information-arrived-after-signing"
    assert (notice["signer_id"], notice["confirmation_id"]) == (clinic.clinician.id, signed["id"])
    assert notice["acknowledged"] is None
    assert signed["information_arrived_after_signing"]
    assert signed["decision"] == "confirm"
    assert leave(clinic, session_id, 107, expect=409).json()["code"] == "notice-open"
    acknowledge = f"{path}/notices/{notice_id}/acknowledge"
    # somebody else says why
    other = clinic.hire("clinician")
    assert other.problem("POST", acknowledge, {}, status=422)["errors"][0]["field"] == "note"
    seen = clinic.clinician.post(acknowledge, {}, expect=200)
    assert seen["acknowledged"]["recorded_by"]["name"] == clinic.clinician.name
    assert clinic.clinician.post(acknowledge, {}, expect=200) == seen
    assert other.problem("POST", acknowledge, {"note": "too"}, status=409)["code"] == "already-acknowledged"
    # seen, but what was signed no longer holds
    assert leave(clinic, session_id, 107, expect=409).json()["code"] == "signature-outdated"


def test_another_clinician_acknowledges_with_a_reason(clinic):
    session_id, notice_id = clinic.noticed()
    path = f"/v1/sessions/{session_id}/notices/{notice_id}/acknowledge"
    seen = clinic.hire("clinician").post(path, {"note": "the signer has gone home"}, expect=200)
    assert seen["acknowledged"]["note"] == "the signer has gone home"


def test_an_unknown_notice_is_not_found(clinic):
    session_id, _ = clinic.noticed()
    path = f"/v1/sessions/{session_id}/notices/{uuid4()}/acknowledge"
    assert clinic.clinician.problem("POST", path, {}, status=404)["code"] == "no-such-notice"


def notices_after(clinic, session_id, method, path, body, expect):
    clinic.to(115)
    clinic.nurse.ask(method, f"/v1/sessions/{session_id}{path}", body, expect=expect)
    return clinic.nurse.get(f"/v1/sessions/{session_id}")["notices"]


@pytest.mark.parametrize("what", ["addendum", "addendum with reading", "correction", "void", "void of an event"])
def test_a_closed_session_takes_addenda_corrections_and_voids_and_says_so_to_the_signer(clinic, what):
    session_id = clinic.discharged()
    record = clinic.nurse.get(f"/v1/sessions/{session_id}")
    reading_id, event_id = record["readings"][-1]["id"], record["events"][0]["id"]
    late = event(110, "addendum", {"text": "found on paper", "reading": reading(97, systolic=146)})
    ways = {
        "addendum": ("PUT", f"/events/{uuid4()}", event(110, "addendum", {"text": "rang: well"}), 201),
        "addendum with reading": ("PUT", f"/events/{uuid4()}", late, 201),
        "correction": (
            "POST",
            f"/readings/{reading_id}/corrections",
            {"reason": "misread", "reading": reading(102, heart_rate=75)},
            201,
        ),
        "void": ("POST", f"/readings/{reading_id}/void", {"reason": "another patient's"}, 201),
        "void of an event": ("POST", f"/events/{event_id}/void", {"reason": "typed twice"}, 201),
    }
    notices = notices_after(clinic, session_id, *ways[what])
    assert [notice["kind"] for notice in notices] == ["information-arrived-after-closing"]
    assert notices[0]["signer_id"] == clinic.clinician.id
    after = clinic.nurse.get(f"/v1/sessions/{session_id}")
    assert after["state"] == "discharged"
    assert after["discharge"] == record["discharge"]
    assert after["confirmations"][0]["signed_text"] == record["confirmations"][0]["signed_text"]
    if what == "addendum with reading":
        kept = next(one for one in after["events"] if one["kind"] == "addendum")
        assert kept["detail"]["reading"]["systolic"] == 146
        assert len(after["readings"]) == len(record["readings"])


def test_a_late_reading_belongs_in_an_addendum_only_once_the_session_is_closed(clinic):
    session_id = clinic.treated()
    late = event(40, "addendum", {"text": "x", "reading": reading(39)})
    path = f"/v1/sessions/{session_id}/events/{uuid4()}"
    assert clinic.nurse.problem("PUT", path, late, status=409)["code"] == "session-open"


@pytest.mark.parametrize("kind", ["cancelled", "transferred", "left-against-advice"])
def test_every_way_out_closes(clinic, kind):
    session_id = clinic.plan()
    clinic.event(session_id, -30, "checked-in")
    clinic.event(session_id, -20, kind, {"to": "City hospital"} if kind == "transferred" else None)
    record = clinic.nurse.get(f"/v1/sessions/{session_id}")
    assert (record["state"], record["discharge"], record["readiness"]["closed"]) == (kind, None, True)
    refused = clinic.nurse.problem("PUT", f"/v1/sessions/{session_id}/readings/{uuid4()}", reading(-20), status=409)
    assert (refused["code"], refused["state"]) == ("session-closed", kind)
