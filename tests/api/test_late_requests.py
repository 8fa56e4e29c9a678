"""A request's instant is taken once, and the promise of what is kept soon after it counts from there.

An export as of an instant may then be sure of everything before it, and its `_since` successor of everything after.
"""

from uuid import uuid4

import pytest

from app import clock as clocks
from app.api import calls
from app.db import engine
from tests.api.bodies import at, reading
from tests.api.clinic import clinic_on
from tests.conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


@pytest.mark.parametrize(("seconds", "status"), [(engine.LATEST - 1, 201), (engine.LATEST + 1, 503)])
def test_a_request_that_waits_after_its_instant_was_taken_is_not_kept_late(clinic, monkeypatch, seconds, status):
    session = f"/v1/sessions/{clinic.treated()}"
    clinic.to(60)
    ticks = [100.0]
    monkeypatch.setattr(clocks, "ticking", lambda: ticks[0])
    identify = calls.identify

    async def slowly(*args):
        """Who it is takes its time to be found: a look-up that waits for a thread."""
        found = await identify(*args)
        ticks[0] += seconds
        return found

    monkeypatch.setattr(calls, "identify", slowly)
    path = f"{session}/readings/{uuid4()}"
    answer = clinic.nurse.ask("PUT", path, reading(60))
    monkeypatch.undo()
    assert answer.status_code == status
    kept = [one["measured_at"] for one in clinic.nurse.get(session)["readings"]]
    assert (at(60) in kept) is (status == 201)
