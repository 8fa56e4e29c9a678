"""The numbers that tablets sign: of what must not be sent twice, the highest so far. They begin anew with a key."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from app.db.tables import tablet_numbers
from app.db.work import Work

_N = tablet_numbers.c
_ONE = (_N.clinic_id == bindparam("clinic"), _N.tablet_id == bindparam("tablet"))
_KEY = _N.public_key == bindparam("with_key")
_TAKE = (
    update(tablet_numbers)
    .where(*_ONE, _KEY, _N.number < bindparam("next"))
    .values(number=bindparam("next"))
    .returning(_N.since)
)
_LAST = select(_N.number, _N.since).where(*_ONE, _KEY)
_OTHER_KEY = (
    update(tablet_numbers)
    .where(*_ONE)
    .values(public_key=bindparam("with_key"), number=bindparam("first"), since=bindparam("now"))
)
_ADD = insert(tablet_numbers)


@dataclass(frozen=True, slots=True)
class TakenNumber:
    """Since when the tablet has its key; `higher`: the number that was taken before, where that is no lower."""

    since: datetime
    higher: int | None = None


def take(work: Work, tablet_id: UUID, public_key: str, number: int) -> TakenNumber:
    """Takes a number that is the highest so far; else nothing is changed, and the highest one told."""
    this = {"tablet": tablet_id, "with_key": public_key}
    taken = work.first(_TAKE, next=number, **this)
    if taken is not None:
        return TakenNumber(taken.since)
    row = work.first(_LAST, **this)
    if row is not None:
        return TakenNumber(row.since, int(row.number))
    begin(work, tablet_id, public_key, number)
    return TakenNumber(work.now)


def begin(work: Work, tablet_id: UUID, public_key: str, number: int = 0) -> None:
    """The tablet has this key from now on, whatever it had before."""
    anew = {"with_key": public_key, "first": number, "now": work.now}
    if work.change(_OTHER_KEY, {"clinic": work.clinic_id, "tablet": tablet_id, **anew}) == 0:
        row = {"public_key": public_key, "number": number, "since": work.now}
        work.change(_ADD, {"clinic_id": work.clinic_id, "tablet_id": tablet_id, **row})
