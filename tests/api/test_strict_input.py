"""What is read from outside is read strictly: exactly what it claims to be, or refused with the field named."""

import json
from decimal import Decimal
from typing import Annotated, Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from app.api.faults import field_errors
from app.api.strict import DEEPEST, Body, Choice, Day, Id, Instant, Places3, Text, Whole, parse_json
from app.domain.people import Role
from app.domain.strict_json import Unreadable
from tests.api.conftest import People

PATIENT = {"family_name": "Probe", "given_name": "Eva", "birth_date": "1984-03-11", "record_number": "R-1"}


@pytest.fixture
def engine_name() -> str:
    """One engine: nothing here differs by where things are kept."""
    return "sqlite"


class Sample(Body):
    whole: Whole = 0
    flag: bool = False
    text: Annotated[str, Text(5)] = "x"
    lines: Annotated[str, Text(50, lines=True)] = "x"
    instant: Instant | None = None
    day: Day | None = None
    id: Id | None = None
    places: Places3 | None = None
    role: Choice[Role] | None = None
    items: list[Whole] | None = None


def faults(**sent: Any) -> dict[str, str]:
    """What is wrong with a body, by field."""
    raw = json.dumps(sent).encode()
    parsed = parse_json(raw)
    try:
        Sample.model_validate(parsed)
    except ValidationError as error:
        found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        return {fault.field: fault.message for fault in field_errors(found, parsed)}
    return {}


# --- JSON itself -----------------------------------------------------------------------------------------------------


def test_ordinary_json_is_read_with_decimals_exact() -> None:
    assert parse_json(b' {"a": [1, 2.50, "\\u00e9\\ud83d\\ude00", null, true]}\n') == {
        "a": [1, Decimal("2.50"), "é😀", None, True]
    }


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b'{"a": 1, "a": 1}', '"a" is there twice'),
        (b'{"x": {"b": 1, "c": 2, "b": 3}}', '"b" is there twice'),
        (b'{"a": 1, "\\u0061": 2}', '"a" is there twice'),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": Infinity}', "Infinity"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'\xef\xbb\xbf{"a": 1}', "byte order mark"),
        ('{"a": 1}'.encode("utf-16"), "byte order mark"),
        ('{"a": 1}'.encode("utf-16-le"), "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": "\\ud800"}', "lone surrogate"),
        (b'{"\\udc00": 1}', "lone surrogate"),
        (b'{"a": 9007199254740992}', "beyond"),
        (b'{"a": ' + b"9" * 5000 + b"}", "beyond"),
        (b'{"a": 0.' + b"1" * 50 + b"}", "more digits"),
        (b'{"a": 1} {"b": 2}', "follows after the end"),
        (b'{"a": 1', "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'{"a": 01}', "not JSON"),
        (b'{"a": "\n"}', "not JSON"),
        (b"", "not JSON"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "nested deeper"),
        (b"[" * 60_000, "nested deeper"),
        (b'{"a":' * 10_000, "nested deeper"),
    ],
)
def test_tricks_are_refused_with_a_sentence(raw: bytes, says: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse_json(raw)
    assert says in str(refused.value)


def test_breadth_is_not_depth() -> None:
    assert parse_json(b"[" + b"[],{}," * 1000 + b"0]")[-1] == 0


def test_a_hostile_key_is_shown_harmless_and_short() -> None:
    key = "\\u001b[31m" + "k" * 500
    with pytest.raises(Unreadable) as refused:
        parse_json(f'{{"{key}": 1, "{key}": 2}}'.encode())
    [fault] = refused.value.errors
    assert fault.field.isprintable()
    assert fault.field.isascii()
    assert len(fault.field) <= 64


# --- fields ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [True, "120", 36.6, 36.0, 1e2, None, [], {}, 2**31])
def test_a_whole_number_is_a_whole_number(value: object) -> None:
    assert list(faults(whole=value)) == ["whole"]


@pytest.mark.parametrize("value", [1, 0, "true", None])
def test_a_flag_is_true_or_false(value: object) -> None:
    assert list(faults(flag=value)) == ["flag"]


@pytest.mark.parametrize(
    "value", ["", " ", "\t", "toolong", "a\x00b", "a\nb", "a\x1b[0m"[:5], "a\u202eb", 1, True, None]
)
def test_text_is_visible_short_and_on_one_line(value: object) -> None:
    assert list(faults(text=value)) == ["text"]


def test_text_is_kept_as_typed() -> None:
    assert Sample(text=" é ").text == " é "
    assert Sample(lines="one\n\ttwo").lines == "one\n\ttwo"


@pytest.mark.parametrize(
    ("value", "utc"),
    [
        ("2026-03-08T09:30:00Z", "2026-03-08T09:30:00+00:00"),
        ("2026-03-08t09:30:00z", "2026-03-08T09:30:00+00:00"),
        ("2026-03-08T09:30:00.125+01:00", "2026-03-08T08:30:00.125000+00:00"),
        ("2026-03-08T09:30:00.123456-05:30", "2026-03-08T15:00:00.123456+00:00"),
    ],
)
def test_an_instant_becomes_utc(value: str, utc: str) -> None:
    found = Sample.model_validate({"instant": value}).instant
    assert found is not None
    assert found.isoformat() == utc


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-08T09:30:00",
        "2026-03-08",
        "2026-03-08T09:30Z",
        "2026-03-08 09:30:00Z",
        "2026-02-30T09:30:00Z",
        "2026-03-08T24:00:00Z",
        "2026-03-08T09:30:60Z",
        "2026-03-08T09:30:00.1234567Z",
        "2026-03-08T09:30:00+25:00",
        "2026-W10-7T09:30:00Z",
        "20260308T093000Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "٢٠٢٦-03-08T09:30:00Z",
        1772962200,
        1772962200.5,
        True,
    ],
)
def test_anything_else_is_no_instant(value: object) -> None:
    assert list(faults(instant=value)) == ["instant"]


def test_a_naive_instant_is_told_to_add_an_offset() -> None:
    assert "add an offset" in faults(instant="2026-03-08T09:30:00")["instant"]


@pytest.mark.parametrize("value", ["1984-3-11", "1984-02-30", "11.03.1984", "1984-03-11T00:00:00Z", 19840311, True])
def test_a_day_is_a_day(value: object) -> None:
    assert list(faults(day=value)) == ["day"]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        "0190a5c48d3e7abc8def0123456789ab",
        "{0190a5c4-8d3e-7abc-8def-0123456789ab}",
        "urn:uuid:0190a5c4-8d3e-7abc-8def-0123456789ab",
        5,
    ],
)
def test_an_id_is_a_uuid_with_its_hyphens(value: object) -> None:
    assert list(faults(id=value)) == ["id"]


@pytest.mark.parametrize("value", [2, 2.5, 0.001, 70.250, 999_999.999, 1e2, -3])
def test_decimals_with_three_places_are_kept_exactly(value: float) -> None:
    found = Sample.model_validate(parse_json(json.dumps({"places": value}).encode())).places
    assert found == Decimal(str(value))


@pytest.mark.parametrize("value", ["2.5", True, 0.0001, 1_000_000, 1e300, [], {}])
def test_anything_else_is_no_decimal(value: object) -> None:
    assert list(faults(places=value)) == ["places"]


@pytest.mark.parametrize("value", ["Nurse", "NURSE", "nurse ", "", "doctor", 0, True])
def test_a_choice_is_the_exact_text(value: object) -> None:
    assert list(faults(role=value)) == ["role"]
    assert "'nurse'" in faults(role=value)["role"]


def test_unknown_fields_are_refused_by_name_even_deep_in_a_list() -> None:
    assert faults(bogus=1) == {"bogus": "is not a field here: leave it out"}
    assert list(faults(items=[1, True, 3])) == ["items.1"]


def test_several_faults_are_all_named() -> None:
    assert set(faults(whole=True, flag=1, bogus=0)) == {"whole", "flag", "bogus"}


# --- the same through the door ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/fhir+json",
        "application/jsonx",
        "",
    ],
)
def test_only_application_json_is_taken(people: People, content_type: str) -> None:
    answer = people.nurse.put(f"/v1/patients/{uuid4()}", json.dumps(PATIENT).encode(), **{"content-type": content_type})
    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported-media-type"


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_application_json_in_any_spelling_is_taken(people: People, content_type: str) -> None:
    answer = people.nurse.put(f"/v1/patients/{uuid4()}", json.dumps(PATIENT).encode(), **{"content-type": content_type})
    assert answer.status_code == 201


def test_a_repeated_key_is_named_and_nothing_is_kept(people: People) -> None:
    path = f"/v1/patients/{uuid4()}"
    answer = people.nurse.put(path, b'{"family_name": "A", "family_name": "B"}')
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed-json")
    assert answer.json()["errors"] == [{"field": "family_name", "message": "is there twice"}]
    assert people.nurse.get(path).status_code == 404


def test_no_body_at_all_is_said_so(people: People) -> None:
    answer = people.nurse.request("PUT", f"/v1/patients/{uuid4()}")
    assert answer.status_code == 422


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_a_body_that_is_no_object_is_refused(people: People, body: bytes) -> None:
    assert people.nurse.put(f"/v1/patients/{uuid4()}", body).status_code == 422


def test_a_body_over_the_limit_is_refused_announced_or_not(people: People) -> None:
    big = json.dumps(PATIENT | {"note": "x" * 65_536}).encode()
    announced = people.nurse.put(f"/v1/patients/{uuid4()}", big)
    assert (announced.status_code, announced.json()["code"]) == (413, "body-too-large")
    headers = {"Authorization": f"Bearer {people.nurse.token}", "content-type": "application/json"}
    in_pieces = people.nurse.client.put(
        f"/v1/patients/{uuid4()}",
        content=(big[start : start + 1000] for start in range(0, len(big), 1000)),
        headers=headers,
    )
    assert "content-length" not in in_pieces.request.headers
    assert (in_pieces.status_code, in_pieces.json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("etag", ["3", '"x"', '"0"', "*", '"1", "2"', '"-1"', '"1"2', "W/1"])
def test_if_match_is_one_etag(people: People, etag: str) -> None:
    answer = people.nurse.put(f"/v1/patients/{uuid4()}", PATIENT, If_Match=etag)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "If-Match"


def test_an_id_in_the_address_is_a_uuid(people: People) -> None:
    answer = people.nurse.get("/v1/patients/12")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "patient_id"


def test_a_tablet_is_a_uuid(people: People) -> None:
    answer = people.nurse.get(f"/v1/patients/{uuid4()}", X_Tablet_Id="tablet 1")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "X-Tablet-Id"
