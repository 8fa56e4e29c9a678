"""The clinic's clock as it last stood, so that a restart never takes it backwards."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from app.db.tables import clock
from app.db.work import Work

_LOAD = select(clock.c.instant)
_ADD = insert(clock)
_KEEP = update(clock).values(instant=bindparam("to")).where(clock.c.instant < bindparam("to"))


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
