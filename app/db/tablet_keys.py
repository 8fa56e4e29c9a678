"""The key of each tablet's outbox: made once, and kept here alone, sealed."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select

from app.db import sealing
from app.db.tables import tablet_keys
from app.db.work import Work
from app.domain.journal import Fact, Kind

_FIND = select(tablet_keys.c.key).where(
    tablet_keys.c.clinic_id == bindparam("clinic"), tablet_keys.c.tablet_id == bindparam("tablet")
)
_ADD = insert(tablet_keys)
_SINCE = (tablet_keys.c.clinic_id == bindparam("clinic"), tablet_keys.c.made_at > bindparam("since"))
_FOR = tablet_keys.c.made_for == bindparam("person", type_=tablet_keys.c.made_for.type)
_MADE = select(func.count().label("in_all"), func.count().filter(_FOR).label("for_one")).where(*_SINCE)


def find(work: Work, tablet_id: UUID) -> str | None:
    """The key in base64, None where there is none yet."""
    row = work.first(_FIND, tablet=tablet_id)
    return None if row is None else sealing.unseal(work, tablet_keys.c.key, row.key, tablet_id=tablet_id)


def keep(work: Work, tablet_id: UUID, key: str) -> None:
    """A tablet's first and only key; the journal says that it was made, and not what it is."""
    work.keep(Fact(Kind.TABLET_KEY, str(tablet_id), {}))
    kept = sealing.seal(work, tablet_keys.c.key, key, tablet_id=tablet_id)
    made = {"key": kept, "made_at": work.now, "made_for": work.actor.staff_id}
    work.change(_ADD, {"clinic_id": work.clinic_id, "tablet_id": tablet_id, **made})


def made_lately(work: Work, within: timedelta) -> tuple[int, int]:
    """How many were made in this clinic so lately, and how many of them for the actor."""
    found = work.first(_MADE, since=work.now - within, person=work.actor.staff_id)
    return (0, 0) if found is None else (int(found.in_all), int(found.for_one))
