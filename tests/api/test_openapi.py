"""The published contract: the committed document is the generated one, says how each operation refuses, and holds
under fire from generated requests.
"""

import json
import os
from collections import Counter
from copy import deepcopy
from urllib.parse import urlencode

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks as openapi_checks

from app.api import readings
from tests.api.asking import NOW, standing_in
from tests.api.authorisation import ANYBODY, EVERYONE, TABLE
from tests.api.clinic import check_problem, clinic_on, sign_in
from tests.api.endless import first_event
from tests.api.kept_rows import record_rows
from tests.architecture.tree import ROOT
from tests.generate import openapi

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))
"""Requests an operation and role; half of them good by the schema, half bad. FUZZ_EXAMPLES=1000 for a long night."""
CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]
OURS = {"authorization", "user-agent"}
"""Headers that are not left to chance."""
ENDLESS = ("GET", "/v1/stream")
OAUTH = ("POST", "/oauth/token")
"""It takes a form and refuses in OAuth's words."""
SESSION_IDS = ("planned", "treated", "ready", "signed", "noticed", "excluded")


@pytest.fixture(scope="module")
def there(tmp_path_factory, sqlite_template):
    # a plain request on PostgreSQL goes the same way down to the database, and the stories go there
    with clinic_on("sqlite", tmp_path_factory, sqlite_template) as clinic:
        yield standing_in(clinic)


@pytest.fixture(scope="module")
def document(there):
    return there.clinic.service.contract.document


@pytest.fixture(scope="module")
def drawn(document):
    return Drawn(document)


@pytest.fixture(scope="module")
def operations(there):
    return there.clinic.service.contract.operations


# --- what it says ----------------------------------------------------------------------------------------------------


def test_the_committed_document_is_the_generated_one(document):
    committed = (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")
    assert committed == openapi(), "run `make generate`"
    assert json.loads(committed) == document


def test_every_operation_documents_its_refusals(operations):
    for (method, path), operation in operations.items():
        given, expected = operation.document, {"422", "503"}
        if TABLE[method, path] != ANYBODY:
            expected |= {"401", "403"}
        if "{" in path:
            expected |= {"404"}
        if "requestBody" in given:
            expected |= {"413"} if (method, path) == OAUTH else {"413", "415"}
        if any(parameter["name"].lower() == "if-match" for parameter in given.get("parameters", [])):
            expected |= {"412"}
            expected |= {"428"} if method == "PUT" else set()
        if method != "GET" and path.startswith(("/v1/sessions", "/v1/patients/{", "/v1/courses", "/v1/staff")):
            expected |= {"409"}
        if "password" in json.dumps(given.get("requestBody", {})) or path.endswith(("/confirmations", "/sign-in")):
            expected |= {"429"}
        assert expected <= set(given["responses"]), (method, path, expected - set(given["responses"]))


def test_every_refusal_is_a_problem(operations):
    for key, operation in operations.items():
        for status, answer in operation.document["responses"].items():
            assert answer["description"], key
            if status >= "400":
                oauth = key == OAUTH and status in {"400", "401"}
                fhir = key[1].startswith("/fhir") and ".well-known" not in key[1]
                form = "application/json" if oauth else f"application/{'fhir' if fhir else 'problem'}+json"
                assert list(answer["content"]) == [form], key


def test_every_answer_has_a_shape_that_is_closed(document):
    open_ones = [
        name
        for name, schema in document["components"]["schemas"].items()
        if schema.get("type") == "object"
        and schema.get("additionalProperties") is not False
        and name not in {"Problem", "FieldErrorOut", "ProtocolIn"}
    ]
    assert open_ones == []


def test_no_answer_is_promised_in_a_form_that_says_nothing_or_is_another(operations):
    for key, operation in operations.items():
        for status, answer in operation.document["responses"].items():
            for media_type, form in answer.get("content", {}).items():
                schema = form["schema"]
                assert schema, (key, status, media_type)
                is_text = schema.get("type") == "string"
                assert not (is_text and media_type.endswith(("/json", "+json"))), (key, status, media_type)


def test_every_operation_says_what_it_is_for(operations):
    for key, operation in operations.items():
        assert operation.document.get("summary"), key
        assert operation.document.get("description"), key


# --- whether it holds ------------------------------------------------------------------------------------------------


def placed(case, there, chosen):
    """The case, pointed at things there are: its ids are those of the standing clinic."""
    if not chosen:
        return case
    known = {
        "session_id": getattr(there, chosen),
        "reading_id": there.reading,
        "event_id": there.event,
        "notice_id": there.notice,
        "patient_id": there.patient,
        "course_id": there.course,
        "staff_id": there.clinic.people["auditor"].id,
        "tablet_id": there.tablet,
        "file": "readings.csv",
        "protocol_id": "iv-infusion-example",
        "version": 1,
        "webhook_id": there.webhook,
        "client_id": there.client,
        "wall_id": there.tablet,
        "opening_id": there.opening,
        "clinic_id": str(there.clinic.id),
        "sign_in_id": there.tablet,
        "position": 1,
        "kind": "Encounter",
        "name": getattr(there, chosen),
        "export_id": getattr(there, chosen),
        "part": "csv",
    }
    for name in case.path_parameters or {}:
        case.path_parameters[name] = known[name]
    return case


class Record:
    """What is kept: read once, and again only when something may have changed."""

    def __init__(self, service):
        self._service, self._rows = service, None

    def read(self):
        self._rows = record_rows(self._service)
        return self._rows

    def rows(self):
        return self._rows if self._rows is not None else self.read()

    def may_have_changed(self):
        self._rows = None


class Drawn:
    """Generated requests to every operation, each drawn once: every role sends the same."""

    def __init__(self, document):
        schema = schemathesis.openapi.from_dict(without_security(document))
        self.operations = [found.ok() for found in schema.get_all_operations()]
        self._drawn = {}

    def cases(self, operation, mode, most):
        """The first so many requests to an operation, and where each of them is pointed."""
        key = operation.label, mode, max(most, EXAMPLES // 2)
        if key not in self._drawn:
            self._drawn[key] = self._draw(operation, *key[1:])
        return [(anew(case), chosen) for case, chosen in self._drawn[key][:most]]

    def _draw(self, operation, mode, most):
        drawn = []
        try:
            strategy = operation.as_strategy(generation_mode=mode)
            keep = hypothesis.given(case=strategy, chosen=st.sampled_from((None, *SESSION_IDS)))
            hypothesis.settings(
                max_examples=most,
                derandomize=True,
                database=None,
                deadline=None,
                suppress_health_check=list(hypothesis.HealthCheck),
                phases=[hypothesis.Phase.generate],
            )(keep(lambda case, chosen: drawn.append((case, chosen))))()
        except (hypothesis.errors.Unsatisfiable, schemathesis.errors.SchemathesisError):
            assert mode is GenerationMode.NEGATIVE, operation.label  # an operation nothing can be wrong with
        return drawn


def anew(case):
    """The same request as it was drawn, to be pointed elsewhere."""
    return type(case)(
        case.operation,
        case.method,
        case.path,
        path_parameters=dict(case.path_parameters),
        headers=case.headers.copy(),
        cookies=dict(case.cookies),
        query=dict(case.query),
        body=case.body,
        media_type=case.media_type,
        multipart_content_types=case.multipart_content_types,
        meta=deepcopy(case.meta),
    )


def fire(there, role, drawn, *, examples=EXAMPLES, only=None):
    """Generated requests to every operation by one role (None: nobody). How many there were, by status."""
    service, seen = there.clinic.service, Counter()
    record = Record(service)
    person = there.clinic.people[role] if role else None
    to_sign_out = [sign_in(service, person.username) for _ in range(2 * examples + 4)] if person else []

    def send(key, case, chosen):
        case = placed(case, there, chosen)
        how = case.as_transport_kwargs(base_url="http://testserver")
        path = how["url"].removeprefix("http://testserver")
        who = to_sign_out.pop() if path in ("/v1/sign-out", "/v1/sign-in/lock") and to_sign_out else person
        head = {name: value for name, value in how.get("headers", {}).items() if name.lower() not in OURS}
        if who:
            head["Authorization"] = f"Bearer {who.token}"
        content = how.get("data") if how.get("json") is None else json.dumps(how["json"])
        if isinstance(content, dict):
            content = urlencode(content, doseq=True)
        if content is not None and not any(name.lower() == "content-type" for name in head):
            head["Content-Type"] = "application/json"
        before = record.rows() if case.method != "GET" else None
        if key == ENDLESS:
            answer = first_event(service.client, path, {name: str(value) for name, value in head.items()})
        else:
            answer = service.client.request(
                case.method, path, params=how.get("params"), content=content, headers=encoded(head)
            )
        seen[answer.status_code] += 1
        assert answer.status_code < 500, answer.text
        service.contract.check(case.method, path, answer)
        if answer.status_code >= 400:
            check_problem(answer)
            assert before is None or record.read() == before
        else:
            record.may_have_changed()
        case.validate_response(answer, checks=CHECKS)
        if not chosen:
            case.validate_response(answer, checks=[openapi_checks.negative_data_rejection])

    for operation in drawn.operations:
        key = operation.method.upper(), operation.path
        if only and key not in only:
            continue
        # what a role may not do needs no second look than that it may not
        most = examples if role in TABLE[key] or TABLE[key] == ANYBODY else 2
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            for case, chosen in drawn.cases(operation, mode, max(1, most // 2)):
                send(key, case, chosen)
    return seen


def without_security(document):
    """The document without a word of signing in: that is not left to chance."""
    paths = {
        path: {
            method: {name: part for name, part in operation.items() if name != "security"}
            for method, operation in methods.items()
        }
        for path, methods in document["paths"].items()
    }
    components = {name: part for name, part in document["components"].items() if name != "securitySchemes"}
    return document | {"paths": paths, "components": components}


def encoded(headers):
    """As they go over the wire: what latin-1 does not hold, no client could send."""
    return {name: str(value).encode("latin-1", "replace") for name, value in headers.items()}


@pytest.mark.parametrize("role", [*sorted(EVERYONE), None])
def test_generated_requests_meet_what_is_documented_and_no_refusal_keeps_anything(there, drawn, role):
    there.clinic.to(NOW)
    seen = fire(there, role, drawn, examples=EXAMPLES if role else 2)
    print(role, dict(seen))
    assert sum(seen.values()) > len(TABLE)
    assert {status for status in seen if status >= 500} == set()


def test_control_an_operation_that_fails_is_noticed(there, drawn, monkeypatch):
    there.clinic.to(NOW)

    def fails(*args):
        raise RuntimeError

    monkeypatch.setattr(readings, "kept_reading", fails)
    only = {("GET", "/v1/sessions/{session_id}/readings/{reading_id}/history")}
    with pytest.raises((AssertionError, ExceptionGroup)):
        fire(there, "auditor", drawn, examples=20, only=only)
