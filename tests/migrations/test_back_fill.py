"""What an installation kept before there was a feed is told too, in the order in which it was kept."""

import pytest
from alembic import command
from sqlalchemy import make_url

from app.db import postgresql, schema, sqlite
from app.db.engine import open_database
from app.domain.feed import PUBLISHED
from tests import postgres
from tests.db.test_feed import check_whole, numbered
from tests.services.ward import Ward


@pytest.fixture
def a_url(engine_name, tmp_path):
    """A database of this test's own, and the address of its owner."""
    if engine_name == "sqlite":
        url = f"sqlite:///{tmp_path / 'clinic.db'}"
        schema.migrate(url)
        yield url, url
        return
    name = "of_back_fill"
    yield postgres.make(name), postgres.address(name, postgres.OWNER)
    postgres.drop(name)


def owner_engine(url):
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return sqlite.make_engine(schema.file_of(address), "BEGIN IMMEDIATE")
    return postgresql.make_engine(address, pool_size=1)


def test_the_feed_begins_with_what_was_kept_before_it(a_url):
    url, owner = a_url
    database = open_database(url)
    ward = Ward(database)
    session_id = ward.ready()
    ward.sign(session_id, 104)
    before = [item.kind for item in numbered(database, ward.clinic.id)]
    database.close()
    engine = owner_engine(owner)
    with engine.begin() as connection:
        command.downgrade(schema._config(connection), "0004")
    engine.dispose()
    schema.migrate(url, owner)
    database = open_database(url)
    items = numbered(database, ward.clinic.id)
    check_whole(database, ward.clinic.id, items)
    database.close()
    assert items
    assert {item.kind for item in items} <= PUBLISHED
    assert sorted(item.kind for item in items) == sorted(before)
    assert [item.position for item in items] == list(range(1, len(items) + 1))
    kinds = [item.kind for item in items if item.session_id == session_id]
    assert kinds[0] == "session.planned"
    assert kinds.index("readiness.raised") < kinds.index("discharge.confirmed")
