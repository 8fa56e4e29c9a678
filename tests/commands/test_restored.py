"""A database that was brought back from a backup gives its numbers anew: nobody may go on where they stood."""

from uuid import UUID

import pytest

from app.db.engine import open_database
from app.db.work import NIL, service_actor
from app.services import audit, feed
from app.services.audit import Filters
from app.services.feed import FeedBeginsAnew, Place
from tests.commands.shell import Shell
from tests.factories import NOON

CLINIC = UUID(int=7)


def test_places_in_the_feed_hold_no_longer(shell: Shell, database_url: str):
    def place_after(before: Place | None) -> Place:
        database = open_database(database_url)
        try:
            return database.write_now(feed.read_page, service_actor(CLINIC), NOON, before, 50)[1]
        finally:
            database.close()

    place = place_after(None)
    assert place_after(place) == place
    assert shell("restored") == 0
    assert "begin from its start" in shell.out
    with pytest.raises(FeedBeginsAnew):
        place_after(place)
    assert shell("audit", "verify") == 0
    database = open_database(database_url)
    found, _ = database.read_now(audit.read_page, service_actor(NIL), NOON, Filters(), None, 50)
    database.close()
    [noted] = [each for each in found if each.action == "installation.restored"]
    assert noted.before["epoch"] == str(place.epoch) != noted.after["epoch"]
