"""What people who are signed in are refused is on record, and cannot fill it: the first few, then a number."""

from uuid import uuid4

import pytest

from app.services import strangers
from app.services.strangers import FEW
from tests.api.clinic import Clinic, clinic_on
from tests.api.kept_rows import audit_mark, audit_since
from tests.conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


def of(clinic: Clinic, mark, who) -> list[tuple[str, str, str | None]]:
    return [
        (event.action, event.subject_id, event.reason)
        for event in audit_since(clinic.service, mark)
        if str(event.actor_id) == who.id
    ]


DENIED = ("act.denied", "/v1/staff", "read-staff")
UNKNOWN = ("act.refused", "/v1/sessions/{session_id}", "no-such-session")


def test_who_asks_in_vain_again_and_again_is_a_number(clinic):
    frame, who = clinic.service.app.state.frame, clinic.hire("nurse")
    clinic.service.clock.pass_on_the_wall(1.5)
    mark = audit_mark(clinic.service)
    for _ in range(4 * FEW):
        assert who.ask("GET", "/v1/staff").status_code == 403
        assert who.ask("GET", f"/v1/sessions/{uuid4()}").status_code == 404
    assert sorted(of(clinic, mark, who)) == sorted([DENIED, UNKNOWN] * FEW)
    clinic.service.clock.pass_on_the_wall(1)
    for crowd in frame.refused.crowds(clinic.service.clock.wall()):
        clinic.service.database.write_now(strangers.record, crowd.actor, clinic.service.clock.now(), crowd)
    numbers = [event for event in audit_since(clinic.service, mark) if (event.after or {}).get("times")]
    assert sorted((event.action, event.subject_id, event.reason) for event in numbers) == sorted([DENIED, UNKNOWN])
    assert {event.after["times"] for event in numbers} == {3 * FEW}
    assert {str(event.actor_id) for event in numbers} == {who.id}


def test_one_persons_many_take_nothing_from_anothers_first(clinic):
    loud, other = clinic.hire("nurse"), clinic.hire("nurse")
    clinic.service.clock.pass_on_the_wall(1.5)
    for _ in range(4 * FEW):
        loud.ask("GET", "/v1/staff")
    mark = audit_mark(clinic.service)
    other.ask("GET", "/v1/staff")
    loud.ask("GET", "/v1/webhooks")
    assert of(clinic, mark, other) == [DENIED]
    assert of(clinic, mark, loud) == [("act.denied", "/v1/webhooks", "manage-webhooks")]
