"""What a look touches does not grow with the tables: counted by the databases themselves, on however busy a machine.

On PostgreSQL buffers, on SQLite steps of its virtual machine. The long tables (1 M, 10 M) are `make bench BENCH=full`.
"""

import pytest
from pysqlite3 import dbapi2

from app.db.row_policies import EVERY
from app.domain.people import Clinic as ClinicValue
from tests import postgres
from tests.api.clinic import first_clinic, running
from tests.bench.counting import Asked, asked, buffers, steps
from tests.export.filling import fill

SESSIONS, EACH = 40, 5
SMALL, LARGE = 25, 250
"""So many copies of those sessions: 10,000 and 100,000 entries."""
SLACK = 1.3
LEVELS = 8
"""Buffers that PostgreSQL may touch more in a look, whatever it asks: an index of a larger table has another level."""
PAGE = 20
LOOKS = {
    "closed": ("nurse", f"/v1/sessions?status=closed&limit={PAGE}"),
    "session": ("nurse", "/v1/sessions/{session}"),
    "readiness": ("nurse", "/v1/sessions/{session}/readiness"),
    "audit": ("lead", f"/v1/audit?limit={PAGE}"),
    "observations of a patient": ("lead", f"/fhir/Observation?patient={{patient}}&_count={PAGE}"),
    "observations": ("lead", f"/fhir/Observation?_count={PAGE}"),
    "patients": ("lead", f"/fhir/Patient?_count={PAGE}"),
    "encounters": ("lead", f"/fhir/Encounter?_count={PAGE}"),
}
COPIED = {
    "patients": ("id",),
    "sessions": ("id", "patient_id"),
    "streams": ("stream",),
    "journal": ("stream", "id", "fact_id", "session_id", "patient_id"),
    "log_events": ("id",),
}
"""Tables, and their columns that hold an id of one of the copied rows."""


class Tables:
    """The database beneath, as its owner sees it: to copy rows a hundred times over, and to count."""

    def __init__(self, engine: str, url: str) -> None:
        self.engine = engine
        if engine == "sqlite":
            self.looking = self.owner = dbapi2.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        else:
            name = url.rpartition("/")[2].partition("?")[0]
            self.owner = postgres.as_owner(name)
            self.looking = postgres.as_service(name, EVERY)  # its rows go through the policies, as the service's do
            self.owner.execute("SET session_replication_role = replica")  # for the owner alone: no guard, no trigger

    def copy(self, first: int, last: int) -> None:
        """Copies of the sessions first filled in: each has ids that begin with its number in hexadecimal."""
        for table, ids in COPIED.items():
            columns = self._columns(table)
            values = ", ".join(self._copied(name) if name in ids else f'"{name}"' for name in columns)
            rows = f'SELECT {values} FROM "{table}", numbers WHERE {self._first_ones(ids)}'
            count = (
                f"WITH RECURSIVE numbers (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})"
            )
            self.owner.execute(f'INSERT INTO "{table}" {count} {rows}')
        self.owner.execute("ANALYZE")

    def _columns(self, table: str) -> list[str]:
        return [column[0] for column in self.owner.execute(f'SELECT * FROM "{table}" LIMIT 0').description]

    def _copied(self, name: str) -> str:
        """The id with its first eight digits replaced; behind the stream's word, where there is one."""
        text = f"CAST({name} AS text)"
        if self.engine == "sqlite":
            number, place = "printf('%08x', n)", f"instr({text}, ':')"
            return f"substr({text}, 1, {place}) || {number} || substr({text}, {place} + 9)"
        number, place = "lpad(to_hex(n), 8, '0')", f"position(':' in {text})"
        new = f"substr({text}, 1, {place}) || {number} || substr({text}, {place} + 9)"
        return new if name in ("stream", "fact_id") else f"CAST({new} AS uuid)"

    def _first_ones(self, ids: tuple[str, ...]) -> str:
        """Rows that are no copies; of streams those of sessions and patients alone."""
        text = f"CAST({ids[0]} AS text)"
        plain = f"{text} NOT LIKE '0000%' AND {text} NOT LIKE '%:0000%'"
        return f"{plain} AND ({text} LIKE 'session:%' OR {text} LIKE 'patient:%')" if ids[0] == "stream" else plain

    def touched(self, found: list[Asked]) -> int:
        return steps(self.looking, found) if self.engine == "sqlite" else buffers(self.looking, found)

    def close(self) -> None:
        self.looking.close()
        self.owner.close()

    def count(self) -> int:
        return self.owner.execute("SELECT count(*) FROM journal").fetchone()[0]


@pytest.fixture
def tables(engine_name, database_url):
    found = Tables(engine_name, database_url)
    yield found
    found.close()


def looked(tables, clinic, who, path):
    """What this look asks, and how much of the database that touches."""
    clinic.people[who].get(path)
    with asked() as found:
        clinic.people[who].get(path)
    return tables.touched(found), found


def test_what_a_look_touches_does_not_grow_with_the_tables(tables, database_url):
    with running(database_url) as service:
        clinic = first_clinic(service)
        session = clinic.ready()
        patient = clinic.nurse.get(f"/v1/sessions/{session}")["patient_id"]
        fill(service.database, SESSIONS, readings_each=EACH, into=ClinicValue(clinic.id, clinic.name))
        sizes = []
        for first, last in ((1, SMALL), (SMALL + 1, LARGE)):
            tables.copy(first, last)
            paths = {name: (who, path.format(session=session, patient=patient)) for name, (who, path) in LOOKS.items()}
            sizes.append({name: looked(tables, clinic, *path) for name, path in paths.items()})
        assert tables.count() > 100_000
    small, large = ({name: many for name, (many, _) in size.items()} for size in sizes)
    levels = LEVELS if tables.engine == "postgresql" else 0
    assert {name for name in LOOKS if large[name] > SLACK * small[name] + levels} == set(), (small, large)
    assert [fault for _, found in sizes[1].values() for one in found for fault in one.faults] == []


def test_control_skipping_and_counting_are_noticed(tables, database_url):
    with running(database_url) as service:
        clinic = first_clinic(service)
        fill(service.database, SESSIONS, readings_each=EACH, into=ClinicValue(clinic.id, clinic.name))
    tables.copy(1, 5)
    skips = Asked("SELECT id FROM journal ORDER BY id LIMIT 20 OFFSET 1000", (), many=False)
    page = Asked("SELECT id FROM journal ORDER BY id LIMIT ? OFFSET ?", (20, 0), many=False)
    counts = Asked("SELECT count(*) FROM journal WHERE document <> ''", (), many=False)
    few = {one: tables.touched([one]) for one in (skips, counts)}
    tables.copy(6, 80)
    assert tables.touched([counts]) > few[counts] + 1000  # what earlier tests left weighs too
    assert skips.faults == ["OFFSET"]
    assert page.faults == []
    assert counts.faults == ["COUNT(*)"]
