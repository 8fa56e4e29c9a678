"""Whatever breaks inside: never "met", never an acknowledgement of what was not kept, and no word of a patient."""

import sys
from uuid import uuid4

import pytest
from sqlalchemy import Connection

from app.db import prepared
from app.db.work import Work
from app.domain.assessment import Criterion
from app.domain.readiness.rules import RULES
from tests.api import bodies
from tests.api.bodies import PASSWORD, at, confirmation, event, reading
from tests.api.clinic import clinic_on
from tests.api.kept_rows import of_kind, record_rows
from tests.conftest import ENGINES

SECRET = "Probe 1984-03-11 R-0815"


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


on_sqlite = pytest.mark.parametrize("clinic", ["sqlite"], indirect=True)
"""The rules are pure: one engine says it all."""


def fails(*args, **kwargs):
    raise RuntimeError(SECRET)


def unlike_an_answer(answer):
    """A failure that says nothing of what was typed."""
    assert answer.status_code in {500, 503}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert not [word for word in SECRET.split() if word in answer.text]
    assert "Traceback" not in answer.text
    return True


# --- inside the rules ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ready(clinic):
    return f"/v1/sessions/{clinic.ready()}"


def one_more_good_set(clinic, ready, minutes):
    clinic.to(minutes)
    clinic.nurse.put(f"{ready}/readings/{uuid4()}", reading(minutes))
    return clinic.nurse.get(f"{ready}/readiness")


@on_sqlite
def test_a_rule_that_fails_is_unknown_and_its_flag_is_gone(clinic, ready):
    for number, criterion in enumerate(Criterion):
        minutes = 103 + number / 2
        with clinic.service.broken() as patch:
            patch.setitem(RULES, criterion, fails)
            readiness = one_more_good_set(clinic, ready, minutes)
            finding = next(one for one in readiness["findings"] if one["criterion"] == criterion)
            assert (readiness["status"], finding["outcome"]) == ("cannot-tell", "unknown"), criterion
            assert "could not be evaluated" in finding["because"].lower()
            assert finding["code"] == "could-not-be-evaluated"
            assert finding["params"] == finding["values"] == {"failure": "RuntimeError", "where": criterion}
            assert SECRET not in str(readiness)
            assert (readiness["lapses_at"], readiness["earliest_met_at"]) == (None, None)
            refused = confirmation(readiness["digest"])
            clinic.clinician.problem("POST", f"{ready}/confirmations", refused, status=409)
        assert one_more_good_set(clinic, ready, minutes + 0.25)["status"] == "met", criterion


PARTS = {
    "timeline": "dose",
    "baseline": "baseline",
    "oxygen_history": "oxygen",
    "episodes": "symptoms",
    "concerns": "concerns",
    "ground": "sets",
    "recovery_sets": "sets",
    "last_interruption": "run",
    "marks": "run",
    "run_of": "run",
}
"""What of the evidence fails, and where the findings say it did."""


@on_sqlite
def test_evidence_that_cannot_be_gathered_leaves_nothing_met(clinic):
    ready = f"/v1/sessions/{clinic.ready()}"
    for number, name in enumerate(PARTS):
        with clinic.service.broken() as patch:
            patch.setattr(f"app.domain.readiness.evidence.{name}", fails)
            readiness = one_more_good_set(clinic, ready, 103 + number)
            assert readiness["status"] == "cannot-tell", name
            assert {one["outcome"] for one in readiness["findings"]} == {"unknown"}, name
            assert {one["params"]["where"] for one in readiness["findings"]} == {PARTS[name]}
            assert SECRET not in str(readiness)
        assert one_more_good_set(clinic, ready, 103.5 + number)["status"] == "met", name


@on_sqlite
def test_a_flag_that_cannot_say_when_it_lapses_is_not_raised(clinic):
    ready = f"/v1/sessions/{clinic.ready()}"
    with clinic.service.broken() as patch:
        # the package hands out the function under the module's name
        patch.setattr(sys.modules["app.domain.readiness.assess"], "times", fails)
        assert one_more_good_set(clinic, ready, 104)["status"] != "met"


@on_sqlite
@pytest.mark.parametrize("criterion", list(Criterion))
def test_a_rule_that_fails_at_the_signature_signs_nothing(clinic, ready, criterion):
    readiness = one_more_good_set(clinic, ready, 120)
    rows = record_rows(clinic.service)
    with clinic.service.broken() as patch:
        patch.setitem(RULES, criterion, fails)
        body = confirmation(readiness["digest"])
        clinic.clinician.problem("POST", f"{ready}/confirmations", body, status=409)
    assert of_kind(record_rows(clinic.service), "confirmation") == of_kind(rows, "confirmation")


@on_sqlite
@pytest.mark.parametrize("criterion", list(Criterion))
def test_a_rule_that_fails_at_the_door_lets_nobody_leave(clinic, criterion):
    signed = SIGNED.setdefault(id(clinic), f"/v1/sessions/{clinic.signed()}")
    clinic.to(106)
    rows = record_rows(clinic.service)
    with clinic.service.broken() as patch:
        patch.setitem(RULES, criterion, fails)
        body = {"left_at": at(106), "instructions_given": True}
        refused = clinic.nurse.problem("POST", f"{signed}/discharge", body, status=409)
    assert (refused["code"], refused["criteria"]) == ("signature-outdated", [criterion])
    assert record_rows(clinic.service) == rows


SIGNED: dict[int, str] = {}


# --- around the rules ------------------------------------------------------------------------------------------------

INSIDE = (  # what a write goes through before its commit
    "app.services.readings.carry_out",
    "app.services.session_work.open_session",
    "app.db.session_records.Folding",
    "app.services.session_work.Folding.add",
    "app.services.session_work.OpenSession.settle",
    "app.services.session_work.derive_at",
    "app.services.session_work.assessment_facts",
    "app.services.session_work.notice_where_due",
    "app.services.session_work.line_of",
    "app.services.board.board_document",
    "app.services.assessing.is_to_be_kept",
    "app.services.assessing.baseline_document",
    "app.domain.deciding.readings.check_reading",
    "app.domain.keeping.reading",
    "app.domain.keeping.assessment",
    "app.db.session_records._of_stream",
    "app.db.sessions.lock",
    "app.db.sessions.write_line",
    "app.db.work.Work.keep",
    "app.db.work.entry_hash",
    "app.db.work.entry_row",
    "app.db.work.Work.finish",
    "app.services.sign_in.touch",
    "app.services.sign_in.look_up",
    "app.services.sign_in.judge",
    "app.api.calls.check_may",
)


@on_sqlite
@pytest.mark.parametrize("place", INSIDE)
def test_a_failure_before_the_commit_keeps_nothing_and_acknowledges_nothing(clinic, place):
    session = TREATED.setdefault(id(clinic), f"/v1/sessions/{clinic.treated()}")
    clinic.to(60)
    path = f"{session}/readings/{uuid4()}"
    rows = record_rows(clinic.service)
    with clinic.service.broken() as patch:
        patch.setattr(place, fails)
        assert unlike_an_answer(clinic.nurse.ask("PUT", path, reading(60)))
    assert record_rows(clinic.service) == rows
    clinic.nurse.put(path, reading(60))


TREATED: dict[int, str] = {}

AFTER = (  # what an answer goes through once it is kept
    "app.api.readings.reading_view",
    "app.api.readings.the_one",
    "app.api.session_view.reading_numbers",
    "app.api.session_view.kept_document",
    "app.api.answers._ENCODER",
)


@on_sqlite
@pytest.mark.parametrize("place", AFTER)
def test_an_answer_that_cannot_be_written_is_no_acknowledgement_and_a_repeat_gets_one(clinic, place):
    session = TREATED.setdefault(id(clinic), f"/v1/sessions/{clinic.treated()}")
    clinic.to(60)
    path = f"{session}/readings/{uuid4()}"
    with clinic.service.broken() as patch:
        # the problem that says so is written by another hand
        patch.setattr(place, Unable() if place.endswith("_ENCODER") else fails)
        assert unlike_an_answer(clinic.nurse.ask("PUT", path, reading(60)))
    clinic.nurse.put(path, reading(60), expect=200)


class Unable:
    """An encoder that writes nothing."""

    encode = staticmethod(fails)


@on_sqlite
@pytest.mark.parametrize("which", ["now", "wall"])
def test_a_clock_that_fails_lets_nothing_through(clinic, which):
    session = TREATED.setdefault(id(clinic), f"/v1/sessions/{clinic.treated()}")
    rows = record_rows(clinic.service)
    with clinic.service.broken() as patch:
        patch.setattr(clinic.service.clock, which, fails)
        assert unlike_an_answer(clinic.nurse.ask("PUT", f"{session}/readings/{uuid4()}", reading(60)))
        assert unlike_an_answer(clinic.nurse.ask("GET", session))
    assert record_rows(clinic.service) == rows


# --- every call of the database --------------------------------------------------------------------------------------


class Failing:
    """Lets so many calls of the database through, and fails the next."""

    def __init__(self, patch, allowed):
        self.left = allowed
        patch.setattr(Connection, "execute", self._counted(Connection.execute))
        patch.setattr(prepared, "_run", self._counted(prepared._run))

    def _counted(self, call):
        def counted(*args, **kwargs):
            self.left -= 1
            if self.left < 0:
                fails()
            return call(*args, **kwargs)

        return counted


def writes(clinic):
    """One good write of each kind: (name, method, path, body, who, minute)."""
    treated, ready, signed = clinic.treated(), clinic.ready(), clinic.signed()
    noticed, notice = clinic.noticed()
    planned = clinic.plan(cleared=False)
    clinic.nurse.put(f"/v1/sessions/{planned}/screening", bodies.screening(pregnancy=True))
    taken = clinic.reading(treated, 45)["id"]
    given = clinic.event(treated, 46, "oxygen-stopped")["id"]
    clinic.to(104)
    digest = clinic.digest(ready)
    nurse, clinician = clinic.nurse, clinic.clinician
    base = "/v1/sessions"
    override = {"exclusions": ["pregnancy"], "reason": "test repeated", "password": PASSWORD}
    leaving = {"left_at": at(107), "instructions_given": True}
    correction = {"id": str(uuid4()), "reason": "misread", "reading": reading(45, heart_rate=80)}
    return [
        ("session", "PUT", f"{base}/{uuid4()}", bodies.header(clinic.patient_id), nurse, 107),
        ("override", "POST", f"{base}/{planned}/screening/override", override, clinician, 107),
        ("clearance", "PUT", f"{base}/{planned}/clearance", {"note": "seen"}, clinician, 107),
        ("event", "PUT", f"{base}/{treated}/events/{uuid4()}", event(50, "oxygen-stopped"), nurse, 107),
        ("reading", "PUT", f"{base}/{treated}/readings/{uuid4()}", reading(55), nurse, 107),
        ("correction", "POST", f"{base}/{treated}/readings/{taken}/corrections", correction, nurse, 107),
        ("void", "POST", f"{base}/{treated}/readings/{taken}/void", {"reason": "another's"}, nurse, 107),
        ("void of an event", "POST", f"{base}/{treated}/events/{given}/void", {"reason": "twice"}, nurse, 107),
        ("escort", "PUT", f"{base}/{treated}/escort", {"name": "A friend", "present": True}, nurse, 107),
        ("signature", "POST", f"{base}/{ready}/confirmations", confirmation(digest), clinician, 107),
        ("notice", "POST", f"{base}/{noticed}/notices/{notice}/acknowledge", {"note": "seen"}, clinician, 107),
        ("discharge", "POST", f"{base}/{signed}/discharge", leaving, nurse, 107),
    ]


def test_whichever_call_of_the_database_fails_all_or_nothing_is_kept_and_nothing_is_acknowledged(clinic):
    calls = {}
    for name, method, path, body, who, minute in writes(clinic):
        clinic.to(minute)
        rows = record_rows(clinic.service)
        for allowed in range(200):
            with clinic.service.broken() as patch:
                Failing(patch, allowed)
                answer = who.ask(method, path, body)
            if answer.status_code < 300:
                calls[name] = allowed
                break
            assert unlike_an_answer(answer), name
            assert record_rows(clinic.service) == rows, (name, allowed)
        assert record_rows(clinic.service) != rows, name
    assert len(calls) == 12
    assert min(calls.values()) >= 3, calls


def test_control_a_failure_that_is_swallowed_is_noticed(clinic):
    """A service that acknowledges though it kept nothing: the walk above would miss the rows."""
    session = f"/v1/sessions/{clinic.treated()}"
    clinic.to(60)
    rows = record_rows(clinic.service)
    with clinic.service.broken() as patch:
        patch.setattr(Work, "insert_entries", lambda *args, **kwargs: None)
        clinic.nurse.put(f"{session}/readings/{uuid4()}", reading(60))
    assert of_kind(record_rows(clinic.service), "reading") == of_kind(rows, "reading")
