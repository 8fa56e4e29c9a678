"""Ten times as many Observations take no more memory, and none is slow. The large run is `tests.export.measure`."""

from uuid import UUID

import pytest

from app.db.engine import open_database
from tests.export.filling import fill
from tests.export.measure import MB, export, task_of, template_only

FEW, MANY = 30, 300
FLAT = 16 * MB
"""Kilobytes that a tenfold export may take more: the goal at a million Observations, where all buffers are full."""


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
    nothing = min(export(task_of(database_url, tmp_path / f"nothing {turn}", UUID(int=1))).cpu for turn in range(2))
    many = export(sizes[1])
    template = max(template_only(tmp_path / "1", many.lines) for _ in range(3))
    rate = template / (many.cpu - nothing)
    print(f"rate beside a template: {rate:.2f}")
    assert rate > 0.05
