"""Sign-ins: only the hash of a token is kept. Times are the wall clock's. Housekeeping, not record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from app.db.staff import staff_of
from app.db.tables import clinics, sign_ins, staff
from app.db.work import Work
from app.domain.people import Clinic, Staff


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in. `token_hash`: SHA-256 of the token, hexadecimal. `ended_at`: signed out, or thrown out."""

    id: UUID
    clinic_id: UUID
    staff_id: UUID
    token_hash: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    tablet_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class FoundSignIn:
    """A sign-in, with its owner as they are now and their clinic."""

    sign_in: SignIn
    staff: Staff
    clinic: Clinic


_ADD = insert(sign_ins)
_FIND = (
    select(
        *(sign_ins.c[name].label(f"sign_in_{name}") for name in SignIn.__slots__),
        staff,
        clinics.c.name.label("clinic_name"),
        clinics.c.timezone,
    )
    .join(staff, (staff.c.clinic_id == sign_ins.c.clinic_id) & (staff.c.id == sign_ins.c.staff_id))
    .join(clinics, clinics.c.id == sign_ins.c.clinic_id)
    .where(sign_ins.c.token_hash == bindparam("token_hash"))
)
_ONE = (sign_ins.c.clinic_id == bindparam("clinic"), sign_ins.c.id == bindparam("this"))
_TOUCH = update(sign_ins).where(*_ONE).values(last_used_at=bindparam("wall"))
_END = update(sign_ins).where(*_ONE, sign_ins.c.ended_at.is_(None)).values(ended_at=bindparam("wall"))
_END_ALL = (
    update(sign_ins)
    .where(
        sign_ins.c.clinic_id == bindparam("clinic"),
        sign_ins.c.staff_id == bindparam("staff"),
        sign_ins.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("wall"))
)


def add(work: Work, sign_in: SignIn) -> None:
    """A new sign-in."""
    work.change(_ADD, {name: getattr(sign_in, name) for name in SignIn.__slots__})


def find(work: Work, token_hash: str) -> FoundSignIn | None:
    """By the token's hash, in whichever clinic; ended and expired ones too: what that means is for the caller."""
    row = work.first(_FIND, token_hash=token_hash)
    if row is None:
        return None
    return FoundSignIn(
        sign_in=SignIn(**{name: getattr(row, f"sign_in_{name}") for name in SignIn.__slots__}),
        staff=staff_of(row),
        clinic=Clinic(id=row.clinic_id, name=row.clinic_name, timezone=row.timezone),
    )


def touch(work: Work, sign_in_id: UUID, wall: datetime) -> None:
    """It was used just now."""
    work.change(_TOUCH, {"clinic": work.clinic_id, "this": sign_in_id, "wall": wall})


def end(work: Work, sign_in_id: UUID, wall: datetime) -> None:
    """Ends it; one that has ended stays as it is."""
    work.change(_END, {"clinic": work.clinic_id, "this": sign_in_id, "wall": wall})


def end_all(work: Work, staff_id: UUID, wall: datetime) -> int:
    """Ends every sign-in of one account; how many were open."""
    return work.change(_END_ALL, {"clinic": work.clinic_id, "staff": staff_id, "wall": wall})
