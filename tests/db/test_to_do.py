"""What one look for all duties touches does not grow with the sessions of which none waits for anything."""

import asyncio

from app.db import to_do
from app.db.work import EVERY_CLINIC
from app.domain.people import Clinic as ClinicValue
from app.jobs import feed, seals
from tests.api.clinic import first_clinic, running
from tests.bench.counting import asked
from tests.db import test_growth
from tests.db.test_growth import SLACK, Tables
from tests.export.filling import fill

SESSIONS, SMALL, LARGE = 10, 10, 1_000
"""So many sessions, and so many copies of them: a hundred, and ten thousand."""
DEEPER = 14
"""Buffers more on PostgreSQL: seven indexes, each a level or two deeper."""


def test_what_a_look_touches_does_not_grow_with_the_sessions(engine_name, database_url, monkeypatch):
    monkeypatch.setattr(test_growth, "COPIED", {"sessions": ("id", "patient_id"), "streams": ("stream",)})
    tables = Tables(engine_name, database_url)
    with running(database_url) as service:
        clinic = first_clinic(service)
        fill(service.database, SESSIONS, readings_each=1, into=ClinicValue(clinic.id, clinic.name))
        asyncio.run(feed.number_all(service.database, service.clock))
        asyncio.run(seals.seal_all(service.database, service.clock))
        sizes = []
        for first, last in ((1, SMALL), (SMALL + 1, LARGE)):
            tables.copy(first, last)
            now = service.clock.now()
            with asked() as found:
                told = service.database.read_now(to_do.look, EVERY_CLINIC, now, service.clock.wall())
            assert told.duties <= {"lapses"}, "nothing waits for its seal or its number"
            assert len(found) == 1
            sizes.append(tables.touched(found))
        sessions = tables.owner.execute("SELECT count(*) FROM sessions").fetchone()[0]
    tables.close()
    small, large = sizes
    assert sessions > 10_000
    assert large <= SLACK * small + (DEEPER if engine_name == "postgresql" else 0), sizes
