"""What a page of sessions touches in PostgreSQL, by its own count: the same in a record ten times as large."""

import os
from datetime import timedelta
from uuid import UUID

import pytest

from app.db import session_search
from app.db.engine import open_database
from app.db.session_search import SessionPlace, SoughtSessions
from app.domain.people import Actor, Role
from tests import postgres
from tests.db.test_search_costs import MOST, copy, rows_of, searches_of, statements
from tests.export.filling import fill
from tests.factories import NOON

BASE, SMALL, LARGE = 30, 600, 6000
PAGE = 20
SIGNER = UUID(int=3)


class Ward:
    """A database with so many sessions, a minute apart; one in a hundred is unlike the others."""

    def __init__(self, name, many):
        self.database = open_database(postgres.emptied(name))
        self.clinic = fill(self.database, BASE, readings_each=2)
        self.owner = postgres.as_owner(name)
        for table in ("patients", "sessions"):
            copy(self.owner, table, many // BASE)
        self.owner.execute(
            "UPDATE sessions s SET at = %s::timestamptz - n.place * interval '1 minute',"
            " signer_id = CASE WHEN n.place %% 100 = 7 THEN %s::uuid END,"
            " chair_key = CASE WHEN n.place %% 100 = 7 THEN 'annex' ELSE '3' END,"
            " state = CASE WHEN n.place %% 100 = 7 THEN 'transferred' ELSE 'discharged' END"
            " FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM sessions) n WHERE n.id = s.id",
            [NOON, SIGNER],
        )
        self.patient = self.owner.execute("SELECT patient_id FROM sessions LIMIT 1").fetchone()[0]
        self.owner.execute("VACUUM ANALYZE")
        self.service = postgres.as_service(name, str(self.clinic.id))

    def page(self, sought, after=None):
        actor = Actor(self.clinic.id, UUID(int=7), "Lead", Role.LEAD)
        return self.database.read_now(session_search.search, actor, NOON, sought, after, PAGE)

    def cost(self, sought, after=None):
        self.page(sought, after)
        with statements() as asked:
            found, _ = self.page(sought, after)
        plans = [
            self.service.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters).fetchone()[0][0][
                "Plan"
            ]
            for statement, parameters in asked
        ]
        buffers = sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in plans)
        return len(found), buffers, sum(map(rows_of, plans)), sum(map(searches_of, plans))

    def close(self):
        self.service.close()
        self.owner.close()
        self.database.close()


@pytest.fixture(scope="module")
def both():
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    found = [Ward(f"session_costs_{many}_{worker}", many) for many in (SMALL, LARGE)]
    yield found
    for one in found:
        one.close()


DAY_AGO = NOON - timedelta(days=1)
WIDE = {
    "all": SoughtSessions(),
    "of some days": SoughtSessions(since=NOON - timedelta(hours=9), until=NOON - timedelta(minutes=30)),
    "of a state": SoughtSessions(state="discharged"),
    "of a chair": SoughtSessions(chair_key="3"),
}


@pytest.mark.parametrize("name", WIDE)
def test_a_page_touches_as_much_in_a_record_ten_times_as_large(both, name):
    after = SessionPlace(NOON - timedelta(minutes=100), UUID(int=0))
    small, large = (one.cost(WIDE[name], after) for one in both)
    assert small[0] == large[0] == PAGE
    assert large[1] <= MOST * small[1] + 8, (small, large)
    assert large[2] <= MOST * small[2] + 2, (small, large)
    assert large[2] <= 2 * (PAGE + 2)


RARE = {
    "signed by": SoughtSessions(signer_id=SIGNER),
    "in a rare state": SoughtSessions(state="transferred"),
    "in a rare chair": SoughtSessions(chair_key="annex"),
}


@pytest.mark.parametrize("name", RARE)
def test_what_is_rare_is_told_by_its_own_index(both, name):
    small, large = (one.cost(RARE[name]) for one in both)
    assert (small[0], large[0]) == (SMALL // 100, PAGE)
    assert large[2] <= 2 * (PAGE + 2), (small, large)


def test_several_conditions_look_at_so_many_rows_and_no_more(both):
    sought = SoughtSessions(state="discharged", chair_key="annex")
    found, buffers, rows, _ = both[1].cost(sought)
    assert found == 0
    assert rows <= session_search.IN_TURN
    assert buffers < 3 * session_search.IN_TURN


def test_nothing_skips_or_counts(both):
    with statements() as asked:
        both[0].page(SoughtSessions(state="discharged"))
    assert asked
    for statement, _ in asked:
        assert "OFFSET" not in statement.upper()
        assert "COUNT(" not in statement.upper()


def test_control_without_an_index_the_rows_of_all_are_read(both):
    """The harness sees it: the same page by a column that no index holds."""
    large = both[1]
    plan = large.owner.execute(
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT id FROM sessions WHERE digest = 'x' ORDER BY at DESC LIMIT 20"
    ).fetchone()[0][0]["Plan"]
    assert rows_of(plan) >= LARGE
