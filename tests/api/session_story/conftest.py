"""One clinic for all the stories."""

import pytest

from tests.api.clinic import clinic_on
from tests.conftest import ENGINES


@pytest.fixture(scope="package", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened
