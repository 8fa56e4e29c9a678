"""Hostile text in every free-text field of the session: kept to the character or refused, and shown as it was typed."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

import pytest

from tests.api import bodies
from tests.api.bodies import PASSWORD, at, confirmation, event, reading
from tests.api.clinic import Clinic, Person, clinic_on
from tests.conftest import ENGINES

KEPT = (  # nothing in it that cannot be seen: kept exactly
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "javascript:alert(1)",
    "'; DROP TABLE readings; --",
    '" OR ""="',
    "=HYPERLINK(A1)",
    "+SUM(A1:A9)",
    "-2+3",
    "@cmd",
    "{{7*7}}${7*7}#{7*7}",
    "%s%n%x%00",
    "..\\../etc/passwd",
    "\\u0000\\n\\x1b",
    "null",
    "NaN",
    "-0",
    "1e400",
    "Zoe\u0308 und Zo\u00eb",
    "e" + "\u0301" * 20,
    "\U0001f469\U0001f3fd\u200d\u2695\ufe0f\U0001f3f3\ufe0f\u200d\U0001f308",
    "\u05d0\u05d1 \u0627\u0644",
    "\u200fabc\u200e",
    " spaces around ",
    "\u00a0x\u2003y\u3000",
    "\U0001d573\U0001d58a\U0001d591\U0001d591\U0001d594",
    "\ufeffx\ufffd\ufffe",
    "\ufdfa\u1e9e\u017f\u0130\u0131",
)
REFUSED = (  # what a reader would not see, or would see otherwise than it was typed
    "a\x00b",
    "\x1b[31mred\x1b[0m",
    "a\rb",
    "\x07\x7f",
    "\x85x",
    "\u202egnp.exe",
    "\u2066x\u2069",
    "a\u2028b\u2029",
    "   ",
    "\u200b\u200d\u2060",
    "\u2800\u3164",
    "",
)
UNSEEN = (
    "\U0001f469\U0001f3fd\u200d\u2695\ufe0f\U0001f3f3\ufe0f\u200d\U0001f308",
    "\u200fabc\u200e",
    "\ufeffx\ufffd\ufffe",
)
"""Kept in a text, and refused in what tells one thing from another: copies of it would look the same."""
LINES = ("a\nb", "a\tb")
"""Kept where lines may be, refused in a single line."""


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


@dataclass(frozen=True)
class Field:
    """A field: how long it may be, whether lines are let in, and how it is sent."""

    longest: int
    lines: bool
    send: Any
    tells_apart: bool = False


def send_fact(kind, body_of, at_minute=45.0):
    """A new fact each time; shown by the record's list of them."""

    def send(ground, text, **how):
        ground.clinic.to(60)
        return ground.clinic.clinician.ask("PUT", f"{ground.session}/{kind}/{uuid4()}", body_of(text, at_minute), **how)

    return send


def send_sheet(path, body_of):
    """A revision each time."""

    def send(ground, text, **how):
        ground.clinic.to(60)
        where = ground.session + path
        answer = ground.clinic.clinician.ask("PUT", where, body_of(text), **how)
        if answer.status_code == 428:
            etag = {"If-Match": f'"{answer.json()["current_revision"]}"'}
            answer = ground.clinic.clinician.ask("PUT", where, body_of(text), headers=etag)
        return answer

    return send


def send_about(kind, way, body_of):
    """About a new reading or event each time."""

    def send(ground, text, **how):
        ground.clinic.to(60)
        body = reading(45) if kind == "readings" else event(45, "oxygen-stopped")
        path = f"{ground.session}/{kind}/{uuid4()}"
        ground.clinic.nurse.put(path, body)
        return ground.clinic.nurse.ask("POST", f"{path}/{way}", body_of(text), **how)

    return send


def send_header(ground, text, **how):
    """A session each time."""
    path = f"/v1/sessions/{uuid4()}"
    ground.clinic.to(-60)
    answer = ground.clinic.nurse.ask("PUT", path, bodies.header(ground.clinic.patient_id, chair=text), **how)
    ground.last = path if answer.status_code == 201 else ""
    return answer


def send_override(ground, text, **how):
    body = {"exclusions": ["pregnancy"], "reason": text, "password": PASSWORD}
    return ground.clinic.clinician.ask("POST", f"{ground.excluded}/screening/override", body, **how)


def send_decision(**fields):
    """A decline of a newer assessment each time."""

    def send(ground, text, **how):
        ground.clinic.to(60)
        ground.clinic.nurse.put(f"{ground.session}/readings/{uuid4()}", reading(50))
        digest = ground.clinic.nurse.get(f"{ground.session}/readiness")["digest"]
        body = confirmation(digest, decision="decline", reason="pale") | dict.fromkeys(fields, text)
        return ground.clinic.clinician.ask("POST", f"{ground.session}/confirmations", body, **how)

    return send


def send_acknowledgement(ground, text, **how):
    """Of a new notice each time: of an addendum to a closed session."""
    ground.clinic.to(115)
    late = event(112, "addendum", {"text": f"rang: well {uuid4()}"})
    ground.clinic.nurse.put(f"{ground.closed}/events/{uuid4()}", late)
    notices = ground.clinic.nurse.get(ground.closed)["notices"]
    path = f"{ground.closed}/notices/{next(one['id'] for one in notices if one['acknowledged'] is None)}/acknowledge"
    return ground.clinic.clinician.ask("POST", path, {"note": text}, **how)


def send_discharge(ground, text, **how):
    """Of a new patient each time, by the shortest way."""
    clinic = ground.clinic
    session_id = clinic.plan()
    for minute, kind, detail in ((0, "infusion-started", {"dose_mg": 1}), (1, "infusion-stopped", None)):
        clinic.event(session_id, minute, kind, detail)
    clinic.nurse.put(f"/v1/sessions/{session_id}/escort", {"name": "A friend", "present": True})
    clinic.to(2)
    clinic.sign(session_id, decision="override", reason="must catch the train")
    body = {"left_at": at(2), "instructions_given": True, "note": text}
    return clinic.nurse.ask("POST", f"/v1/sessions/{session_id}/discharge", body, **how)


FIELDS = {
    "chair": Field(40, False, send_header, tells_apart=True),
    "clearance note": Field(2000, True, send_sheet("/clearance", lambda text: {"note": text})),
    "escort name": Field(200, False, send_sheet("/escort", lambda text: {"name": text, "present": False})),
    "escort relationship": Field(
        80, False, send_sheet("/escort", lambda text: {"name": "A", "relationship": text, "present": False})
    ),
    "override reason": Field(200, False, send_override),
    "reading note": Field(2000, True, send_fact("readings", lambda text, m: reading(m, note=text))),
    "not measured": Field(
        200,
        False,
        send_fact("readings", lambda text, m: reading(m, spo2=None, oxygen=None, not_measured={"spo2": text})),
    ),
    "lot": Field(
        80,
        False,
        send_fact("events", lambda text, m: event(m, "infusion-started", {"dose_mg": 1, "lot": text})),
        tells_apart=True,
    ),
    "unit": Field(
        40, False, send_fact("events", lambda text, m: event(m, "medication-given", {"code": "x", "unit": text}))
    ),
    "route": Field(
        40, False, send_fact("events", lambda text, m: event(m, "medication-given", {"code": "x", "route": text}))
    ),
    "concern": Field(
        120, False, send_fact("events", lambda text, m: event(m, "concern-acknowledged", {"concern_id": text}))
    ),
    "addendum": Field(2000, True, send_fact("events", lambda text, m: event(m, "addendum", {"text": text}))),
    "void of a reading": Field(200, False, send_about("readings", "void", lambda text: {"reason": text})),
    "void of an event": Field(200, False, send_about("events", "void", lambda text: {"reason": text})),
    "correction": Field(
        200,
        False,
        send_about("readings", "corrections", lambda text: {"reason": text, "reading": reading(45, heart_rate=80)}),
    ),
    "own assessment": Field(2000, True, send_decision(own_assessment=True)),
    "reason of a decision": Field(2000, True, send_decision(reason=True)),
    "acknowledgement": Field(2000, True, send_acknowledgement),
    "discharge note": Field(2000, True, send_discharge),
}
COSTLY = {"discharge note", "own assessment", "reason of a decision", "acknowledgement"}
"""Each of these takes a patient, or a signature: a part of the corpus says enough."""


class Ground:
    """Sessions to type into, each made when it is first needed: the fewer facts, the quicker a write."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.last = ""

    @cached_property
    def session(self) -> str:
        path = f"/v1/sessions/{self.clinic.treated()}"
        self.clinic.to(60)
        return path

    @cached_property
    def excluded(self) -> str:
        path = f"/v1/sessions/{self.clinic.plan(cleared=False)}"
        self.clinic.nurse.put(f"{path}/screening", bodies.screening(pregnancy=True))
        return path

    @cached_property
    def closed(self) -> str:
        path = f"/v1/sessions/{self.clinic.discharged()}"
        self.clinic.to(115)
        return path

    @property
    def typed_into(self) -> set[str]:
        """The sessions that were used."""
        names = {"session", "excluded", "closed"} & set(vars(self))
        return {getattr(self, name) for name in names} | ({self.last} if self.last else set())


@pytest.fixture
def ground(clinic):
    """Fresh ground."""
    return Ground(clinic)


@pytest.fixture(scope="module")
def same_ground(clinic):
    return Ground(clinic)


def texts_in(value):
    """Every text anywhere in a document."""
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield key
                yield from texts_in(inner)
        case list():
            for inner in value:
                yield from texts_in(inner)
        case _:
            return


def shown_to(who: Person, ground: Ground) -> set[str]:
    """Every text of the sessions, as the service shows them now."""
    seen: set[str] = set()
    for path in ground.typed_into:
        record = who.get(path)
        seen |= set(texts_in(record))
        for one in record["readings"]:
            if one["revision"] > 1:
                seen |= set(texts_in(who.get(f"{path}/readings/{one['id']}/history")))
    return seen


@pytest.mark.parametrize("name", FIELDS)
def test_hostile_text_is_kept_to_the_character_or_refused(ground, name):
    field = FIELDS[name]
    every = slice(None, None, 4) if name in COSTLY else slice(None)
    unseen = UNSEEN if field.tells_apart else ()
    kept = [text for text in (*KEPT, *(LINES if field.lines else ())) if text not in unseen][every]
    refused = [*REFUSED, *unseen, *(() if field.lines else LINES)][every]
    good = {"x" * field.longest, *(text for text in kept if len(text) <= field.longest)}
    too_long = {"x" * (field.longest + 1), "\U0001f469" * (field.longest + 1)}
    sheets = name in {"chair", "clearance note", "escort name", "escort relationship", "discharge note"}
    for text in sorted(good):
        answer = field.send(ground, text)
        assert answer.status_code in {200, 201}, (name, text, answer.text)
        assert text in set(texts_in(answer.json())), (name, text)
        if sheets and name != "discharge note":
            assert text in shown_to(ground.clinic.auditor, ground), (name, text)
    if not sheets:
        assert good <= shown_to(ground.clinic.auditor, ground)
    for text in [*refused, *sorted(too_long)]:
        answer = field.send(ground, text)
        assert answer.status_code == 422, (name, text, answer.text)
        assert answer.json()["errors"], (name, text)


HALVES = ('"\\ud800"', '"x\\udfff"', '"\\udc00\\ud800"')


@pytest.mark.parametrize("half", HALVES)
def test_half_a_character_is_refused(same_ground, half):
    same_ground.clinic.to(60)
    raw = '{"name": ' + half + ', "present": false}'
    problem = same_ground.clinic.nurse.problem("PUT", f"{same_ground.session}/escort", status=422, raw=raw)
    assert problem["code"] == "malformed-json"


@pytest.mark.parametrize("text", [*KEPT, *REFUSED])
def test_a_code_is_no_place_for_text(same_ground, text):
    same_ground.clinic.to(60)
    body = event(45, "medication-given", {"code": text})
    answer = same_ground.clinic.nurse.ask("PUT", f"{same_ground.session}/events/{uuid4()}", body)
    assert answer.status_code == (201 if text in {"null", "1e400"} else 422)


@pytest.mark.parametrize("text", [*KEPT[:8], *REFUSED])
def test_a_name_of_a_field_is_shown_harmlessly(same_ground, text):
    same_ground.clinic.to(60)
    body = reading(45) | {text: 1} | {"not_measured": {text or "x": "y"}}
    problem = same_ground.clinic.nurse.problem("PUT", f"{same_ground.session}/readings/{uuid4()}", body, status=422)
    for error in problem["errors"]:
        assert error["field"].isascii()
        assert error["field"].isprintable()


@pytest.mark.parametrize("text", ["'; DROP TABLE sessions; --", "%", "_", "\\", "a\x00", "\U0001f469", "x" * 3000])
def test_hostile_text_in_a_query(same_ground, text):
    for name in ("status", "after", "limit"):
        answer = same_ground.clinic.service.client.get(
            "/v1/sessions", params={name: text}, headers={"Authorization": f"Bearer {same_ground.clinic.nurse.token}"}
        )
        assert answer.status_code == 422, (name, text)
