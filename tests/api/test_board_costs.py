"""What looking at a board costs: what changed alone, however many chairs there are and however many follow."""

import asyncio
import json
import time
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.api import following as following_module
from app.api.following import Following
from app.db import sessions, tablets
from app.db.engine import Database
from app.db.work import Work
from app.services import boards
from tests import postgres
from tests.api.conftest import SetClock
from tests.api.screens import Screen, fresh
from tests.api.session_story.test_costs import statements
from tests.factories import at
from tests.services.ward import Ward


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


CHAIRS = 10_000


def fill(ward: Ward, session_id: UUID) -> None:
    """As many chairs as that, each like the one there is."""

    def many(work: Work) -> None:
        for table in ("patients", "sessions"):
            [row] = work.all(text(f"SELECT * FROM {table}"))
            names = list(row._fields)
            rows = [{**row._mapping, "id": str(UUID(int=number))} for number in range(1, CHAIRS)]
            if table == "sessions":
                for each in rows:
                    each["patient_id"] = each["id"]
            holes = ", ".join(f":{name}" for name in names)
            work._connection.execute(text(f"INSERT INTO {table} VALUES ({holes})"), rows)

    assert session_id
    ward.write(many)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_ten_thousand_chairs_cost_what_changed(ward: Ward, monkeypatch):
    session_id = ward.ready()
    fill(ward, session_id)
    screen = Screen(ward)
    screen.look(103)
    assert len(screen.shown) == CHAIRS
    made: list[UUID] = []
    really = boards._item
    monkeypatch.setattr(boards, "_item", lambda work, row, silent: (made.append(row.id), really(work, row, silent))[1])
    with statements() as asked:
        assert screen.look(103.1) is None
    assert (len(asked), made) == (2, []), asked
    spent = time.process_time()
    for count in range(50):
        screen.look(103.1 + count / 1000)
    unchanged = (time.process_time() - spent) / 50
    ward.reading(session_id, 103.5, systolic=190)
    with statements() as asked:
        news = screen.look(103.5)
    assert news is not None
    assert (len(news.items), made, len(asked)) == (1, [session_id], 3), asked
    spent = time.process_time()
    whole = screen.memory.items()
    snapshot = time.process_time() - spent
    assert len(json.loads(b"[%b]" % whole)) == CHAIRS
    # a hundredth of what looking at every chair takes, on whatever machine
    spent = time.process_time()
    fresh(ward, 104)
    everything = time.process_time() - spent
    assert unchanged < everything / 100, (unchanged, everything)
    assert snapshot < everything / 20, (snapshot, everything)


def buffers(work: Work, statement: Any, **values: Any) -> int:
    """How many pages PostgreSQL looks at for this, by its own count."""
    asked = statement.compile(dialect=work._connection.dialect, compile_kwargs={"render_postcompile": True})
    given = asked.construct_params({"clinic": work.clinic_id, **values})
    explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
    [plan] = work._connection.exec_driver_sql(explain + str(asked), given).scalar_one()
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_page_of_a_hundred_is_about_a_row_a_chair(ward: Ward, database_url: str):
    """G5: at most 150 pages of the database, however many chairs there are."""
    ward.ready()

    def many(work: Work) -> None:
        for table, new in (
            ("patients", {"id": "gen_random_uuid()"}),
            ("sessions", {"id": "p.id", "patient_id": "p.id"}),
        ):
            [row] = work.all(text(f"SELECT * FROM {table} LIMIT 1"))
            into, out = ", ".join(row._fields), ", ".join(new.get(name, f"t.{name}") for name in row._fields)
            others = "generate_series(1, 5000)" if table == "patients" else "patients p WHERE p.id <> t.patient_id"
            work._connection.execute(text(f"INSERT INTO {table} ({into}) SELECT {out} FROM {table} t, {others}"))

    ward.write(many)
    # as the server's own housekeeping leaves it, and not some moment before: rows that earlier tests removed are gone
    with postgres.as_owner(database_url.rpartition("/")[2].partition("?")[0]) as owner:
        owner.execute("VACUUM ANALYZE")

    def count(work: Work) -> int:
        rows, _ = sessions.board(work, "active", None, 100)
        assert len(rows) == 100
        line = buffers(work, sessions._UP, listing="active", limit=101)
        return line + buffers(work, tablets._SILENT_HERE, until=work.now)

    with statements() as asked:
        ward.database.write_now(boards.page, ward.nurse, at(103), "active", None, 100)
    assert sum(each.startswith("SELECT") for each in asked) == 3, asked
    assert ward.read(count) <= 150


def looks_of(ward: Ward, followers: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, float, set[int]]:
    """Statements, looks, and the events that followers were sent, over a while in which nothing changes."""
    monkeypatch.setattr(following_module, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(following_module, "QUIET_LOOKS", 3)
    counted: list[int] = []
    really = boards.look
    monkeypatch.setattr(boards, "look", lambda *given: (counted.append(1), really(*given))[1])

    async def run() -> tuple[int, set[int]]:
        following = Following(ward.database, SetClock(_now=at(103)))
        heard: list[list[bytes]] = [[] for _ in range(followers)]

        async def listen(mine: list[bytes]) -> None:
            async for event in following.follow(ward.clinic.id):
                mine += [event]

        listening = [asyncio.create_task(listen(mine)) for mine in heard]
        while not all(heard):
            await asyncio.sleep(0.01)
        counted.clear()
        with statements() as asked:
            while not all(len(mine) >= 3 for mine in heard):
                await asyncio.sleep(0.01)
            seen = len(asked)
        await following.close()
        await asyncio.gather(*listening)
        # one and the same object: written out once for everybody
        return seen, {id(mine[1]) for mine in heard}

    seen, second = asyncio.run(run())
    return seen, len(counted), second


def test_an_unchanged_board_costs_the_same_however_many_follow(ward: Ward, monkeypatch):
    ward.ready()
    for followers in (1, 40):
        seen, looks, second = looks_of(ward, followers, monkeypatch)
        assert seen <= 3 * (looks + 1), (seen, looks)
        assert looks <= 12
        assert len(second) == 1


def test_a_follower_who_is_too_far_behind_is_let_go(ward: Ward, monkeypatch):
    ward.ready()
    monkeypatch.setattr(following_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(following_module, "QUIET_LOOKS", 0)

    async def run() -> int:
        following = Following(ward.database, SetClock(_now=at(103)))
        heard = 0
        async for _ in following.follow(ward.clinic.id):
            heard += 1
            if heard == 1:
                clinic = following._clinics[ward.clinic.id]
                while clinic.sent <= following_module.KEPT_EVENTS + 5:
                    await asyncio.sleep(0.01)
        await following.close()
        return heard

    assert asyncio.run(run()) == 1
