"""What the service writes while it works: no word and no number of a patient, whatever happens, at whatever level."""

import io
import json
import logging
import sys
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.commands.journal import start_journal
from app.main import create_app
from app.settings import Settings
from tests.api.bodies import PASSWORD, at, confirmation, reading
from tests.api.clinic import clinic_on, made_anew

TYPED = {  # everything typed below that could be told from other text
    "family_name": "Quetzalcoatl",
    "given_name": "Xochitl",
    "birth_date": "1969-12-24",
    "record_number": "RN-77431",
    "chair": "window-seat-9",
    "weight": "61.125",
    "dose": "30.517",
    "rate": "47.253",
    "flow": "2.375",
    "lot": "LOT-88121",
    "note": "hears the sea",
    "escort": "Tonantzin",
    "relationship": "godmother",
    "reason": "misheard the number",
    "medication": "labetalol",
    "own": "walks as on deck",
    "search": "quetzal",
    "password": PASSWORD,
}
WORDS = (*TYPED.values(), "heart_rate", "systolic", "nausea", "MOAA", "moderate")


def story(clinic):
    """A whole session, with refusals on the way."""
    nurse, clinician = clinic.nurse, clinic.clinician
    clinic.to(-60)
    patient_id = str(uuid4())
    person = {name: TYPED[name] for name in ("family_name", "given_name", "birth_date", "record_number")}
    nurse.put(f"/v1/patients/{patient_id}", person)
    nurse.post("/v1/patients/search", {"text": TYPED["search"], "birth_date": TYPED["birth_date"]}, expect=200)
    session_id = clinic.plan(patient_id=patient_id, chair=TYPED["chair"], weight_kg=float(TYPED["weight"]))
    path = f"/v1/sessions/{session_id}"
    clinic.event(session_id, -30, "checked-in")
    clinic.reading(session_id, -20)
    taken = clinic.reading(session_id, -10, note=TYPED["note"])
    dose = {"dose_mg": float(TYPED["dose"]), "lot": TYPED["lot"]}
    clinic.event(session_id, 0, "infusion-started", dose)
    clinic.event(session_id, 5, "rate-changed", {"rate_ml_h": float(TYPED["rate"])})
    clinic.event(session_id, 6, "oxygen-started", {"flow_l_min": float(TYPED["flow"])})
    clinic.event(session_id, 30, "oxygen-stopped")
    clinic.event(session_id, 35, "medication-given", {"code": TYPED["medication"], "dose": 5, "unit": "mg"})
    clinic.event(session_id, 40, "infusion-stopped")
    nausea = [{"code": "nausea", "severity": "moderate"}]
    clinic.reading(session_id, 45, symptoms=nausea, dissociation={"grade": "moderate"})
    clinic.event(session_id, 50, "symptom-resolved", {"code": "nausea"})
    correction = {"reason": TYPED["reason"], "reading": reading(-10, heart_rate=74, note=TYPED["note"])}
    nurse.post(f"{path}/readings/{taken['id']}/corrections", correction)
    escort = {"name": TYPED["escort"], "relationship": TYPED["relationship"], "present": True}
    nurse.put(f"{path}/escort", escort)
    # refused in every way
    wrong = reading(50, heart_rate=9999, note=TYPED["note"]) | {TYPED["lot"]: TYPED["own"]}
    nurse.problem("PUT", f"{path}/readings/{uuid4()}", wrong, status=422)
    nurse.problem("PUT", f"{path}/readings/{taken['id']}", reading(50, note=TYPED["own"]), status=409)
    nurse.problem("PUT", f"{path}/readings/{uuid4()}", raw=json.dumps(wrong)[:-1], status=422)
    nurse.problem("PUT", f"{path}/escort", escort | {"name": "Another"}, status=428)
    clinic.service.send("GET", f"{path}?note={TYPED['own']}")
    clinic.service.send("GET", f"/v1/patients/{TYPED['family_name']}")
    clinician.problem("POST", f"{path}/confirmations", confirmation("0" * 64, password=TYPED["own"]), status=403)
    for minutes in (102, 115):
        clinic.reading(session_id, minutes)
    clinic.to(118)
    clinic.sign(session_id, own_assessment=TYPED["own"])
    leaving = {"left_at": at(118), "instructions_given": True, "note": TYPED["note"]}
    nurse.post(f"{path}/discharge", leaving)
    clinic.auditor.get(path)
    return path


def breakages(clinic, path):
    """The service breaking with patient's values in its hands."""

    def fails(*args, **kwargs):
        raise RuntimeError(f"{args!r} {kwargs!r} {TYPED!r}")

    places = (
        "app.api.session_view.kept_document",
        "app.domain.deciding.readings.check_reading",
        "app.domain.keeping.reading",
        "app.services.session_work.assessment_facts",
        "app.db.work.entry_row",
    )
    session_id = clinic.treated()
    clinic.to(60)
    for place in places:
        with clinic.service.broken() as patch:
            patch.setattr(place, fails)
            body = reading(60, note=TYPED["note"])
            answer = clinic.nurse.ask("PUT", f"/v1/sessions/{session_id}/readings/{uuid4()}", body)
            assert answer.status_code == 500
            clinic.nurse.ask("GET", path)
    with clinic.service.broken() as patch:
        # the database itself refuses a row
        patch.setattr("app.domain.deciding.readings.find", lambda *args: None)
        kept = clinic.nurse.get(path)["readings"][0]
        body = reading(61, note=TYPED["note"])
        clinic.nurse.ask("PUT", f"/v1/sessions/{session_id}/readings/{kept['id']}", body)
    with clinic.service.broken() as patch:
        patch.setattr(sys.modules["app.domain.readiness.assess"], "gather", fails)
        clinic.nurse.put(f"/v1/sessions/{session_id}/readings/{uuid4()}", reading(61.5))
        clinic.nurse.get(f"/v1/sessions/{session_id}")
    with clinic.service.broken() as patch:
        from app.domain.assessment import Criterion
        from app.domain.readiness.rules import RULES

        patch.setitem(RULES, Criterion.FRESH, fails)
        clinic.nurse.put(f"/v1/sessions/{session_id}/readings/{uuid4()}", reading(62))


@pytest.fixture
def journal(monkeypatch):
    """Everything that any part of the process logs, in the form in which the service writes it; at every level."""
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    start_journal(logging.DEBUG)
    # what the client of these tests says of its own requests is not the service's
    for name in ("httpx2", "httpcore2", "httpx", "httpcore"):
        monkeypatch.setattr(logging.getLogger(name), "disabled", True)
    yield written
    root.setLevel(before[0])
    root.handlers[:] = before[1]


class Remembered(logging.Handler):
    """Every record, whole: its message filled in, its arguments, its traceback."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(f"{record.name}: {self.format(record)} {record.__dict__!r}")


def leaks(text):
    return [word for word in WORDS if word in text]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_journal_of_a_whole_story_holds_no_value(engine, journal, tmp_path_factory, sqlite_template):
    with made_anew(engine, tmp_path_factory, sqlite_template, jobs=True) as clinic:
        path = story(clinic)
        breakages(clinic, path)
        address = clinic.service.url
    lines = journal.getvalue().splitlines()
    events = [json.loads(line) for line in lines]
    assert sum(entry["level"] == "error" for entry in events) == 8
    assert {"unexpected", "rule-failed"} <= {entry["event"] for entry in events}
    assert leaks(journal.getvalue()) == []
    assert address not in journal.getvalue()


def test_at_the_level_of_a_running_service_not_even_a_record_holds_one(tmp_path_factory, sqlite_template):
    """Whatever handler somebody hangs behind it: nothing at warning or above carries a value in any part."""
    handler = Remembered()
    handler.setLevel(logging.WARNING)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        with made_anew("sqlite", tmp_path_factory, sqlite_template, jobs=True) as clinic:
            breakages(clinic, story(clinic))
    finally:
        root.removeHandler(handler)
    assert len(handler.lines) > 5
    assert [line for line in handler.lines if leaks(line)] == []


def test_the_journal_of_a_first_run_holds_neither_token_nor_password(journal, database_url, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError(f"{args!r} {kwargs!r} {token}")

    lead = {"username": "lena", "name": "Lena Lead", "password": PASSWORD}
    with TestClient(create_app(Settings(database_url=database_url)), raise_server_exceptions=False) as client:
        token = client.app.state.first_run_token
        body = {"token": token, "clinic": "North Clinic", "lead": lead}
        assert client.get("/v1/first-run").json()["needed"]
        assert client.post("/v1/first-run", json=body | {"token": token[:-1] + "."}).status_code == 403
        with monkeypatch.context() as patch:
            patch.setattr("app.services.clinics.create", fails)
            assert client.post("/v1/first-run", json=body).status_code == 500
        assert client.post("/v1/first-run", json=body).status_code == 201
        assert client.post("/v1/first-run", json=body).status_code == 409
    written = journal.getvalue()
    assert "unexpected" in written
    assert [word for word in (token, token[:-1], PASSWORD, "Lena Lead") if word in written] == []


def test_control_a_value_in_a_log_is_noticed(journal):
    log = logging.getLogger("app.services.readings")
    # the journal keeps its own words and drops what was filled in
    log.error("kept %s", TYPED["note"], extra={"note": TYPED["note"], "route": "/v1/x"})
    assert json.loads(journal.getvalue())["route"] == "/v1/x"
    assert leaks(journal.getvalue()) == []
    # words that somebody wrote into the sentence itself are seen here
    log.error(f"kept {TYPED['note']}")  # noqa: G004
    assert leaks(journal.getvalue()) == [TYPED["note"]]


def test_the_measure_of_a_story(tmp_path_factory, sqlite_template):
    """Every value that is looked for really was typed: it is in the record."""
    with clinic_on("sqlite", tmp_path_factory, sqlite_template) as clinic:
        record = clinic.nurse.ask("GET", story(clinic)).text
    hidden = {"search", "password"}
    assert [name for name, value in TYPED.items() if name not in hidden and value not in record] == []
    assert PASSWORD not in record
