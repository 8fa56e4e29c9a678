"""Every list is paged by keyset: none is answered whole, however long it grows, and a walk tells each item once."""

from copy import deepcopy
from itertools import count
from uuid import uuid4

import pytest

from app.api.cursors import MOST
from tests.api import bodies
from tests.api.asking import NOW, QUESTIONS, standing_in
from tests.api.bodies import PASSWORD
from tests.api.clinic import another_clinic, clinic_on, published
from tests.domain import shipped
from tests.tablets_made import known

CONSTANT = "the same for every installation, whatever is kept"
ONE_THING = "what one thing is made of, read with it"
NOT_PAGED = {
    "/.well-known/smart-configuration": CONSTANT,
    "/fhir/.well-known/smart-configuration": CONSTANT,
    "/health/ready": CONSTANT,
    "/v1/first-run": CONSTANT,
    "/v1/board": "whole at one version, and made once for all who ask; by pages it is GET /v1/sessions",
    "/v1/wall": "whole, as the board: a screen of it is all there is",
    "/v1/audit/check": "what of one part of a bounded size does not hold; a part each time, with its own `next`",
    "/v1/alerts/seen": "of the sessions under way, each alert once: what it is asked with bounds it",
    "/v1/account/second-factor": "one's own, twenty passkeys at most",
    "/v1/account/sign-ins": "one's own that may still be open, a bounded number of the newest",
    "/v1/sign-ins": "the clinic's people who are signed in now, of each a bounded number of the newest",
    "/fhir/$export/{export_id}": "one file a kind of resource: " + CONSTANT,
    "/v1/exports": "one's own that have not ended, the fifty newest: each is gone after a day",
    "/v1/evidence": "whole months, two years of them at most, and every protocol version once",
    "/v1/evidence/{file}": "the same as a file",
    "/v1/restored": "kinds of facts, and the clinic's tablets in use: three hundred at most",
    "/v1/organisation": "the clinics of one organisation: only the operator adds one",
    "/v1/break-glass/{opening_id}": ONE_THING,
    "/v1/break-glass/{opening_id}/sessions/{session_id}": ONE_THING,
    "/v1/courses/{course_id}": ONE_THING,
    "/v1/patients/{patient_id}": ONE_THING + "; of look-alikes a hundred at most",
    "/v1/protocols/{protocol_id}/versions/{version}": ONE_THING,
    "/v1/protocols/{protocol_id}/versions/{version}/form": ONE_THING + "; of fields as many as the schema has",
    "/v1/protocols/{protocol_id}/versions/{version}/changes": ONE_THING + "; of sessions sixty at most",
    "/v1/sessions/{session_id}": ONE_THING,
    "/v1/sessions/{session_id}/monitoring-summary": ONE_THING,
    "/v1/sessions/{session_id}/readiness": ONE_THING,
}
"""Answers that hold arrays and are not paged, and why that is no list that grows."""


def resolved(schemas, schema):
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema


def is_array(schemas, schema):
    found = resolved(schemas, schema)
    return found.get("type") == "array" or any(is_array(schemas, one) for one in found.get("anyOf", []))


def lists(document):
    """Every GET of which an answer is an array or holds one: the path, its operation, and the answer's schema."""
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for form in methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).values():
            answer = resolved(schemas, form["schema"])
            if is_array(schemas, answer) or any(
                is_array(schemas, one) for one in answer.get("properties", {}).values()
            ):
                yield path, methods["get"], answer


def unbounded(document):
    """Lists without the bound that all others have."""
    found = set()
    for path, operation, answer in lists(document):
        parameters = {one["name"]: one["schema"] for one in operation.get("parameters", [])}
        following = answer.get("properties", {}).get("next", {})
        goes_on = {one.get("type") for one in (following, *following.get("anyOf", []))}
        bounded = parameters.get("limit", {}).get("maximum") == MOST and "after" in parameters
        if not (bounded and "items" in answer.get("properties", {}) and "string" in goes_on):
            found.add(path)
    return found


@pytest.fixture(scope="module")
def document():
    return published().document


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as found:
        yield found


@pytest.fixture(scope="module")
def there(clinic):
    return standing_in(clinic)


def test_every_list_of_the_published_contract_is_paged(document):
    assert unbounded(document) == NOT_PAGED.keys()


def test_control_a_list_without_a_bound_is_noticed(document):
    for path, operation, _ in lists(document):
        if path in NOT_PAGED:
            continue
        for name in ("limit", "after"):
            without = deepcopy(document)
            kept = [one for one in operation["parameters"] if one["name"] != name]
            without["paths"][path]["get"]["parameters"] = kept
            assert path in unbounded(without), (path, name)


def test_each_list_keeps_to_its_limit_and_refuses_what_is_none(document, there):
    there.clinic.to(NOW)
    for path, _, _ in lists(document):
        if path in NOT_PAGED:
            continue
        asked, _ = QUESTIONS["GET", path].ask(there)
        mark = "&" if "?" in asked else "?"
        who = there.clinic.lead
        assert len(who.get(f"{asked}{mark}limit=1")["items"]) <= 1, path
        for query in ("limit=0", f"limit={MOST + 1}", "limit=x", "after=x", "after=W10"):
            assert who.problem("GET", f"{asked}{mark}{query}", status=422)["errors"], (path, query)


def walk(who, path, limit, between=lambda: None):
    """Every item of a list, page by page; `between` happens after each page but the last."""
    seen, after = [], ""
    while True:
        page = who.get(f"{path}?limit={limit}{after}")
        assert len(page["items"]) <= limit
        seen += page["items"]
        if page["next"] is None:
            return seen
        assert len(page["items"]) == limit
        after = f"&after={page['next']}"
        between()


def test_staff_are_told_once_while_accounts_are_added(clinic):
    here = another_clinic(clinic.service)
    mark = uuid4().hex[:8]
    names = iter(range(100))

    def add(prefix):
        account = {"username": f"{prefix}-{mark}-{next(names):03}", "name": "A nurse", "role": "nurse"}
        here.lead.put(f"/v1/staff/{uuid4()}", {**account, "password": PASSWORD})

    for prefix in "Ambz":
        add(prefix)
    before = {one["username"] for one in here.lead.get("/v1/staff")["items"]}

    def between():
        add("a")  # before the place that was reached
        add("zz")  # behind it

    seen = [one["username"] for one in walk(here.lead, "/v1/staff", 3, between)]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)
    assert seen == sorted(seen, key=str.casefold)
    assert [one["username"] for one in here.lead.get("/v1/staff")["items"]] != seen, "more were added before the place"


def test_tablets_are_told_once_the_named_before_the_nameless(clinic):
    here = another_clinic(clinic.service)
    quiet = {"unsent": 0, "open_sessions": [], "clock_offset_ms": 0}

    def enrol(name):
        tablet = str(uuid4())
        here.lead.put(f"/v1/tablets/{tablet}", known(tablet).enrolment(name))
        return tablet

    def hear(tablet=None):
        here.nurse.put(f"/v1/tablets/{tablet or uuid4()}/contact", quiet, expect=200)

    for name in ("Chair 2", "Chair 1", "Chair 1"):
        hear(enrol(name))
    for _ in range(4):
        hear()
    whole = here.lead.get("/v1/tablets")["items"]
    assert [one["name"] for one in whole] == ["Chair 1", "Chair 1", "Chair 2", None, None, None, None]
    for limit in (1, 2, 3, 4, 7):
        assert walk(here.lead, "/v1/tablets", limit) == whole

    def between():
        enrol("A chair")
        hear()

    seen = [one["id"] for one in walk(here.lead, "/v1/tablets", 2, between)]
    assert len(seen) == len(set(seen))
    assert {one["id"] for one in whole} <= set(seen)


def test_protocols_are_paged_by_version_with_all_their_approvals(clinic):
    here = another_clinic(clinic.service)
    for name in ("iv-infusion-example", "intranasal-example"):
        here.lead.approve(name)
    for version in (2, 10):
        here.lead.put(f"/v1/protocols/iv-infusion-example/versions/{version}", shipped.document(version=version))
    whole = here.nurse.get("/v1/protocols")["items"]
    assert [(one["id"], one["version"], len(one["approvals"])) for one in whole] == [
        ("intranasal-example", 1, 2),
        ("iv-infusion-example", 1, 2),
        ("iv-infusion-example", 2, 0),
        ("iv-infusion-example", 10, 0),
    ]
    for limit in (1, 2, 3):
        assert walk(here.nurse, "/v1/protocols", limit) == whole


def test_courses_of_a_patient_are_told_once_while_others_are_planned(clinic):
    patient = clinic.add_patient()

    def plan():
        clinic.nurse.put(f"/v1/courses/{uuid4()}", {"patient_id": patient, "planned_sessions": 6})

    for _ in range(5):
        plan()
    path = f"/v1/patients/{patient}/courses"
    before = [one["id"] for one in clinic.nurse.get(path)["items"]]
    seen = [one["id"] for one in walk(clinic.nurse, path, 2, plan)]
    assert seen == sorted(set(seen))
    assert set(before) <= set(seen)


def test_a_history_is_told_once_while_it_grows(clinic):
    """Of a reading: each revision with its own values, and the void with every page."""
    session = clinic.treated()
    reading = clinic.nurse.get(f"/v1/sessions/{session}")["readings"][0]["id"]
    path = f"/v1/sessions/{session}/readings/{reading}"
    rates = iter(range(61, 100))

    def correct():
        changed = bodies.reading(-20, heart_rate=next(rates))
        clinic.nurse.post(f"{path}/corrections", {"reason": "misread", "reading": changed})

    for _ in range(4):
        correct()
    pages = count(1)

    def between():
        if next(pages) == 1:
            correct()
        else:
            clinic.nurse.post(f"{path}/void", {"reason": "another's"})

    seen = walk(clinic.nurse, f"{path}/history", 2, between)
    assert [one["revision"] for one in seen] == [1, 2, 3, 4, 5, 6]
    assert [one["heart_rate"] for one in seen][1:] == [61, 62, 63, 64, 65]
    last = clinic.nurse.get(f"{path}/history?limit=1")
    assert (last["items"], last["void"]["reason"]) == (seen[:1], "another's")
