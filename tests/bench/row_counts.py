"""Rows that are counts: statements and bytes a reading, buffers a page. Exact on however busy a machine.

The application runs in this process, its jobs off, its clock in our hand.
"""

from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

from pysqlite3 import dbapi2
from sqlalchemy import text

from app.db.work import EVERY_CLINIC
from tests.api.bodies import reading
from tests.api.clinic import Clinic, Person, first_clinic, running, sign_in
from tests.bench.counting import asked, buffers, steps
from tests.bench.rounds import exact
from tests.bench.servers import Place
from tests.bench.stand import ENGINES, Stand
from tests.bench.table import Row
from tests.bench.two_clinics import Tables

SEARCHES = {
    "Observation": "/fhir/Observation?_count=50",
    "Observation, code and date": "/fhir/Observation?code=http://loinc.org|8867-4&date=ge2026-03-07&_count=50",
    # so many as are found in the small one too: a page that is full is held against one that is full
    "Patient, family": "/fhir/Patient?family=Probea&_count=20",
    "Encounter": "/fhir/Encounter?_count=50",
}
UNIT = {"sqlite": "tens of steps", "postgresql": "buffers"}
EARLY, LATE, OVER = 25, 500, 10
"""Readings of a session at which it is weighed, and over how many."""


def counts(stand: Stand) -> Iterator[Row]:
    """G1, G9, G4; and G5 where the database counts buffers."""
    for engine in ENGINES:
        where = stand.place(engine)
        with running(where.url) as service:
            yield from _a_reading(engine, first_clinic(service))
        yield from _pages(stand.tables(engine, full=stand.full))


def _put(clinic: Clinic, session: str, minute: float) -> None:
    clinic.to(minute)
    clinic.nurse.put(f"/v1/sessions/{session}/readings/{uuid4()}", reading(minute))


def _a_reading(engine: str, clinic: Clinic) -> Iterator[Row]:
    session = clinic.treated()
    _put(clinic, session, 41)
    with asked() as found:
        _put(clinic, session, 42)
    yield Row("G1", engine, exact(len(found)))
    weights = {}
    for number in range(6, LATE + 1):
        _put(clinic, session, 42 + number / 100)
        if number in (EARLY - OVER, EARLY, LATE - OVER, LATE):
            weights[number] = _stored(clinic, session)
    for many in (EARLY, LATE):
        yield Row("G9", f"{engine}, at {many} readings", exact((weights[many] - weights[many - OVER]) / OVER))


def _stored(clinic: Clinic, session: str) -> int:
    """Bytes of this session's entries as they lie there."""

    def look(work):
        rows = work.all(text("SELECT * FROM journal WHERE session_id = :this"), this=session)
        return sum(len(str(value)) for row in rows for value in row if value is not None)

    found: int = clinic.service.database.read_now(look, EVERY_CLINIC, clinic.service.clock.now())
    return found


def _pages(tables: Tables) -> Iterator[Row]:
    """The same page in two clinics of one database, one of them many times as large."""
    where = tables.where
    with running(where.url) as service:
        small, large = (sign_in(service, one.lead) for one in (tables.small, tables.large))
        for name, path in SEARCHES.items():
            few, many = _touched(where, small, path), _touched(where, large, path)
            yield Row(
                "G4", f"{tables.of}, {name}", exact(many / max(few, 1)), f"{many:,} and {few:,} {UNIT[where.engine]}"
            )
        page = _touched(where, large, "/v1/sessions?status=active&limit=100")
        if where.cluster is not None:
            yield Row("G5", f"{where.engine}, beside {tables.large.readings:,} readings", exact(page))


def _touched(where: Place, who: Person, path: str) -> int:
    who.get(path)
    with asked() as found:
        who.get(path)
    if where.cluster is None:
        with closing(dbapi2.connect(where.database)) as owner:
            return steps(owner, found)
    with where.cluster.as_owner(where.database) as owner:
        return buffers(owner, found)
