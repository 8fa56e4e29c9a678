"""The key of each tablet's outbox: made once, and kept here alone."""

from uuid import UUID

from sqlalchemy import bindparam, insert, select

from app.db.tables import tablet_keys
from app.db.work import Work
from app.domain.journal import Fact, Kind

_FIND = select(tablet_keys.c.key).where(
    tablet_keys.c.clinic_id == bindparam("clinic"), tablet_keys.c.tablet_id == bindparam("tablet")
)
_ADD = insert(tablet_keys)


def find(work: Work, tablet_id: UUID) -> str | None:
    """The key in base64, None where there is none yet."""
    row = work.first(_FIND, tablet=tablet_id)
    return None if row is None else row.key


def keep(work: Work, tablet_id: UUID, key: str) -> None:
    """A tablet's first and only key; the journal says that it was made, and not what it is."""
    work.keep(Fact(Kind.TABLET_KEY, str(tablet_id), {}))
    work.change(_ADD, {"clinic_id": work.clinic_id, "tablet_id": tablet_id, "key": key, "made_at": work.now})
