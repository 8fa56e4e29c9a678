"""Downtime sheets: everything that is under way on paper, each on a page of its own, and no verdict."""

import io
import re

import pypdf
import pytest

from app.services import downtime
from tests.api.clinic import another_clinic

PATH = "/v1/downtime-sheets.pdf"
VERDICT = re.compile(r"criteria met|not met|cannot tell|ready", re.IGNORECASE)
NAMES = ("{{7*7}}#{7*7} $x$ *b* <b>", "\u05e9\u05e8\u05d4 \u05db\u05d4\u05df", "W" * 200)


@pytest.fixture(scope="module")
def clinic(clinic):
    """A clinic of its own: nobody else's sessions are under way here."""
    return another_clinic(clinic.service)


def pages(clinic):
    answer = clinic.nurse.ask("GET", PATH, expect=200)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages]


def test_with_nobody_here_there_are_the_blank_ones_alone(clinic):
    clinic.discharged()
    clinic.plan(chair="8")
    for sheet, protocol in zip(pages(clinic), ("intranasal-example", "iv-infusion-example"), strict=True):
        assert "Downtime sheet, blank" in sheet
        assert f"Discharge criteria of {protocol}, version 1 (a shipped EXAMPLE)" in sheet
        assert "Family name, given names" in sheet
        assert "Probe" not in sheet


def test_a_sheet_holds_all_that_is_needed_at_the_chair(clinic):
    session_id = clinic.plan(chair="3", patient_id=clinic.add_patient(family_name="Treated", record_number="R-77"))
    clinic.treat(session_id)
    clinic.event(session_id, 45, "medication-given", {"code": "ondansetron", "dose": 4, "unit": "mg", "route": "iv"})
    clinic.event(session_id, 46, "oxygen-started", {"flow_l_min": 2})
    nausea = [{"code": "nausea", "severity": "moderate"}]
    missing = {"diastolic": None, "not_measured": {"diastolic": "cuff fault"}}
    clinic.reading(session_id, 55, systolic=185, symptoms=nausea, **missing)
    clinic.to(60)
    clinic.nurse.put(f"/v1/sessions/{session_id}/escort", {"name": "A friend", "present": False})
    sheet, *blank = pages(clinic)
    assert len(blank) == 2
    for words in (
        "Chair 3: downtime sheet",
        "Treated, Maria",
        "born 1984-03-11",
        "record R-77",
        "as the record stood 7 March 2026, 13:00",
        "iv-infusion-example, version 1 (a shipped EXAMPLE)",
        "recovery since 12:40",
        "Next set due 13:10; overdue after 13:13",
        "Every 10 minutes before the dose, every 10 during it, every 15 after it.",
        "36 mg in all. 12:00 Infusion started: 36 mg, planned for 40 min, lot K-17; 12:40 Infusion stopped",
        "12:45 Medication given: ondansetron 4 mg iv; 12:46 Oxygen started: 2 l/min",
        "Symptoms not yet gone nausea",
        "Escort A friend, not seen here yet",
        "122/78 72 14 98",  # the patient's own
        "185!/n/m",
        "nausea (moderate); diastolic not measured: cuff fault",
        "Heart rate is within 20 % of the patient's own baseline, and from 50 to 110 /min.",
        "At least 60 minutes since the end of the infusion.",
        "An escort is named, and was seen here after the dose ended.",
        "a clinician examines the patient and signs",
        "Each is kept with its own time and marked as typed late.",
        f"Session {session_id}",
        "Sheet 1 of 3",
    ):
        assert words in sheet, words
    assert not VERDICT.search(sheet)
    assert VERDICT.search("Criteria met"), "a control"
    audited = [one for one in clinic.auditor.get("/v1/audit")["items"] if one["action"] == "downtime-sheet.read"]
    assert [(one["session_id"], one["actor"]["name"]) for one in audited] == [(session_id, clinic.nurse.name)]
    clinic.event(session_id, 61, "left-against-advice")


def test_names_stay_what_they_are(clinic):
    made = []
    for number, name in enumerate(NAMES):
        session_id = clinic.plan(
            chair=str(number + 9), patient_id=clinic.add_patient(family_name=name, given_name="Ada")
        )
        clinic.event(session_id, -30, "checked-in")
        made.append(session_id)
    *short, long, its_second, _, _ = pages(clinic)
    for number, (sheet, name) in enumerate(zip([*short, long], NAMES, strict=True)):
        assert sheet.startswith(f"Chair {number + 9}: downtime sheet")
        if name.isascii():
            assert name.replace(" ", "") in sheet.replace("\u200b", "").replace(" ", "")
    # what does not fit goes on over the page, which says whose it is
    assert its_second.replace("\u200b", "").startswith(f"{NAMES[-1][:60]}…, born 1984-03-11, record ")
    assert f"Sheet {len(NAMES)} of {len(NAMES) + 2}, page 2" in its_second
    for session_id in made:
        clinic.event(session_id, -5, "left-against-advice")


def test_a_record_that_cannot_be_read_keeps_nobody_elses_sheet(clinic):
    broken, whole = clinic.plan(chair="1"), clinic.plan(chair="2", cleared=False)
    for session_id in (broken, whole):
        clinic.event(session_id, -30, "checked-in")
    clinic.reading(whole, -20)
    look = downtime.readiness.look

    def fails(work, record):
        if str(record.id) == broken:
            raise ValueError(record.id)
        return look(work, record)

    with clinic.service.broken() as patch:
        patch.setattr(downtime.readiness, "look", fails)
        first, second, *_ = pages(clinic)
    assert "The record of this session cannot be read now" in first
    assert "Probe, Maria" in first
    for words in (
        "Phase baseline since 11:30",
        "Baseline At least 2 readings before the dose",
        "Dose so far none on record",
        "no dose on record yet; not known in full",
        "Before a dose answer the eight exclusions; a clinician must clear the course or this session; 1 of 2 baseline",
        "Baseline heart rate: A baseline reading below 50 or above 110 /min is not sound until a clinician accepts it.",
    ):
        assert words in second, words
    for session_id in (broken, whole):
        clinic.event(session_id, -5, "left-against-advice")
