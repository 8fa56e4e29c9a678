"""Fields that are none, or are there twice, and bodies that are no object."""

import json
from uuid import uuid4

import pytest

from tests.api import bodies
from tests.api.bad_input_session.refusing import ON_SQLITE, new, refused
from tests.api.bodies import PASSWORD, at, confirmation, event, reading

pytestmark = ON_SQLITE


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/readings/{new}", reading(45) | {"temperature": 36}, "temperature"),
        ("/readings/{new}", reading(45) | {"phase": "recovery"}, "phase"),
        ("/readings/{new}", reading(45) | {"clock_doubtful": False}, "clock_doubtful"),
        ("/readings/{new}", reading(45, oxygen={"kind": "room-air", "flow_l_min": 2}), "oxygen.flow_l_min"),
        ("/readings/{new}", reading(45, dissociation={"grade": "none", "mood": "calm"}), "dissociation.mood"),
        ("/readings/{new}", reading(45, symptoms=[{"code": "nausea", "severity": "mild", "x": 1}]), "symptoms.0.x"),
        ("/events/{new}", event(45, "oxygen-stopped") | {"state": "recovering"}, "state"),
        ("/events/{new}", event(45, "oxygen-stopped", {"why": "x"}), "detail.why"),
        ("/events/{new}", event(45, "oxygen-started", {"flow_l_min": 2, "device": "mask"}), "detail.device"),
        ("/events/{new}", event(45, "medication-given", {"code": "x", "patient_id": "y"}), "detail.patient_id"),
        ("/escort", {"name": "A friend", "present": True, "phone": "1"}, "phone"),
        ("/screening", {"answers": bodies.answers(), "by": "x"}, "by"),
        ("/screening", {"answers": bodies.answers() | {"asthma": True}}, "answers.asthma"),
        ("", bodies.header(str(uuid4())) | {"state": "recovering"}, "state"),
        ("", bodies.header(str(uuid4()), protocol={"id": "x", "version": 1, "hash": "y"}), "protocol.hash"),
    ],
)
def test_an_unknown_field_is_named(clinic, session, path, body, field):
    refused(clinic, "PUT", session + path.format(new=uuid4()), body, code="malformed", field=field)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/confirmations", confirmation("0" * 64)),
        ("/discharge", {"left_at": at(45), "instructions_given": True}),
        ("/screening/override", {"exclusions": ["pregnancy"], "reason": "x", "password": PASSWORD}),
    ],
)
def test_an_unknown_field_of_a_signature_is_named(clinic, session, path, body):
    body = body | {"role": "lead"}
    refused(clinic, "POST", session + path, body, code="malformed", field="role", by=clinic.clinician)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (json.dumps(reading(45))[:-1] + ', "heart_rate": 73}', "heart_rate"),
        (json.dumps(reading(45))[:-1] + ', "heart_rate": 72}', "heart_rate"),
        (json.dumps(reading(45)).replace('"grade"', '"grade": "severe", "grade"'), "grade"),
        (json.dumps(reading(45))[:-1] + ', "not_measured": {"spo2": "a", "spo2": "b"}}', "spo2"),
        (json.dumps(reading(45))[:-1] + ', "heart\\u005frate": 73}', "heart_rate"),
    ],
)
def test_a_repeated_key_is_named(clinic, session, raw, key):
    refused(clinic, "PUT", new(session), raw=raw, code="malformed-json", field=key)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"{}x",
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b"{'a':1}",
        b'{"a":01}',
        b"\xff",
    ],
)
def test_a_body_that_is_no_json_object(clinic, session, raw):
    refused(clinic, "PUT", new(session), raw=raw)


def test_a_body_as_deep_as_a_well(clinic, session):
    refused(clinic, "PUT", new(session), raw="[" * 20_000 + "]" * 20_000, code="malformed-json")
