"""One service, and for each test a clinic of its own in which a signature takes a second factor."""

import pytest

from tests.api.bodies import PASSWORD
from tests.api.clinic import Clinic, another_clinic, clinic_on
from tests.conftest import ENGINES


@pytest.fixture(scope="package", params=ENGINES)
def shared(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as clinic:
        yield clinic


@pytest.fixture
def clinic(shared) -> Clinic:
    """A clinic of its own, in which a signature takes a second factor."""
    made = another_clinic(shared.service)
    made.lead.put("/v1/clinic/signing", {"signing": "second-factor", "password": PASSWORD}, expect=200, if_match='"1"')
    return made
