"""Three days after a power cut: a session is charted, signed afterwards, and left at its own time."""

import io
from uuid import uuid4

import pypdf
import pytest

from app.exchange.pack import CheckResult, verify_pack
from tests.api.bodies import at, event, header, reading


def _text(pdf: bytes) -> str:
    return " ".join(" ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


LATER = 3 * 24 * 60
LEFT = 130


@pytest.fixture
def late(clinic):
    """An intranasal session charted at `LATER`, while the patient's session of today is under way."""
    patient_id = clinic.add_patient()
    session_id = clinic.plan(nasal=True, patient_id=patient_id)
    today = clinic.plan(patient_id=patient_id)
    clinic.event(today, LATER - 20, "checked-in")
    path = f"/v1/sessions/{session_id}"
    body = header(patient_id, nasal=True)
    clinic.to(LATER)
    refused = clinic.nurse.problem("PUT", f"{path}/events/{uuid4()}", event(-30, "checked-in"), status=409)
    assert refused["code"] == "other-session-active"
    kept = clinic.nurse.put(path, body | {"had_left_at": at(LEFT)}, expect=200, if_match='"1"')
    assert kept["had_left_at"] == at(LEFT)
    for minutes, kind, detail in (
        (-30, "checked-in", None),
        (0, "nasal-device-given", {"dose_mg": 28, "lot": "L-1"}),
        (5, "nasal-device-given", {"dose_mg": 28, "lot": "L-1"}),
    ):
        clinic.nurse.put(f"{path}/events/{uuid4()}", event(minutes, kind, detail))
    for minutes in (-20, -10, 40, 112, 127):
        clinic.nurse.put(f"{path}/readings/{uuid4()}", reading(minutes))
    clinic.nurse.put(f"{path}/escort", {"name": "A friend", "present": True, "present_at": at(125)})
    return session_id, today


def test_it_is_signed_afterwards_over_what_was_on_the_screen(clinic, late):
    session_id, today = late
    path = f"/v1/sessions/{session_id}"
    seen = clinic.nurse.get(f"{path}/readiness")
    assert (seen["status"], seen["as_of"], seen["had_left_at"], seen["closed"]) == ("met", at(LEFT), at(LEFT), False)
    assert seen["lapses_at"] is seen["earliest_met_at"] is None
    board = {status: clinic.nurse.get(f"/v1/sessions?status={status}")["items"] for status in ("active", "afterwards")}
    assert today in [one["id"] for one in board["active"]]
    assert session_id not in [one["id"] for one in board["active"]]
    (line,) = [one for one in board["afterwards"] if one["id"] == session_id]
    assert (line["had_left_at"], line["due_at"], line["lapses_at"]) == (at(LEFT), None, None)

    clinic.to(LATER + 3)
    said = {"had_left_at": at(LEFT), "examined_by": "Dr. Ada Probe"}
    for without, status, code in (
        ({}, 409, "leaving-differs"),
        ({"had_left_at": at(LEFT)}, 422, "examined-by-needed"),
        (said | {"had_left_at": at(LEFT - 1)}, 409, "leaving-differs"),
    ):
        assert clinic.sign(session_id, expect=status, **without)["code"] == code
    early = {"left_at": at(LEFT), "instructions_given": True}
    assert clinic.nurse.problem("POST", f"{path}/discharge", early, status=409)["code"] == "not-signed"
    signed = clinic.sign(session_id, digest=seen["digest"], **said)
    assert (signed["signed_afterwards"], signed["had_left_at"], signed["signed_at"]) == (True, at(LEFT), at(LATER + 3))
    assert signed["signed_text"].startswith(f"Signed afterwards: the patient had left at {at(LEFT)}.")
    now = {"left_at": at(LATER + 3), "instructions_given": True}
    assert clinic.nurse.problem("POST", f"{path}/discharge", now, status=409)["code"] == "leaving-differs"
    left = clinic.nurse.post(f"{path}/discharge", early)
    assert (left["left_at"], left["signed_afterwards"], left["recorded_at"]) == (at(LEFT), True, at(LATER + 3))
    assert clinic.nurse.get(path)["state"] == "discharged"
    assert clinic.nurse.get(f"/v1/sessions/{today}")["state"] == "checked-in"


def test_the_monitoring_summary_says_both_instants(clinic, late):
    session_id, _ = late
    path = f"/v1/sessions/{session_id}"
    clinic.to(LATER + 3)
    clinic.sign(session_id, had_left_at=at(LEFT), examined_by="Dr. Ada Probe")
    clinic.nurse.post(f"{path}/discharge", {"left_at": at(LEFT), "instructions_given": True})
    fields = {one["id"]: one for one in clinic.nurse.get(f"{path}/monitoring-summary")["fields"]}
    assert fields["minutes"]["value"] == LEFT
    assert (fields["left-at"]["value"], fields["signed-at"]["value"]) == (at(LEFT), at(LATER + 3))
    assert "afterwards: the patient had left at" in fields["signed-at"]["words"]
    printed = _text(clinic.clinician.ask("GET", f"{path}/monitoring-summary.pdf", expect=200).content)
    assert "10 Mar 2026 12:03" in printed
    pack = clinic.clinician.ask("GET", f"{path}/pack", expect=200).content
    assert [line for line in verify_pack(pack) if line.outcome is not CheckResult.HOLDS] == []
    page = _text(clinic.clinician.ask("GET", f"{path}/pack/pdf", expect=200).content)
    assert "10 March 2026, 12:03 (+00:00) (signed afterwards: the patient had left)" in page
    assert "7 March 2026, 14:10 (+00:00)" in page


def test_an_ordinary_signature_speaks_of_no_leaving(clinic):
    session_id = clinic.signed()
    (signed,) = clinic.nurse.get(f"/v1/sessions/{session_id}")["confirmations"]
    assert (signed["signed_afterwards"], signed["had_left_at"], signed["examined_by"]) == (False, None, None)
    clinic.to(105)
    refused = clinic.sign(session_id, expect=409, decision="decline", reason="sways", examined_by="Dr. Ada Probe")
    assert refused["code"] == "leaving-differs"
