"""What a page of a search touches in PostgreSQL, by its own count: the same in a record ten times as large.

Buffers and rows of every statement of the page, run again under EXPLAIN (ANALYZE, BUFFERS) as the service, whose rows
the policies hold to one clinic: no clock, no luck.
"""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, select

from app.db import search
from app.db.engine import open_database
from app.db.tables import journal
from app.domain.instants import to_text
from app.domain.people import Actor, Role
from app.exchange.searching.offers import OFFERED
from app.exchange.searching.query import read_query
from app.services.fhir import searching
from tests import postgres
from tests.export.filling import fill
from tests.factories import NOON

BASE, SMALL, LARGE = 60, 600, 6000
MOST = 1.3
PULSE = "http://loinc.org|8867-4"


@contextmanager
def statements():
    found = []

    def note(_connection, _cursor, statement, parameters, *_):
        if statement.lstrip().upper().startswith("SELECT"):
            found.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


@dataclass(frozen=True)
class Cost:
    """`searches`: how often a tree was gone down, from its root."""

    buffers: int
    rows: int
    searches: int
    found: int

    def is_like(self, other):
        """Whether this is no more than the other's: in a tree of ten times the rows a search may go a level deeper."""
        return (
            self.searches <= MOST * other.searches + 2
            and self.buffers - self.searches <= MOST * other.buffers
            and self.rows <= MOST * other.rows + 2
        )


OTHER = (
    "regexp_replace({}, '[0-9a-f]{{8}}(-[0-9a-f]{{4}}-[47])',"
    " lpad(to_hex(k * 40503 %% 65536), 4, '0') || '0000\\1', 'g')"
)
"""Every id in a text, as its k-th copy has it: the others' order among themselves stays random."""


def copy(owner, table, times):
    """Each row so many times in all, under ids of its own, which the documents name too."""
    rows = owner.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
        [table],
    ).fetchall()
    made = []
    for name, kind in rows:
        if name not in ("clinic_id", "by_id") and (kind == "uuid" or name in ("stream", "fact_id", "document")):
            made.append(f"CAST({OTHER.format(f'CAST({name} AS text)')} AS {kind})")
        else:
            made.append(name)
    named = ", ".join(name for name, _ in rows)
    one_each = " WHERE stream <> 'clinic'" if table == "journal" else ""
    source = f"{table}, generate_series(1, %s) AS k{one_each}"
    owner.execute(f"INSERT INTO {table} ({named}) SELECT {', '.join(made)} FROM {source}", [times - 1])


class Filled:
    """A database with one clinic of so many sessions, and its owner's eye on what a page costs."""

    def __init__(self, name, many):
        self.database = open_database(postgres.emptied(name))
        self.clinic = fill(self.database, BASE, readings_each=5)
        self.owner = postgres.as_owner(name)
        for table in ("patients", "patient_keys", "sessions", "journal"):
            copy(self.owner, table, many // BASE)
        self.owner.execute("VACUUM ANALYZE")
        self.service = postgres.as_service(name, str(self.clinic.id))

    def page(self, text, after=None):
        kind, _, asked = text.partition("?")
        pairs = [tuple(part.split("=", 1)) for part in asked.split("&")]
        query = read_query(OFFERED[kind], pairs, "http://here/fhir", lenient=False)
        actor = Actor(self.clinic.id, UUID(int=7), "Lead", Role.LEAD)
        return self.database.read_now(searching.search, actor, NOON, query, after, frozenset())

    def cost(self, text):
        """What the second page costs: what is read once at the beginning is not it."""
        first = self.page(text)
        with statements() as asked:
            found = self.page(text, first.after)
        explained = [
            self.service.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters).fetchone()
            for statement, parameters in asked
        ]
        plans = [rows[0][0]["Plan"] for rows in explained]
        buffers = sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in plans)
        return Cost(buffers, sum(map(rows_of, plans)), sum(map(searches_of, plans)), len(found.matches))

    def close(self):
        self.service.close()
        self.owner.close()
        self.database.close()


def rows_of(plan):
    """Rows that the scans of a plan came upon, those they passed over too."""
    own = 0
    if "Scan" in plan["Node Type"]:
        passed = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        own = (plan["Actual Rows"] + passed) * plan["Actual Loops"]
    return own + sum(map(rows_of, plan.get("Plans", ())))


def searches_of(plan):
    return plan.get("Index Searches", 0) + sum(map(searches_of, plan.get("Plans", ())))


@pytest.fixture(scope="module")
def both():
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    found = [Filled(f"costs_{many}_{worker}", many) for many in (SMALL, LARGE)]
    yield found
    for one in found:
        one.close()


EARLY, LATE = to_text(NOON - timedelta(days=1)), to_text(NOON - timedelta(minutes=5))
WIDE = (
    "Observation?_count=50",
    f"Observation?code={PULSE}&date=ge{EARLY}&_count=50",
    f"Observation?code={PULSE}&date=gt{LATE}&date=lt2027-01-01&_count=50",
    f"Observation?_lastUpdated=gt{EARLY}&_count=50",
    f"Encounter?date=ge{EARLY}&_count=20",
    "Patient?name:contains=rob&_count=50",
    "Patient?birthdate=ge1950&_count=50",
    f"Patient?_lastUpdated=gt{EARLY}&_count=50",
    "Patient?_count=50",
)


@pytest.fixture
def few(monkeypatch):
    """So that both records are large: what counts as few is smaller than either."""
    monkeypatch.setattr(search, "NARROW", 60)
    monkeypatch.setattr(search, "IN_TURN", 60)


@pytest.mark.parametrize("asked", WIDE)
def test_a_page_of_much_touches_as_much_in_a_record_ten_times_as_large(both, few, asked):
    small, large = (one.cost(asked) for one in both)
    assert large.found == small.found > 0
    assert large.is_like(small), (small, large)


@pytest.mark.parametrize("asked", ["Patient?family=p&_count=50", "Patient?name=probe&_count=50"])
def test_a_page_by_a_name_reads_what_it_tells_however_many_have_that_name(both, asked):
    """Entries of the index of names, and for each the sheet, by one way down the tree: no more in the large record."""
    small, large = (one.cost(asked) for one in both)
    assert large.found == small.found == 50
    assert large.rows == small.rows <= 2 * (50 + 2)
    for one in (small, large):
        assert one.buffers <= 5 * (50 + 2)


def test_control_names_that_are_all_read_at_once_are_noticed(both, monkeypatch):
    """As it was: every key under which the name begins, to be put into the order of ids."""
    monkeypatch.setattr(search, "leading_name", lambda _wanted: None)
    small, large = (one.cost("Patient?family=p&_count=50") for one in both)
    assert large.rows > 3 * small.rows


NARROW = (
    "Observation?date=2031-05-05&_count=50",
    "Observation?_lastUpdated=gt2031-05-05&_count=50",
    f"Observation?code={PULSE}&date=gt2031&_count=50",
    "Patient?family=zzz&_count=50",
    "Patient?birthdate=2031-05-05&_count=50",
    "Patient?_lastUpdated=gt2031-05-05&_count=50",
    "Patient?identifier=none&_count=50",
)


@pytest.mark.parametrize("asked", NARROW)
def test_what_is_not_there_is_known_at_once_in_either(both, few, asked):
    small, large = (one.cost(asked) for one in both)
    assert large.found == small.found == 0
    assert large.is_like(small), (small, large)
    assert large.buffers < 60


def test_control_a_sieve_over_the_whole_record_is_noticed(both, few, monkeypatch):
    """As it was: the sessions of a span by one condition over all entries."""

    def over_everything(work, which, after, limit):
        near = select(journal.c.session_id).where(journal.c.clinic_id == work.clinic_id, journal.c.at >= NOON)
        more = [] if after is None else [search.sessions.c.id > after]
        statement = select(search.sessions.c.id).where(
            search.sessions.c.clinic_id == work.clinic_id, search.sessions.c.id.in_(near.distinct()), *more
        )
        return search.Sieved([row.id for row in work.all(statement.order_by(search.sessions.c.id))][:limit])

    monkeypatch.setattr(search, "sessions_after", over_everything)
    small, large = (one.cost(WIDE[1]) for one in both)
    assert not large.is_like(small)
    assert large.rows > 5 * small.rows


def test_the_fill_is_what_it_says(both):
    counts = []
    for one in both:
        rows = one.owner.execute("SELECT count(*) FROM sessions").fetchone()[0]
        counts.append(rows)
    assert counts == [SMALL, LARGE]
