"""A fact is kept whatever fails in deriving: every function that `derive` reaches is broken, one at a time.

They are found by tracing one reading being kept in a rich session, not by a list.
"""

import inspect
import logging
import sys
from uuid import UUID, uuid4

import pytest

from app.domain import brief
from app.domain import derive as deriving
from app.domain.readiness.evidence import gather
from app.services import readings
from tests import factories
from tests.api.bodies import at, confirmation, instant, reading
from tests.api.clinic import clinic_on
from tests.api.kept_rows import of_kind, record_rows

DERIVE = deriving.derive.__code__
GUARDED = {
    DERIVE,
    *(one.__code__ for one in (deriving.leaving_of, deriving.known_state, deriving.changes_at, brief.brief)),
}
"""Within these nothing that fails gets out."""
SHARED = {
    "app.domain.instants.utc": "keeping brings every instant to UTC",
    "app.domain.instants.to_text": "keeping writes every instant so",
    "app.domain.canonical.canonical_json": "canonical JSON: every entry's bytes",
    "app.domain.canonical._is_plain": "canonical JSON: every entry's bytes",
    "app.domain.records._last": "which revision of the record is the newest one",
}
"""What keeping itself goes through: where one of these fails, there is nothing that could be kept."""


def breaks(*args, **kwargs):
    raise RuntimeError("Probe 1984-03-11 R-0815")


class Reached:
    """Which code of the domain one write runs: within `derive`, and outside it."""

    def __init__(self):
        self.guards, self.within, self.outside = [], set(), set()

    def __call__(self, frame, event, arg):
        if event == "call":
            if frame.f_code in GUARDED:
                self.guards.append(frame.f_code)
            if DERIVE in self.guards:
                self.within.add(frame.f_code)
            elif not self.guards:
                self.outside.add(frame.f_code)
        elif event == "return" and frame.f_code in GUARDED:
            self.guards.pop()

    def put(self, work, session_id, value):
        sys.setprofile(self)
        try:
            return readings.put(work, session_id, value)
        finally:
            sys.setprofile(None)


def domain_functions():
    """Every function that a module of the domain defines at its top, by its whole name."""
    found = {}
    for name, module in sorted(sys.modules.items()):
        if name.startswith("app.domain."):
            for own, value in vars(module).items():
                function = inspect.unwrap(value) if callable(value) else None
                if inspect.isfunction(function) and function.__module__ == name:
                    found[f"{name}.{own}"] = function
    return found


def reached_by(clinic, session_id, minutes, *, remembering=False):
    """(functions that derive reaches, those of them that are reached outside it too)."""
    reached = Reached()
    value = factories.reading(minutes, id=uuid4())
    with clinic.service.broken(remembering=remembering):
        clinic.service.database.write_now(
            reached.put, factories.actor(clinic.id), instant(at(minutes)), UUID(session_id), value
        )
    functions = {name: one for name, one in domain_functions().items() if one.__code__ in reached.within}
    for guard in ("derive", "derive_at", "leaving_of"):
        functions.pop(f"app.domain.derive.{guard}", None)
    return functions, {name for name, one in functions.items() if one.__code__ in reached.outside}


def rich(clinic):
    """A ready session in which something of every kind has happened: (session, at minute 106)."""
    session_id = clinic.plan()
    clinic.event(session_id, -30, "checked-in")
    clinic.reading(session_id, -20)
    clinic.reading(session_id, -10)
    clinic.event(session_id, 0, "infusion-started", {"dose_mg": 36, "planned_minutes": 40, "lot": "K-17"})
    clinic.event(session_id, 5, "rate-changed", {"rate_ml_h": 47.5})
    clinic.event(session_id, 6, "oxygen-started", {"flow_l_min": 2})
    clinic.event(session_id, 8, "infusion-paused")
    clinic.event(session_id, 9, "infusion-resumed")
    clinic.reading(session_id, 20, systolic=138, dissociation={"grade": "moderate"}, gait_steady=None)
    clinic.event(session_id, 22, "oxygen-stopped")
    clinic.event(session_id, 23, "medication-given", {"code": "ondansetron", "dose": 4, "unit": "mg"})
    clinic.event(session_id, 40, "infusion-stopped")
    clinic.reading(session_id, 45, symptoms=[{"code": "nausea", "severity": "moderate"}])
    clinic.event(session_id, 50, "symptom-resolved", {"code": "nausea"})
    tablet = {"unsent": 0, "open_sessions": [session_id], "clock_offset_ms": 0}
    clinic.recover(session_id)
    clinic.to(103)
    clinic.nurse.put(f"/v1/tablets/{uuid4()}/contact", tablet, expect=200)
    return session_id


@pytest.fixture(scope="module")
def clinic(tmp_path_factory, sqlite_template):
    # the rules are pure: one engine says it all
    with clinic_on("sqlite", tmp_path_factory, sqlite_template) as opened:
        yield opened


@pytest.fixture(scope="module")
def session(clinic):
    session_id = rich(clinic)
    assert clinic.nurse.get(f"/v1/sessions/{session_id}/readiness")["status"] == "met"
    return session_id


@pytest.fixture(scope="module")
def reached(clinic, session):
    functions, outside = reached_by(clinic, session, 103)
    return {name: one for name, one in functions.items() if name not in SHARED}, outside


def test_what_keeping_shares_with_deriving_is_named_here(reached):
    functions, outside = reached
    assert outside == set(SHARED), "a function that keeping needs too cannot be guarded in derive"
    assert len(functions) > 60
    assert {"app.domain.baseline._doubts", "app.domain.concerns.concerns", "app.domain.sessions.life_of"} <= set(
        functions
    )


def good_sets(count, start):
    """Minutes of good sets, close together."""
    return [start + number / 20 for number in range(count)]


def line_of(clinic, session_id):
    items = clinic.nurse.get("/v1/sessions")["items"]
    return next(item for item in items if item["id"] == session_id)


def break_it(patch, function):
    """Its code itself, so that it is broken under whatever name it is called."""
    patch.setattr(function, "__code__", breaks.__code__)


def kept_though(clinic, session_id, function, minutes, caplog, *, remembering=False):
    """What is wrong with how the service bears this function's failure: nothing, if it bears it well."""
    path, reading_id = f"/v1/sessions/{session_id}", str(uuid4())
    wrong = []
    clinic.to(minutes)
    caplog.clear()
    with clinic.service.broken(remembering=remembering) as patch:
        break_it(patch, function)
        answer = clinic.nurse.ask("PUT", f"{path}/readings/{reading_id}", reading(minutes))
        looked = clinic.nurse.ask("GET", path)
        readiness = clinic.nurse.ask("GET", f"{path}/readiness")
        board = clinic.nurse.ask("GET", "/v1/sessions")
    if answer.status_code != 201:
        wrong.append(f"PUT answers {answer.status_code}")
    if any(found.status_code != 200 for found in (looked, readiness, board)):
        wrong.append(f"GET answers {looked.status_code}, {readiness.status_code}, {board.status_code}")
    elif "met" in (looked.json()["readiness"]["status"], readiness.json()["status"]):
        wrong.append("shown as met")
    line = line_of(clinic, session_id)
    if line["status"] not in {"cannot-tell", "not-met"} or not line["failed"]:
        wrong.append("the board does not say so")
    told = [record for record in caplog.records if record.getMessage() == "rule-failed"]
    if not told or any((record.kind, bool(record.at)) != ("RuntimeError", True) for record in told):
        wrong.append("the log names no kind and place")
    said = [repr(record.__dict__) for record in caplog.records] + [answer.text, looked.text, readiness.text, board.text]
    if [text for text in said if "R-0815" in text]:
        wrong.append("a value is told")
    if reading_id not in str(of_kind(record_rows(clinic.service), "reading")):
        wrong.append("not kept")
    return wrong


def test_a_reading_is_kept_whatever_fails_in_deriving(clinic, session, reached, caplog):
    caplog.set_level(logging.WARNING)
    functions, _ = reached
    found = {}
    for minutes, (name, function) in zip(good_sets(len(functions), 104), sorted(functions.items()), strict=True):
        if wrong := kept_though(clinic, session, function, minutes, caplog):
            found[name] = wrong
    assert found == {}, "\n".join(f"{name}: {wrong}" for name, wrong in found.items())
    clinic.reading(session, good_sets(len(functions), 104)[-1] + 0.1)
    assert clinic.nurse.get(f"/v1/sessions/{session}/readiness")["status"] == "met"


def test_a_reading_is_kept_whatever_fails_in_going_on_from_what_is_remembered(clinic, caplog):
    caplog.set_level(logging.WARNING)
    session_id = rich(clinic)
    functions, outside = reached_by(clinic, session_id, 103, remembering=True)
    functions = {name: one for name, one in functions.items() if name not in SHARED}
    # reached by the look ahead alone, where all is met: what holds now was proven, and it lapses no later
    functions.pop("app.domain.readiness.verdicts.not_met")
    assert outside == set(SHARED)
    assert len(functions) > 40
    assert "app.domain.baseline.baseline" not in functions, "it went on from what was remembered"
    found = {}
    for minutes, (name, function) in zip(good_sets(len(functions), 104), sorted(functions.items()), strict=True):
        # a look makes whole what is remembered, and what the one before it broke
        clinic.nurse.get(f"/v1/sessions/{session_id}/readiness")
        if wrong := kept_though(clinic, session_id, function, minutes, caplog, remembering=True):
            found[name] = wrong
    assert found == {}, "\n".join(f"{name}: {wrong}" for name, wrong in found.items())


def test_control_without_the_guard_it_is_refused(clinic, reached, caplog, monkeypatch):
    functions, _ = reached
    session_id = clinic.ready()
    monkeypatch.setattr(deriving._Guard, "part", lambda self, name, work_out: work_out())
    monkeypatch.setattr(deriving, "evidence_of", gather)
    for number, name in enumerate(("baseline._doubts", "concerns.concerns", "sessions.life_of", "schedule.next_due")):
        wrong = kept_though(clinic, session_id, functions[f"app.domain.{name}"], 104 + number, caplog)
        assert {"PUT answers 500", "not kept"} <= set(wrong), name


def test_nothing_is_signed_and_nobody_leaves_while_anything_fails(clinic, reached):
    functions, _ = reached
    signed, ready = rich(clinic), rich(clinic)
    clinic.sign(signed)
    clinic.to(106)
    digest = clinic.digest(ready)
    leaving = {"left_at": at(106), "instructions_given": True}
    doors = {f"/v1/sessions/{signed}/discharge": leaving, f"/v1/sessions/{ready}/confirmations": confirmation(digest)}
    rows = record_rows(clinic.service)
    found = {}
    for name, function in sorted(functions.items()):
        with clinic.service.broken() as patch:
            break_it(patch, function)
            looked = clinic.nurse.ask("GET", f"/v1/sessions/{ready}/readiness")
        if looked.status_code != 200 or looked.json()["status"] == "met":
            found[name, "a look, nothing new"] = looked.text
        for path, body in doors.items():
            with clinic.service.broken() as patch:
                break_it(patch, function)
                answer = (clinic.clinician if "confirm" in path else clinic.nurse).ask("POST", path, body)
            if answer.status_code != 409 or record_rows(clinic.service) != rows:
                found[name, path.rpartition("/")[2]] = answer.text
    assert found == {}, "\n".join(f"{name}: {wrong}" for name, wrong in found.items())
    # control: it was the failure that shut the doors
    for path, body in doors.items():
        (clinic.clinician if "confirm" in path else clinic.nurse).post(path, body)
