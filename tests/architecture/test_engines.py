"""The last line of a run says how many tests ran on each engine."""

import pytest

from tests.conftest import ENGINES
from tests.dealing import engine_of


@pytest.mark.parametrize(
    ("nodeid", "engine"),
    [
        ("tests/api/test_pins.py::test_several_people_share_a_tablet[postgresql]", "postgresql"),
        ("tests/crash/test_kill.py::test_nothing_acknowledged_is_lost[sqlite-0]", "sqlite"),
        ("tests/db/test_start_sqlite.py::test_an_old_schema_is_refused", None),
        ("tests/domain/test_texts.py::test_a_line[too long]", None),
    ],
)
def test_the_engine_of_a_test_is_the_one_its_parameters_name(nodeid, engine):
    assert engine in {None, *ENGINES}
    assert engine_of(nodeid) == engine
