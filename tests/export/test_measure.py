"""Ten times as many Observations take no more memory, and none is slow. The large run is `tests.export.measure`."""

from uuid import UUID

import pytest

from app.db.engine import open_database
from tests.export.filling import fill
from tests.export.measure import MB, export, task_of, template_only

FEW, MANY = 30, 300
FLAT = 6 * MB
"""Kilobytes that a tenfold export may take more here; at a million Observations the goal is 16 MB."""


@pytest.fixture
def sizes(database_url, tmp_path):
    """Tasks for few sessions and for many."""
    database = open_database(database_url)
    clinics = fill(database, FEW), fill(database, MANY)
    database.close()
    return [task_of(database_url, tmp_path / str(number), clinic.id) for number, clinic in enumerate(clinics)]


def growth(tasks, module):
    few, many = (export(task, module) for task in tasks)
    assert many.lines == 10 * few.lines
    return many.memory - few.memory


def test_memory_stays_flat(sizes):
    assert growth(sizes, "app.jobs.export_worker") < FLAT


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_control_gathering_everything_is_noticed(sizes):
    assert growth(sizes, "tests.export.hoarding") > FLAT


def test_the_rate_beside_a_template(sizes, database_url, tmp_path):
    """In processor time, which others on this machine hardly touch. At this size the beginning weighs much;
    the goal at a million is 0.20."""
    nothing = export(task_of(database_url, tmp_path / "nothing", UUID(int=1)))
    many = export(sizes[1])
    assert template_only(tmp_path / "1", many.lines) / (many.cpu - nothing.cpu) > 0.08
