"""Sign-ins: only the hashes of a token and a ticket are kept. Times are the wall clock's. Housekeeping, not record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, or_, select, true, update

from app.db.endings import ENDINGS
from app.db.staff import staff_of
from app.db.tables import clinics, installation, sign_ins, staff
from app.db.work import Work
from app.domain.people import Clinic, Staff


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in. `token_hash` and `ticket_hash`: SHA-256 of token and author ticket, hexadecimal.

    `ended_at`: signed out, or thrown out. `shift_id`: of one by PIN, the sign-in by password that it belongs to.
    """

    id: UUID
    clinic_id: UUID
    staff_id: UUID
    token_hash: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    tablet_id: UUID | None = None
    ticket_hash: str | None = None
    shift_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class FoundSignIn:
    """A sign-in, with its owner as they are now and their clinic. `endings`: as often anything was ended by then."""

    sign_in: SignIn
    staff: Staff
    clinic: Clinic
    endings: int


_ADD = insert(sign_ins)
_FIND = (
    select(
        *(sign_ins.c[name].label(f"sign_in_{name}") for name in SignIn.__slots__),
        staff,
        clinics.c.name.label("clinic_name"),
        clinics.c.timezone,
        ENDINGS,
    )
    .join(staff, (staff.c.clinic_id == sign_ins.c.clinic_id) & (staff.c.id == sign_ins.c.staff_id))
    .join(clinics, clinics.c.id == sign_ins.c.clinic_id)
    .join(installation, true())
    .where(sign_ins.c.token_hash == bindparam("token_hash"))
)
_BY_TICKET = (
    select(sign_ins.c.staff_id.label("author_id"), sign_ins.c.id.label("sign_in_id"), sign_ins.c.created_at, staff)
    .join(staff, (staff.c.clinic_id == sign_ins.c.clinic_id) & (staff.c.id == sign_ins.c.staff_id))
    .where(sign_ins.c.clinic_id == bindparam("clinic"), sign_ins.c.ticket_hash == bindparam("ticket_hash"))
)
_ONE = (sign_ins.c.clinic_id == bindparam("clinic"), sign_ins.c.id == bindparam("this"))
_TOUCH = update(sign_ins).where(*_ONE).values(last_used_at=bindparam("wall"))
_END = update(sign_ins).where(*_ONE, sign_ins.c.ended_at.is_(None)).values(ended_at=bindparam("wall"))
_SHIFT = select(sign_ins.c.shift_id, sign_ins.c.expires_at).where(*_ONE)
_END_SHIFT = (
    update(sign_ins)
    .where(
        sign_ins.c.clinic_id == bindparam("clinic"),
        or_(sign_ins.c.id == bindparam("shift"), sign_ins.c.shift_id == bindparam("shift")),
        sign_ins.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("wall"))
)
_END_ALL = (
    update(sign_ins)
    .where(
        sign_ins.c.clinic_id == bindparam("clinic"),
        sign_ins.c.staff_id == bindparam("staff"),
        sign_ins.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("wall"))
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose an author ticket is, as they are now, and when the sign-in that gave it out began."""

    sign_in_id: UUID
    staff_id: UUID
    staff: Staff
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Shift:
    """What a sign-in belongs to: its own id where it began with a password, and that one's end if nobody signs out."""

    id: UUID
    by_password: bool
    expires_at: datetime


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
        endings=row.endings,
    )


def by_ticket(work: Work, ticket_hash: str) -> Ticket | None:
    """By the ticket's hash, in this clinic; ended and expired sign-ins too."""
    row = work.first(_BY_TICKET, ticket_hash=ticket_hash)
    return None if row is None else Ticket(row.sign_in_id, row.author_id, staff_of(row), row.created_at)


def shift_of(work: Work, sign_in_id: UUID) -> Shift | None:
    """The shift one sign-in belongs to."""
    row = work.first(_SHIFT, this=sign_in_id)
    return None if row is None else Shift(row.shift_id or sign_in_id, row.shift_id is None, row.expires_at)


def touch(work: Work, sign_in_id: UUID, wall: datetime) -> None:
    """It was used just now."""
    work.change(_TOUCH, {"clinic": work.clinic_id, "this": sign_in_id, "wall": wall}, ends=False)


def end(work: Work, sign_in_id: UUID, wall: datetime) -> None:
    """Ends it; one that has ended stays as it is."""
    work.change(_END, {"clinic": work.clinic_id, "this": sign_in_id, "wall": wall})


def end_shift(work: Work, shift_id: UUID, wall: datetime) -> None:
    """Ends the sign-in by password that a shift began with, and those by PIN that belong to it."""
    work.change(_END_SHIFT, {"clinic": work.clinic_id, "shift": shift_id, "wall": wall})


def end_all(work: Work, staff_id: UUID, wall: datetime) -> int:
    """Ends every sign-in of one account; how many were open."""
    return work.change(_END_ALL, {"clinic": work.clinic_id, "staff": staff_id, "wall": wall})
