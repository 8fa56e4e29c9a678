"""A clinic with a closed session, one with awkward facts, and one just planned; on each engine."""

import pytest

from tests.api.clinic import clinic_on
from tests.api.fhir.awkward import awkward_session
from tests.conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


@pytest.fixture(scope="module")
def awkward(clinic):
    return awkward_session(clinic)
