"""The body as a whole: its size, its type, and the headers beside it."""

import json
import re

import pytest

from tests.api import bodies
from tests.api.authorisation import ANYBODY, TABLE
from tests.api.bad_input_session.refusing import NOW, new, refused
from tests.api.bodies import reading
from tests.api.kept_rows import record_rows


def test_a_body_over_the_limit_is_refused_announced_or_not(clinic, session):
    large = json.dumps(reading(45, note="x" * 70_000)).encode()
    refused(clinic, "PUT", new(session), raw=large, status=413, code="body-too-large")
    headers = {"Content-Type": "application/json"}
    rows = record_rows(clinic.service)
    pieces = (large[start : start + 1000] for start in range(0, len(large), 1000))
    token = f"Bearer {clinic.nurse.token}"
    answer = clinic.service.client.put(new(session), content=pieces, headers=headers | {"Authorization": token})
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert record_rows(clinic.service) == rows


def test_a_body_at_the_limit_is_read(clinic, session):
    body = json.dumps(reading(45)).encode()
    clinic.nurse.ask("PUT", new(session), raw=body + b" " * (65536 - len(body)), expect=201)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "text/json",
        "application/json-patch+json",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "json",
        "",
    ],
)
def test_only_json_is_read(clinic, session, content_type):
    headers = {"Content-Type": content_type}
    raw = json.dumps(reading(45))
    refused(clinic, "PUT", new(session), raw=raw, headers=headers, status=415, code="unsupported-media-type")


NO_JSON = {
    ("POST", "/v1/sign-out"),
    ("POST", "/v1/sign-in/lock"),
    ("POST", "/oauth/token"),
    ("POST", "/v1/account/nonces"),
    ("POST", "/v1/sign-in/provider/{clinic_id}/logout"),
    ("POST", "/v1/account/sign-ins/{sign_in_id}/end"),
    ("POST", "/v1/staff/{staff_id}/invitation"),
    ("POST", "/v1/staff/{staff_id}/sign-ins/end"),
    ("DELETE", "/v1/tablets/{tablet_id}/push"),
    ("POST", "/v1/webhooks/{webhook_id}/dead/{position}/resend"),
    ("POST", "/v1/clients/{client_id}/end"),
    ("POST", "/v1/break-glass/{opening_id}/end"),
    *(("POST", f"/v1/webhooks/{{webhook_id}}/{what}") for what in ("secret", "try", "end")),
    *(("POST", f"/v1/imports/{what}") for what in ("patients", "days")),
}
"""They take nothing, a form, or a file."""
TAKING = sorted(key for key in TABLE if key[0] != "GET" and key not in NO_JSON and not key[1].startswith("/fhir/"))


@pytest.mark.parametrize("key", TAKING, ids=" ".join)
def test_no_operation_takes_what_is_no_json_for_an_empty_body(clinic, treated, key):
    """Where every field may be left out, a body that could not be read must not pass for one without any."""
    path = key[1].replace("{protocol_id}", "x").replace("{version}", "1")
    path = re.sub(r"\{\w+\}", treated, path)
    who = clinic.people[min(TABLE[key] - ANYBODY or {"nurse"})]
    clinic.to(NOW)
    for raw, content_type, status in [
        (b"\x00", "application/json", 422),
        (b"x", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"{}", "application/json-patch+json", 415),
        (b"{}", "text/plain", 415),
    ]:
        refused(clinic, key[0], path, raw=raw, headers={"Content-Type": content_type}, status=status, by=who)


def test_json_may_say_that_it_is_utf8(clinic, session):
    for content_type in ("application/json; charset=utf-8", "Application/JSON;charset=UTF-8"):
        clinic.nurse.ask(
            "PUT", new(session), raw=json.dumps(reading(45)), headers={"Content-Type": content_type}, expect=201
        )


@pytest.mark.parametrize("tag", ["1", '"x"', '"0"', '"-1"', "*", '"1", "2"', 'w/"1"', ""])
def test_an_etag_that_is_none(clinic, session, tag):
    body = {"answers": bodies.answers(pregnancy=True)}
    refused(clinic, "PUT", f"{session}/screening", body, headers={"If-Match": tag}, field="If-Match")


@pytest.mark.parametrize("tablet", ["1", "not-an-id", ""])
def test_a_tablet_that_is_none(clinic, session, tablet):
    refused(clinic, "PUT", new(session), reading(45), headers={"X-Tablet-Id": tablet}, field="X-Tablet-Id")
