"""A number of a few characters can stand for more digits than there is memory for: none of them is a 500 anywhere, an
answer before it is known who asks, or kept.

The places are walked out of the OpenAPI document: every field of every body, and every number in an address.
"""

import copy
import json
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.api.asking import HEADERS, NOW, QUESTIONS, standing_in
from tests.api.authorisation import ANYBODY, ORDERS, TABLE
from tests.api.bodies import event, reading
from tests.api.clinic import clinic_on, code_of
from tests.api.kept_rows import record_rows
from tests.conftest import ENGINES

BEYOND = {
    "tiny": "1e-300000000",
    "large": "1e1000000",
    "below zero": "-1e1000000",
    "nothing, at length": "0e-999999999",
    "an exponent no machine has": "1e9999999999999999999",
    "5,000 digits": "9" * 5000,
    "5,000 places": "0." + "3" * 5000,
    "one too many": "9007199254740992",
    "NaN": "NaN",
}
"""Beyond every bound: always 422, naming the field."""
INSIDE = ("9007199254740991", "-9007199254740991", "1e308", "1e-308", "0.3333333333333333333333333333333333333")
"""Within the bounds of reading: what they mean is the field's own affair, and never a fault of ours."""
HERE = "@number@"

EVENTS = (  # one of each shape a detail may have
    event(50, "infusion-started", {"dose_mg": 36, "planned_minutes": 40, "lot": "K-17"}),
    event(50, "nasal-device-given", {"dose_mg": 56, "lot": "K-17"}),
    event(50, "rate-changed", {"rate_ml_h": 20}),
    event(50, "medication-given", {"code": "ondansetron", "dose": 4, "unit": "mg", "route": "iv"}),
    event(50, "oxygen-started", {"flow_l_min": 2}),
    event(50, "baseline-accepted", {"readings": [{"id": str(uuid4()), "revision": 1}]}),
    event(50, "addendum", {"text": "late", "reading": reading(45)}),
)
EVENT = ("PUT", "/v1/sessions/{session_id}/events/{event_id}")
READINGS = {
    ("PUT", "/v1/sessions/{session_id}/readings/{reading_id}"): (),
    ("POST", "/v1/sessions/{session_id}/readings/{reading_id}/corrections"): ("reading",),
}
FULL = reading(
    55,
    oxygen={"kind": "supplemental", "flow_l_min": 2},
    dissociation={"grade": "mild", "instrument": "cadss", "version": "23-item", "score": 3, "items": {"1": 3}},
    symptoms=[{"code": "nausea", "severity": "mild"}],
)


@pytest.fixture(scope="module", params=ENGINES)
def there(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as clinic:
        yield standing_in(clinic)


on_sqlite = pytest.mark.parametrize("there", ["sqlite"], indirect=True)
"""What is refused before anything reaches a database: one engine says it all."""


# --- where numbers can be put ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spot:
    """One place in a body of one operation; `names` are its keys and positions."""

    key: tuple[str, str]
    base: Any
    names: tuple[Any, ...]

    @property
    def field(self) -> str:
        return ".".join(map(str, self.names))

    def raw(self, number: str) -> str:
        """The body with the number there."""
        if not self.names:
            return number
        body = copy.deepcopy(self.base)
        at = body
        for name, following in zip(self.names, self.names[1:], strict=False):
            if isinstance(at, dict) and not isinstance(at.get(name), dict | list):
                at[name] = [] if following == 0 else {}
            at = at[name]
        if isinstance(at, list):
            at[:1] = [HERE]
        else:
            at[self.names[-1]] = HERE
        return json.dumps(body).replace(f'"{HERE}"', number)


def paths_in(value, names=()):
    """Every place in a body as it is, objects and lists among them."""
    yield names
    if isinstance(value, dict):
        for name, below in value.items():
            yield from paths_in(below, (*names, name))
    elif isinstance(value, list) and value:
        yield from paths_in(value[0], (*names, 0))


def paths_of(schema, document, names=()):
    """Every place in a body that its schema knows."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield names
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from paths_of(one, document, names)
    for name, below in schema.get("properties", {}).items():
        yield from paths_of(below, document, (*names, name))
    if "items" in schema and isinstance(schema["items"], dict):
        yield from paths_of(schema["items"], document, (*names, 0))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from paths_of(schema["additionalProperties"], document, (*names, "1"))


def bases(key, there):
    """Good bodies of an operation."""
    _, body = asked(key, there)
    if key == EVENT:
        return EVENTS
    if key in READINGS:
        return ({**body, "reading": FULL} if READINGS[key] else FULL,)
    return (body,)


def asked(key, there):
    return QUESTIONS[key].ask(there)


def with_json(there):
    """The operations that take JSON: FHIR's exports apart, which take a resource."""
    for key, operation in there.clinic.service.contract.operations.items():
        content = operation.document.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            yield key, content["application/json"]["schema"]


def spots(there):
    document = there.clinic.service.contract.document
    for key, schema in with_json(there):
        for base in bases(key, there):
            known = [*paths_in(base), *(() if key == EVENT else paths_of(schema, document))]
            for names in dict.fromkeys(known):
                yield Spot(key, base, names)
        # a field nobody knows, and one that nobody could
        yield Spot(key, {}, ("bogus",))


def somebody(key, there):
    return None if TABLE[key] == ANYBODY else there.clinic.people[min(TABLE[key])]


def send(there, key, raw, who):
    path, _ = asked(key, there)
    return there.clinic.service.send(key[0], path, raw=raw, token=who.token if who else None, headers=HEADERS.get(key))


def sampled(numbers, place):
    """One of the numbers for each place in turn: every field meets some, every number meets every operation."""
    return numbers[place % len(numbers)]


# --- bodies ----------------------------------------------------------------------------------------------------------


@on_sqlite
def test_the_walk_reaches_every_operation_with_a_body_and_every_number(there):
    found = list(spots(there))
    fields = {spot.field for spot in found}
    assert len({spot.key for spot in found}) >= 25
    assert {
        "detail.dose_mg", "detail.planned_minutes", "detail.rate_ml_h", "detail.dose", "detail.flow_l_min",
        "detail.reading.heart_rate", "heart_rate", "reading.heart_rate", "oxygen.flow_l_min", "dissociation.items.1",
        "consciousness.score", "weight_kg", "protocol.version", "planned_sessions", "interval_days", "limit", "unsent",
        "clock_offset_ms", "schedule.recovery", "signature.minutes", "answers.pregnancy", "pin", "bogus", "",
    } <= fields  # fmt: skip
    assert len(found) > 300


@pytest.mark.parametrize("turn", range(3))
def test_beyond_every_bound_is_422_that_names_the_field_and_keeps_nothing(there, turn):
    there.clinic.to(NOW)
    rows = record_rows(there.clinic.service)
    for place, spot in enumerate(spots(there)):
        number = sampled(list(BEYOND.values()), 4 * place + turn)
        answer = send(there, spot.key, spot.raw(number), somebody(spot.key, there))
        assert answer.status_code == 422, (spot.key, spot.field, answer.text[:300])
        said = answer.json()
        assert said["code"] == "malformed-json"
        assert [error["field"] for error in said["errors"]] == [spot.field or "body"], (spot.key, said)
        assert number == "NaN" or number not in answer.text
    assert record_rows(there.clinic.service) == rows


AMOUNTS = ("dose_mg", "planned_minutes", "rate_ml_h", "dose", "flow_l_min", "heart_rate", "weight_kg")


@pytest.mark.parametrize("what", BEYOND)
def test_every_amount_meets_every_number(there, what):
    there.clinic.to(NOW)
    rows = record_rows(there.clinic.service)
    found = [spot for spot in spots(there) if spot.names and spot.names[-1] in AMOUNTS]
    assert {spot.names[-1] for spot in found} == set(AMOUNTS)
    for spot in found:
        answer = send(there, spot.key, spot.raw(BEYOND[what]), somebody(spot.key, there))
        assert answer.status_code == 422, (spot.key, spot.field)
        assert [error["field"] for error in answer.json()["errors"]] == [spot.field]
    assert record_rows(there.clinic.service) == rows


@on_sqlite
def test_who_is_not_signed_in_hears_of_that_first(there):
    numbers = list(BEYOND.values())
    for place, spot in enumerate(spots(there)):
        if TABLE[spot.key] != ANYBODY:
            answer = send(there, spot.key, spot.raw(sampled(numbers, place)), None)
            assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in"), (spot.key, spot.field)


@on_sqlite
def test_who_may_not_do_it_hears_of_that_first(there):
    numbers = list(BEYOND.values())
    for place, spot in enumerate(spots(there)):
        strangers = sorted(set(there.clinic.people) - TABLE[spot.key])
        if TABLE[spot.key] != ANYBODY and strangers:
            who = there.clinic.people[strangers[0]]
            answer = send(there, spot.key, spot.raw(sampled(numbers, place)), who)
            assert answer.status_code == 403, (spot.key, spot.field)


@pytest.mark.parametrize("numbers", [INSIDE[:1], INSIDE[1:]], ids=["the largest", "the others in turn"])
def test_inside_the_bounds_no_number_is_a_fault_of_ours(there, numbers):
    """Service.send fails at any 500, and where an answer is not as it is documented."""
    there.clinic.to(NOW)
    seen = set()
    for place, spot in enumerate(spots(there)):
        raw = spot.raw(sampled(numbers, place))
        seen.add(send(there, spot.key, raw, somebody(spot.key, there)).status_code)
    assert 422 in seen
    assert all(status < 500 for status in seen)


def test_an_amount_that_arithmetic_would_round_is_not_kept(there):
    """38 digits: decimal arithmetic carries 28, and would find three places in them."""
    there.clinic.to(NOW)
    path = f"/v1/sessions/{there.treated}/events/{uuid4()}"
    raw = json.dumps(event(50, "rate-changed", {"rate_ml_h": HERE})).replace(f'"{HERE}"', "20." + "0" * 35 + "1")
    problem = there.clinic.nurse.problem("PUT", path, raw=raw, status=422)
    assert problem["errors"] == [{"field": "detail.rate_ml_h", "message": "takes at most three decimal places"}]


@on_sqlite
def test_a_refusal_costs_no_more_than_an_answer(there):
    """Of one body, good and with each number: the worst refusal against the usual answer, so no machine's pace counts.

    What it was measured against: seconds, and hundreds of megabytes.
    """
    path = f"/v1/sessions/{there.treated}/events/"
    nurse, body = there.clinic.nurse, event(50, "rate-changed", {"rate_ml_h": HERE})
    there.clinic.to(NOW)

    def seconds(number):
        raw = json.dumps(body).replace(f'"{HERE}"', number)
        took = []
        for _ in range(5):
            began = time.perf_counter()
            nurse.ask("PUT", path + str(uuid4()), raw=raw)
            took.append(time.perf_counter() - began)
        return min(took)

    good = seconds("20")
    for what, number in BEYOND.items():
        assert seconds(number) < 10 * good, what


# --- addresses -------------------------------------------------------------------------------------------------------

IN_ADDRESSES = ("9" * 17, "9" * 5000, "1e1000000", "1e-300000000", "-1", "0", "1.0", " 5", "+" * 3, "\u0667", "NaN", "")


@on_sqlite
def test_numbers_in_addresses_are_judged_alike(there):
    contract = there.clinic.service.contract
    walked = set()
    for key, operation in contract.operations.items():
        for parameter in operation.document.get("parameters", ()):
            if parameter["schema"].get("type") != "integer":
                continue
            walked.add((*key, parameter["name"]))
            path, body = asked(key, there)
            for number in IN_ADDRESSES:
                if parameter["in"] == "query":
                    address = f"{path}{'&' if '?' in path else '?'}{parameter['name']}={number.replace('+', '%2B')}"
                elif number:
                    address = with_number(key[1], path, parameter["name"], number)
                else:
                    continue
                who = somebody(key, there)
                answer = there.clinic.service.send(key[0], address, body, token=who.token if who else None)
                assert answer.status_code == 422, (address[:100], answer.text[:300])
                assert [error["field"] for error in answer.json()["errors"]] == [parameter["name"]]
                assert there.clinic.service.send(key[0], address, body).status_code == 401
    assert len(walked) >= 6


def with_number(template, path, name, number):
    steps = zip(template.split("/"), path.split("/"), strict=True)
    return "/".join(number if step == f"{{{name}}}" else real for step, real in steps)


@on_sqlite
@pytest.mark.parametrize("number", [*IN_ADDRESSES, *BEYOND.values()])
@pytest.mark.parametrize("address", ["/fhir/Encounter?_count=", "/fhir/Patient/{patient}/_history?_count="])
def test_a_count_of_fhir_is_one(there, address, number):
    path = address.format(patient=there.patient) + number.replace("+", "%2B")
    answer = there.clinic.lead.ask("GET", path)
    assert answer.status_code in ({200, 400} if number == "0" or set(number) == {"9"} else {400}), answer.text


# --- FHIR's Parameters, and forms ------------------------------------------------------------------------------------

PARAMETERS = (
    '{"resourceType": "Parameters", "parameter": [{"name": "_since", "valueDecimal": @}]}',
    '{"resourceType": "Parameters", "parameter": [{"name": "_type", "valueString": @}]}',
    '{"resourceType": "Parameters", "parameter": [@]}',
    '{"resourceType": "Parameters", "parameter": @}',
    '{"resourceType": @}',
    "@",
)


@on_sqlite
@pytest.mark.parametrize("key", sorted(key for key in ORDERS if key[0] == "POST"), ids=lambda key: key[1])
@pytest.mark.parametrize("body", PARAMETERS)
def test_an_order_of_an_export_is_refused_in_words(there, key, body):
    path, _ = asked(key, there)
    rows = record_rows(there.clinic.service)
    head = {"Prefer": "respond-async", "Content-Type": "application/fhir+json"}
    service = there.clinic.service
    for number in (*BEYOND.values(), *INSIDE, "5", "true", "null", "[]", "{}", '"text"'):
        raw = body.replace("@", number)
        if '"parameter": []' in raw or "null" in raw:
            continue
        answer = service.send("POST", path, raw=raw, token=there.clinic.lead.token, headers=head)
        if number in BEYOND.values():
            assert (answer.status_code, code_of(answer)) == (422, "malformed-json"), raw[:100]
        else:
            # a text is a type that this export does not have
            assert answer.status_code == 400, (raw[:100], answer.text)
        assert service.send("POST", path, raw=raw, headers=head).status_code == 401
    assert record_rows(service) == rows


@on_sqlite
def test_a_parameter_that_is_none_is_said_with_its_place(there):
    head = {"Prefer": "respond-async", "Content-Type": "application/fhir+json"}

    def said(parameter):
        raw = json.dumps({"resourceType": "Parameters", "parameter": parameter})
        answer = there.clinic.lead.ask("POST", "/fhir/$export", raw=raw, headers=head)
        assert answer.status_code == 400
        return [issue["diagnostics"] for issue in answer.json()["issue"][1:]]

    assert said(5) == ["parameter: must be a list of parameters, each with a name and one value"]
    assert said(None) == said(5) == said("text") == said({"name": "_type"})
    good = {"name": "_type", "valueString": "Encounter"}
    wrong = "parameter.1: must have a name and one value: a string, an instant or a reference"
    for none in (5, {"name": "_since"}, {"name": "_since", "value": 5}, {"value": "Encounter"}):
        assert said([good, none]) == [wrong]
