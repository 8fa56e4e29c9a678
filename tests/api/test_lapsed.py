"""After the instant at which a flag lapses no answer says met, whatever has become of those who were to keep that."""

import json

import pytest

from app.services import session_work
from tests.api.bodies import at
from tests.api.clinic import clinic_on
from tests.conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    """Its jobs are off: nobody keeps a lapse by themselves."""
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


def fails(*_):
    raise RuntimeError("Zebra Quagga")


def test_a_flag_that_nobody_could_withdraw_is_told_as_unknown_everywhere(clinic):
    session_id = clinic.ready()
    session = f"/v1/sessions/{session_id}"
    clinic.to(121)
    assert line(clinic, session_id)["status"] == "met"
    clinic.to(300)
    with clinic.service.broken() as patch:
        patch.setattr(session_work, "assessment_facts", fails)
        for told in (line(clinic, session_id), streamed(clinic, session_id)):
            assert (told["status"], told["lapses_at"], told["status_since"]) == ("cannot-tell", at(122), at(122))
            assert told["status_because"] == f"this session has not been worked out since its flag lapsed at {at(122)}"
        for path in (session, f"{session}/readiness", f"{session}/assessments"):
            answer = clinic.nurse.ask("GET", path)
            assert (answer.status_code, '"met"' in answer.text) == (500, False), path
    # whoever looks at the session once it can be worked out has it kept
    assert clinic.nurse.get(f"{session}/readiness")["status"] == "not-met"
    told = line(clinic, session_id)
    assert (told["status"], told["status_because"], told["lapses_at"]) == ("not-met", None, None)


def line(clinic, session_id):
    [found] = [item for item in clinic.nurse.get("/v1/sessions")["items"] if item["id"] == session_id]
    return found


def streamed(clinic, session_id):
    text = clinic.nurse.ask("GET", "/v1/stream").text
    news = json.loads(text.partition("data: ")[2].splitlines()[0])
    [found] = [item for item in news["items"] if item["id"] == session_id]
    return found
