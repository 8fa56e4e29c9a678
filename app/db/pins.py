"""PINs: one for each person on each tablet, while their shift lasts. Hashes alone; deleted when it is over."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from app.db.tables import pins
from app.db.work import Work


@dataclass(frozen=True, slots=True)
class Pin:
    """`pin_hash`: argon2id of the PIN; `device_hash`: SHA-256 (hexadecimal) of the tablet's secret.

    `shift_id`: the sign-in by password it was set in; `expires_at`: that one's end (wall clock). `tries`: wrong ones.
    """

    clinic_id: UUID
    tablet_id: UUID
    staff_id: UUID
    pin_hash: str
    device_hash: str
    shift_id: UUID
    expires_at: datetime
    tries: int = 0


_P = pins.c
_MINE = (_P.clinic_id == bindparam("clinic"), _P.staff_id == bindparam("staff"))
_ONE = (*_MINE, _P.tablet_id == bindparam("tablet"))
_FIND = select(pins).where(
    _P.device_hash == bindparam("device"), _P.tablet_id == bindparam("tablet"), _P.staff_id == bindparam("staff")
)
_ADD = insert(pins)
_TRY = update(pins).where(*_ONE, _P.tries < bindparam("most")).values(tries=_P.tries + 1)
_TRIED = select(_P.tries).where(*_ONE)
_FORGIVE = update(pins).where(*_ONE).values(tries=0)
_FORGET = delete(pins).where(*_ONE)
_FORGET_SHIFT = delete(pins).where(_P.clinic_id == bindparam("clinic"), _P.shift_id == bindparam("shift"))
_FORGET_TABLET = delete(pins).where(_P.clinic_id == bindparam("clinic"), _P.tablet_id == bindparam("tablet"))
_FORGET_PERSON = delete(pins).where(*_MINE)


def find(work: Work, tablet_id: UUID, staff_id: UUID, device_hash: str) -> Pin | None:
    """In whichever clinic, by all that the tablet knows of it; expired ones too."""
    row = work.first(_FIND, tablet=tablet_id, staff=staff_id, device=device_hash)
    return None if row is None else Pin(**{name: getattr(row, name) for name in Pin.__slots__})


def keep(work: Work, pin: Pin) -> None:
    """The person's PIN on this tablet from now on."""
    forget(work, pin.tablet_id, pin.staff_id)
    work.change(_ADD, {name: getattr(pin, name) for name in Pin.__slots__})


def count_try(work: Work, tablet_id: UUID, staff_id: UUID, most: int) -> bool:
    """Counts one try before it is looked at; False where there have been `most` already, or the PIN is gone."""
    one = {"clinic": work.clinic_id, "tablet": tablet_id, "staff": staff_id}
    return work.change(_TRY, {**one, "most": most}) == 1


def tries(work: Work, tablet_id: UUID, staff_id: UUID) -> int | None:
    """How many tries there have been since the last right one; None where the PIN is gone."""
    row = work.first(_TRIED, tablet=tablet_id, staff=staff_id)
    return None if row is None else row.tries


def forgive(work: Work, tablet_id: UUID, staff_id: UUID) -> None:
    """It was right: the count begins anew."""
    work.change(_FORGIVE, {"clinic": work.clinic_id, "tablet": tablet_id, "staff": staff_id})


def forget(work: Work, tablet_id: UUID, staff_id: UUID) -> None:
    """One PIN."""
    work.change(_FORGET, {"clinic": work.clinic_id, "tablet": tablet_id, "staff": staff_id})


def forget_shift(work: Work, shift_id: UUID) -> None:
    """Those set in one shift."""
    work.change(_FORGET_SHIFT, {"clinic": work.clinic_id, "shift": shift_id})


def forget_tablet(work: Work, tablet_id: UUID) -> None:
    """All on one tablet."""
    work.change(_FORGET_TABLET, {"clinic": work.clinic_id, "tablet": tablet_id})


def forget_person(work: Work, staff_id: UUID) -> None:
    """All of one person."""
    work.change(_FORGET_PERSON, {"clinic": work.clinic_id, "staff": staff_id})
