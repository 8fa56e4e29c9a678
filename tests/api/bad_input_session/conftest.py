"""One clinic with one treated session, for all the bad input."""

import pytest

from tests.api.bad_input_session.refusing import NOW
from tests.api.clinic import clinic_on
from tests.conftest import ENGINES


@pytest.fixture(scope="package", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


@pytest.fixture(scope="package")
def treated(clinic):
    return clinic.treated()


@pytest.fixture
def session(clinic, treated):
    """A session ten minutes after its dose ended."""
    clinic.to(NOW)
    return f"/v1/sessions/{treated}"
