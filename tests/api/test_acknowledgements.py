"""An answer to what was sent names it, and the session's version with it: so that no other answer is taken for one."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.api import bodies
from tests.api.bodies import EXCLUSIONS
from tests.api.clinic import Clinic, clinic_on
from tests.conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template) -> Iterator[Clinic]:
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


def said(clinic: Clinic, method: str, path: str, body: Any, **headers: str) -> tuple[int, str | None, int | None]:
    """Status, the item named, and the session's version."""
    answer = clinic.nurse.ask(method, path, body, headers=headers)
    version = answer.headers.get("X-Session-Version")
    return answer.status_code, answer.headers.get("X-Item-Id"), None if version is None else int(version)


def test_every_write_of_a_session_names_the_item_and_the_version_that_shows_it(clinic: Clinic):
    session_id, patient_id, reading_id, event_id = (str(uuid4()) for _ in range(4))
    whole = f"/v1/sessions/{session_id}"
    reading = bodies.reading(50)
    asked = [
        ("PUT", f"/v1/patients/{patient_id}", bodies.patient(record_number=f"A-{patient_id[:8]}"), {}),
        ("PUT", whole, bodies.header(patient_id), {}),
        ("PUT", f"{whole}/events/{event_id}", bodies.event(40, "checked-in"), {}),
        ("PUT", f"{whole}/readings/{reading_id}", reading, {}),
        ("PUT", f"{whole}/readings/{reading_id}", reading, {}),
        (
            "POST",
            f"{whole}/readings/{reading_id}/corrections",
            {"id": str(uuid4()), "reason": "typed wrong", "reading": {**reading, "spo2": 97}},
            {"If-Match": '"1"'},
        ),
        ("PUT", f"{whole}/screening", {"answers": dict.fromkeys(EXCLUSIONS, False)}, {}),
        ("PUT", f"{whole}/escort", {"name": "A friend", "present": False}, {}),
        ("POST", f"{whole}/readings/{reading_id}/void", {"id": str(uuid4()), "reason": "typed twice"}, {}),
        ("PUT", whole, {**bodies.header(patient_id), "chair": "7"}, {"If-Match": '"1"'}),
    ]
    clinic.to(60)
    seen = []
    for method, path, body, headers in asked:
        item = str(uuid4()).upper()
        status, named, version = said(clinic, method, path, body, **headers, **{"X-Item-Id": item})
        assert (status < 300, named) == (True, item), path
        if path.startswith("/v1/patients"):
            assert version is None
            continue
        assert version == clinic.nurse.get(whole)["version"], path
        seen.append(version)
    assert seen == sorted(seen)


def test_nothing_is_named_that_was_not_kept_or_not_asked_to_be(clinic: Clinic):
    session_id = clinic.plan()
    clinic.event(session_id, 40, "checked-in")
    clinic.to(60)
    reading_id = str(uuid4())
    path = f"/v1/sessions/{session_id}/readings/{reading_id}"
    assert said(clinic, "PUT", path, bodies.reading(50)) == (201, None, None)
    item = {"X-Item-Id": str(uuid4())}
    assert said(clinic, "PUT", path, bodies.reading(51), **item) == (409, None, None)
    assert said(clinic, "PUT", path, {"measured_at": 5}, **item) == (422, None, None)
    assert said(clinic, "GET", f"/v1/sessions/{session_id}", None, **item) == (200, None, None)


@pytest.mark.parametrize("bad", ["", "1", "x" * 36, f"{UUID(int=1)}!", f"{UUID(int=1)},{UUID(int=2)}"])
def test_an_item_is_named_by_a_uuid(clinic: Clinic, bad: str):
    path = f"/v1/patients/{uuid4()}"
    answer = clinic.nurse.ask("PUT", path, bodies.patient(record_number="B-1"), headers={"X-Item-Id": bad})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["X-Item-Id"]
