"""What was approved is decoded, never judged again: a band that grows narrower refuses drafts, and nothing else."""

from copy import deepcopy

import pytest

from app.domain.protocol import bands
from app.domain.vitals import Band
from app.services import protocols
from tests.api.bodies import at
from tests.api.clinic import clinic_on
from tests.conftest import ENGINES
from tests.domain.shipped import document


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


def test_a_session_goes_on_under_numbers_that_no_draft_may_have_any_more(clinic, monkeypatch):
    session_id = clinic.ready()
    session = f"/v1/sessions/{session_id}"
    draft = deepcopy(document())
    signed_within = draft["signature"]["minutes"]
    monkeypatch.setattr(bands, "SIGNATURE_MINUTES", Band(signed_within + 1, bands.SIGNATURE_MINUTES.high))
    # as after a restart with the newer program
    protocols._PARSED.clear()
    assert clinic.nurse.get(f"{session}/readiness")["status"] == "met"
    clinic.reading(session_id, 105)
    assert clinic.nurse.get(session)["readiness"]["status"] == "met"
    clinic.to(300)
    assert clinic.nurse.get(f"{session}/readiness")["status"] == "not-met"
    kept = clinic.nurse.get(f"{session}/assessments")["items"]
    assert [one["as_of"] for one in kept if one["change"] == "withdrawn"] == [at(125)]
    assert clinic.plan()
    assert clinic.lead.get("/v1/protocols")["items"]

    draft["version"] = 2
    path = f"/v1/protocols/{draft['id']}/versions/2"
    problem = clinic.lead.problem("PUT", path, draft, status=422)
    assert [fault["field"] for fault in problem["errors"]] == ["signature.minutes"]
    draft["signature"]["minutes"] += 1
    clinic.lead.put(path, draft)
