"""PINs: one for each person on each tablet, while their shift lasts. Hashes alone; deleted when it is over."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select

from app.db.tables import pins
from app.db.work import Work


@dataclass(frozen=True, slots=True)
class Pin:
    """`pin_hash`: argon2id of the PIN; `device_hash`: SHA-256 (hexadecimal) of the tablet's secret.

    `shift_id`: the sign-in by password it was set in, which counts the wrong ones; `expires_at`: that one's end (wall
    clock).
    """

    clinic_id: UUID
    tablet_id: UUID
    staff_id: UUID
    pin_hash: str
    device_hash: str
    shift_id: UUID
    expires_at: datetime


_P = pins.c
_MINE = (_P.clinic_id == bindparam("clinic"), _P.staff_id == bindparam("staff"))
_ONE = (*_MINE, _P.tablet_id == bindparam("tablet"))
_FIND = select(pins).where(
    _P.device_hash == bindparam("device"), _P.tablet_id == bindparam("tablet"), _P.staff_id == bindparam("staff")
)
_OF_PERSON = select(_P.shift_id, _P.tablet_id).where(*_MINE, _P.expires_at > bindparam("wall"))
_ADD = insert(pins)
_FORGET = delete(pins).where(*_ONE)
_FORGET_SHIFT = delete(pins).where(_P.clinic_id == bindparam("clinic"), _P.shift_id == bindparam("shift"))
_FORGET_TABLET = delete(pins).where(_P.clinic_id == bindparam("clinic"), _P.tablet_id == bindparam("tablet"))
_FORGET_PERSON = delete(pins).where(*_MINE)


def find(work: Work, tablet_id: UUID, staff_id: UUID, device_hash: str) -> Pin | None:
    """In whichever clinic, by all that the tablet knows of it; expired ones too."""
    row = work.first(_FIND, tablet=tablet_id, staff=staff_id, device=device_hash)
    return None if row is None else Pin(**{name: getattr(row, name) for name in Pin.__slots__})


def of_person(work: Work, staff_id: UUID, wall: datetime) -> dict[UUID, UUID]:
    """The tablets on which a PIN of this person holds, by the shift it was set in."""
    return {row.shift_id: row.tablet_id for row in work.all(_OF_PERSON, staff=staff_id, wall=wall)}


def keep(work: Work, pin: Pin) -> None:
    """The person's PIN on this tablet from now on."""
    forget(work, pin.tablet_id, pin.staff_id)
    work.change(_ADD, {name: getattr(pin, name) for name in Pin.__slots__})


def forget(work: Work, tablet_id: UUID, staff_id: UUID) -> None:
    """One PIN."""
    work.change(_FORGET, {"clinic": work.clinic_id, "tablet": tablet_id, "staff": staff_id})


def forget_shift(work: Work, shift_id: UUID) -> int:
    """Those set in one shift; how many there were."""
    return work.change(_FORGET_SHIFT, {"clinic": work.clinic_id, "shift": shift_id})


def forget_tablet(work: Work, tablet_id: UUID) -> None:
    """All on one tablet."""
    work.change(_FORGET_TABLET, {"clinic": work.clinic_id, "tablet": tablet_id})


def forget_person(work: Work, staff_id: UUID) -> None:
    """All of one person."""
    work.change(_FORGET_PERSON, {"clinic": work.clinic_id, "staff": staff_id})
