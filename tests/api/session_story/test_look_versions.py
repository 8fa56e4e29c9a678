"""The version of a look at a session: it only grows, through every verb, and with any change of what is shown."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.api.bodies import PASSWORD, at, event, header, instant, patient, reading, screening
from tests.api.clinic import Clinic
from tests.tablets_made import known

TOLD_AS_OF_THE_LOOK = ("lapses_at", "earliest_met_at")
"""Of the readiness: they move as time passes, and are told as of the look."""


class Looks:
    """One session, looked at after every step."""

    def __init__(self, clinic: Clinic, session_id: str) -> None:
        self.clinic = clinic
        self.path = f"/v1/sessions/{session_id}"
        self.id = session_id
        self.held: dict[str, tuple[str, dict[str, Any]]] = {}
        self.still = 0
        """How often nothing was told again."""
        self.last: dict[str, Any] = self.look()

    def look(self) -> dict[str, Any]:
        """Asked first with the ETags of the last looks: where it is said to be still so, it is."""
        nurse, told = self.clinic.nurse, {}
        for path in (self.path, f"{self.path}/readiness"):
            known = {"If-None-Match": self.held[path][0]} if path in self.held else {}
            asked = nurse.ask("GET", path, headers=known)
            whole = nurse.ask("GET", path, expect=200)
            told[path] = whole.json()
            if asked.status_code == 304:
                self.still += 1
                assert shown(self.held[path][1]) == shown(told[path]), "said to be still so, and it is not"
            else:
                assert (asked.status_code, asked.content) == (200, whole.content)
            assert asked.headers["etag"] == whole.headers["etag"]
            self.held[path] = (whole.headers["etag"], told[path])
        found: dict[str, Any] = told[self.path]
        return found

    def after(self, step: Callable[[], Any]) -> Any:
        """Does it, and looks again: the version never goes back, and where the look differs it has grown."""
        done = step()
        before, now = self.last, self.look()
        assert now["version"] >= before["version"]
        if shown(now) != shown(before):
            assert now["version"] > before["version"]
        self.last = now
        return done

    def changes(self, step: Callable[[], Any]) -> Any:
        """A step that must be seen."""
        before = shown(self.last)
        done = self.after(step)
        assert shown(self.last) != before
        return done


def shown(look: dict[str, Any]) -> dict[str, Any]:
    if "readiness" not in look:
        return {name: value for name, value in look.items() if name not in TOLD_AS_OF_THE_LOOK}
    return {**{name: value for name, value in look.items() if name != "version"}, "readiness": shown(look["readiness"])}


def writes_of_a_session(clinic: Clinic) -> set[tuple[str, str]]:
    """Every verb of the contract under a session's path that writes."""
    paths: dict[str, Any] = clinic.service.app.openapi()["paths"]
    return {
        (method.upper(), path)
        for path, verbs in paths.items()
        if path.startswith("/v1/sessions/{session_id}")
        for method in verbs
        if method in {"put", "post", "delete", "patch"}
    }


def walked(clinic: Clinic, since: int) -> set[tuple[str, str]]:
    """Those that were asked, and not refused, since so many requests."""
    templates = [
        (method, path, re.compile(re.sub(r"\{\w+\}", r"[^/]+", path) + "$"))
        for method, path in writes_of_a_session(clinic)
    ]
    return {
        (method, path)
        for asked, address, status in clinic.service.sent[since:]
        for method, path, form in templates
        if asked == method and status < 400 and form.match(address)
    }


def test_it_grows_through_every_verb(clinic: Clinic):
    since = len(clinic.service.sent)
    nurse, clinician, patient_id = clinic.nurse, clinic.clinician, clinic.add_patient()
    looks = Looks(clinic, clinic.plan(cleared=False, patient_id=patient_id))
    path, tablet = looks.path, f"/v1/tablets/{uuid4()}"

    def to(minutes: float) -> None:
        looks.after(lambda: clinic.to(minutes))

    def contact(unsent: int, *sessions: str) -> None:
        said = {"unsent": unsent, "open_sessions": sessions, "clock_offset_ms": 0}
        nurse.put(f"{tablet}/contact", said, expect=200)

    looks.changes(lambda: nurse.put(path, header(patient_id, chair="7"), expect=200, if_match='"1"'))
    # the patient is on every screen: their sheet is of the look
    sheet = nurse.get(f"/v1/patients/{patient_id}")
    other = patient(record_number=sheet["record_number"], given_name="Mariana")
    looks.changes(lambda: nurse.put(f"/v1/patients/{patient_id}", other, expect=200, if_match='"1"'))
    looks.changes(lambda: nurse.put(f"{path}/screening", screening(pregnancy=True)))
    override = {"exclusions": ["pregnancy"], "reason": "a reason", "password": PASSWORD}
    looks.changes(lambda: clinician.post(f"{path}/screening/override", override))
    looks.changes(lambda: clinician.put(f"{path}/clearance", {}))
    looks.changes(lambda: clinic.event(looks.id, -30, "checked-in"))
    for minutes in (-20, -10):
        looks.changes(lambda minutes=minutes: clinic.reading(looks.id, minutes))
    looks.changes(lambda: clinic.event(looks.id, 0, "infusion-started", {"dose_mg": 36}))
    wrong = looks.changes(lambda: clinic.event(looks.id, 20, "infusion-stopped"))
    looks.changes(lambda: nurse.post(f"{path}/events/{wrong['id']}/void", {"reason": "the wrong patient"}))
    looks.changes(lambda: clinic.event(looks.id, 40, "infusion-stopped"))
    to(60)
    looks.changes(lambda: nurse.put(f"{path}/escort", {"name": "A friend", "present": True}))
    looks.changes(lambda: contact(1, looks.id))
    looks.changes(lambda: contact(0))
    mistaken = looks.changes(lambda: clinic.reading(looks.id, 80))
    late = f"{path}/readings/{mistaken['id']}"
    correction = {"reason": "misread", "reading": reading(80, systolic=124)}
    looks.changes(lambda: nurse.ask("POST", f"{late}/corrections", correction, expect=201, headers={"If-Match": '"1"'}))
    looks.changes(lambda: nurse.post(f"{late}/void", {"reason": "another patient"}))
    looks.changes(lambda: clinic.reading(looks.id, 92))
    # time alone: the dose clock has run, and nobody has written anything
    looks.changes(lambda: clinic.to(101))
    looks.changes(lambda: clinic.reading(looks.id, 102))
    assert looks.last["readiness"]["status"] == "met"
    to(104)
    looks.changes(lambda: clinic.sign(looks.id))
    clinic.to(105)
    looks.changes(lambda: nurse.put(f"{path}/readings/{uuid4()}", reading(95, gait_steady=False)))
    (notice,) = looks.last["notices"]
    looks.changes(lambda: clinician.post(f"{path}/notices/{notice['id']}/acknowledge", {"note": "seen"}, expect=200))
    looks.changes(lambda: clinic.reading(looks.id, 108))
    looks.changes(lambda: clinic.reading(looks.id, 118))
    to(119)
    looks.changes(lambda: clinic.sign(looks.id))
    to(122)
    looks.changes(lambda: clinic.reading(looks.id, 122))
    judged_at = instant(looks.last["readiness"]["as_of"])
    leaving = {"left_at": at(120), "instructions_given": True}
    looks.changes(lambda: nurse.post(f"{path}/discharge", leaving))
    clinic.to(130)
    looks.changes(lambda: clinic.event(looks.id, 130, "addendum", {"text": "came late", "reading": reading(110)}))
    # judged as of the leaving, which lies before the last verdict: `as_of` is no order of looks
    assert instant(looks.last["readiness"]["as_of"]) < judged_at
    assert any(one["acknowledged"] is None for one in looks.last["notices"])
    # the monitoring form is of a nasal session, and no look shows what was answered for it
    assert walked(clinic, since) == writes_of_a_session(clinic) - {("PUT", "/v1/sessions/{session_id}/form-answers")}
    still = looks.still
    looks.after(lambda: None)
    assert looks.still == still + 2


def test_it_is_the_same_on_the_board(clinic: Clinic):
    """So that a line of the board and a look can be told apart by age."""
    session_id = clinic.ready()

    def line() -> dict[str, Any]:
        items = clinic.nurse.get("/v1/sessions?limit=200")["items"]
        return next(item for item in items if item["id"] == session_id)

    look = clinic.nurse.get(f"/v1/sessions/{session_id}")
    assert (line()["version"], line()["digest"]) == (look["version"], look["readiness"]["digest"])
    assert line()["lapses_at"] == look["readiness"]["lapses_at"] == at(122)
    # heartbeats move no line; a look tells until when the tablet may be silent, as of the look
    tablet = f"/v1/tablets/{uuid4()}"
    clinic.lead.put(tablet, known(tablet).enrolment("Blue one"))
    open_here = {"unsent": 0, "open_sessions": [session_id], "clock_offset_ms": 0}
    for minutes in (104, 105):
        clinic.to(minutes)
        clinic.nurse.put(f"{tablet}/contact", open_here, expect=200)
        now = clinic.nurse.get(f"/v1/sessions/{session_id}")
        assert now["readiness"]["digest"] == look["readiness"]["digest"]
        assert now["readiness"]["lapses_at"] == at(minutes + 2)
        assert (line()["version"], line()["lapses_at"]) == (now["version"], at(122))
    clinic.nurse.put(f"{tablet}/contact", open_here | {"open_sessions": []}, expect=200)
    # what is not met lapses never
    clinic.to(105)
    clinic.nurse.put(f"/v1/sessions/{session_id}/events/{uuid4()}", event(105, "left-against-advice"))
    closed = clinic.nurse.get("/v1/sessions?status=closed&limit=200")["items"]
    assert next(item for item in closed if item["id"] == session_id)["lapses_at"] is None
