"""What an operator does before the demo's service starts: mark the database for ever, see where its clock stood."""

from datetime import datetime

from app.db import clinics
from app.db.clock import load_clock
from app.db.engine import open_database
from app.db.work import NO_CLINIC


class NotADemo(Exception):
    """This database holds a real clinic's record: the demo never touches one. Give another, or none."""


def prepare(url: str, now: datetime) -> datetime | None:
    """Opens or makes the database and marks it as a demo's for ever.

    Returns where its clock stood, None for a new one. Raises `NotADemo`, or `UnsafeDatabase` where it cannot be used.
    """
    database = open_database(url, create=True)
    try:
        try:
            database.write_now(clinics.mark_demo, NO_CLINIC, now)
        except clinics.DemoIsSettled:
            raise NotADemo(str(NotADemo.__doc__)) from None
        return database.read_now(load_clock, NO_CLINIC, now)
    finally:
        database.close()
