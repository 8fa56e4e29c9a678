"""What only grows is purged some time after its end, a batch at a time, and nothing else is."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.db import clients, enrolments, identities, pins, purging, sign_ins
from app.db.clients import Client, Token
from app.db.identities import Begun
from app.db.pins import Pin
from app.db.sign_ins import SignIn
from app.db.tables import client_assertions, client_tokens, journal, journeys, metadata
from app.db.tables import pins as pin_rows
from app.db.tables import sign_ins as sign_in_rows
from app.db.work import EVERY_CLINIC
from app.domain.tablets import Tablet
from app.jobs import purge
from app.services.duties import Duty
from app.services.purging import purge as purge_now
from tests.api.conftest import SetClock
from tests.db.filled import NOW, fill

HOUR = timedelta(hours=1)


@pytest.fixture
def filled(database):
    return fill(database)


def count(filled, table):
    return filled.read(lambda work: work.first(select(func.count()).select_from(table))[0])


def fill_up(filled, number, ends_at):
    """So many sign-ins, each with a PIN on a tablet of its own, and assertions and tokens of a machine."""

    def keep(work):
        client_id = uuid4()
        clients.keep(work, client_id, Client("A machine", (), keys="{}"), 1, "client.registered")
        for _ in range(number):
            shift, tablet = uuid4(), uuid4()
            sign_ins.add(work, SignIn(shift, work.clinic_id, filled.staff_id, f"t-{shift}", NOW, NOW, ends_at))
            enrolments.keep(work, tablet, Tablet(f"Tablet {tablet}"), 1)
            pins.keep(work, Pin(work.clinic_id, tablet, filled.staff_id, "hash", f"d-{tablet}", shift, ends_at))
            clients.use_assertion(work, work.clinic_id, client_id, f"j-{shift}", ends_at)
            clients.add_token(work, Token(uuid4(), work.clinic_id, client_id, 1, f"m-{shift}", (), ends_at))
            identities.begin(work, Begun(work.clinic_id, f"k-{shift}", ends_at, "browser", 1))

    filled.write(keep)


def sizes(filled):
    return [count(filled, table) for table in (sign_in_rows, pin_rows, client_assertions, client_tokens, journeys)]


def purged(filled, wall):
    return filled.database.write_now(purge_now, EVERY_CLINIC, NOW, wall)


def test_each_goes_in_its_time_and_not_before(filled):
    fill_up(filled, 2, NOW + HOUR)
    others = {table.name: count(filled, table) for table in metadata.sorted_tables if table not in purging.KEPT}
    assert sizes(filled) == [3, 2, 2, 2, 2]
    assert purged(filled, NOW + HOUR + timedelta(hours=1)) == 0
    assert purged(filled, NOW + HOUR + timedelta(hours=1, microseconds=1)) == 2
    assert purged(filled, NOW + HOUR + timedelta(days=1)) == 0
    assert purged(filled, NOW + HOUR + timedelta(days=1, microseconds=1)) == 4
    assert sizes(filled) == [3, 2, 0, 0, 0]
    assert purged(filled, NOW + HOUR + timedelta(days=30)) == 0
    assert purged(filled, NOW + HOUR + timedelta(days=30, microseconds=1)) == 5
    assert sizes(filled) == [0, 0, 0, 0, 0]
    assert others == {table.name: count(filled, table) for table in metadata.sorted_tables if table not in purging.KEPT}
    assert others[journal.name] > 0


def test_a_batch_is_bounded_and_the_rest_follows(filled, monkeypatch):
    monkeypatch.setattr(purging, "BATCH", 2)
    fill_up(filled, 4, NOW - 2 * timedelta(days=30))
    assert purged(filled, NOW) == 10
    assert sizes(filled) == [3, 2, 2, 2, 2]
    assert purged(filled, NOW) == 10
    assert purged(filled, NOW) == 0
    assert sizes(filled) == [1, 0, 0, 0, 0], "the one that is not over stays"


def test_nobody_who_is_remembered_is_looked_up_anew_for_it(filled):
    endings = []
    fill_up(filled, 1, NOW - timedelta(days=31))  # a new enrolment does end it: from then on the tablet signs
    filled.database.on_ending = endings.append
    assert purged(filled, NOW) == 5
    assert endings == []


def test_the_duty_does_it(filled):
    fill_up(filled, 1, NOW - timedelta(days=31))

    async def run_once():
        stop = asyncio.Event()
        stop.set()
        await purge.run(Duty("purge"), filled.database, SetClock(_now=NOW, _wall=NOW), stop)

    asyncio.run(run_once())
    assert sizes(filled) == [1, 0, 0, 0, 0]
