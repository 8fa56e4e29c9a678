"""The clinic's clock as it last stood, so that a restart never takes it backwards."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import bindparam, func, insert, select, update

from app.db.tables import clock
from app.db.work import Work

APART = 2.0
"""Seconds that the clocks of two machines may differ: what is stamped is wrong by as much."""
_LOAD = select(clock.c.instant)
_ADD = insert(clock)
_KEEP = update(clock).values(instant=bindparam("to")).where(clock.c.instant < bindparam("to"))
_ITS_CLOCK = select(func.clock_timestamp())
_SERVER = select(func.current_setting("server_version"))
_LIBRARY = select(func.sqlite_version())


def load_clock(work: Work) -> datetime | None:
    """Where it stood, None where it was never kept."""
    row = work.first(_LOAD)
    return None if row is None else row.instant


def keep_clock(work: Work, instant: datetime) -> None:
    """Where it stands; never earlier than before."""
    if load_clock(work) is None:
        work.change(_ADD, {"only": 1, "instant": instant})
    else:
        work.change(_KEEP, {"to": instant})


def apart(work: Work, wall: Callable[[], datetime]) -> float:
    """Seconds, at the least, between this machine's wall clock and that of the machine the database runs on."""
    before = wall()
    row = work.first(_ITS_CLOCK) if work.dialect == "postgresql" else None
    if row is None:
        return 0.0
    # it was read somewhere between the two
    there: datetime = row[0].astimezone(UTC)
    after = wall()
    return max(0.0, (before - there).total_seconds(), (there - after).total_seconds())


def version(work: Work) -> str:
    """Which version of its engine the database runs on."""
    row = work.first(_SERVER if work.dialect == "postgresql" else _LIBRARY)
    assert row is not None, "it says so"
    return str(row[0])
