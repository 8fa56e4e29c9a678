"""Sign-ins: only the hashes of a token and a ticket are kept. Times are the wall clock's. Housekeeping, not record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, insert, not_, or_, select, true, update

from app.db.endings import ENDINGS
from app.db.staff import staff_of
from app.db.tables import clinics, credentials, enrolments, installation, sign_ins, staff
from app.db.work import NIL, Work
from app.domain.people import Clinic, Staff
from app.domain.tablets import Tablet


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in. `token_hash` and `ticket_hash`: SHA-256 of token and author ticket, hexadecimal.

    `ended_at`: signed out, or thrown out. `shift_id`: of one by PIN, the sign-in by password that it belongs to.
    `pin_tries`: of one by password, the wrong PINs of its shift.
    `revoked`: what it rested on was taken away, and its ticket with it.
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
    pin_tries: int = 0
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class FoundSignIn:
    """A sign-in, with its owner as they are now and their clinic. `endings`: as often anything was ended by then.

    `must_change`: the owner's password is known to somebody else, and has to be changed first. `tablet`: the one it was
    begun on, as it is enrolled now.
    """

    sign_in: SignIn
    staff: Staff
    must_change: bool
    clinic: Clinic
    endings: int
    tablet: Tablet | None = None


_ADD = insert(sign_ins)
_FIND = (
    select(
        *(sign_ins.c[name].label(f"sign_in_{name}") for name in SignIn.__slots__),
        staff,
        credentials.c.must_change,
        clinics.c.name.label("clinic_name"),
        clinics.c.timezone,
        enrolments.c.name.label("tablet_name"),
        enrolments.c.in_use,
        enrolments.c.public_key,
        ENDINGS,
    )
    .join(staff, (staff.c.clinic_id == sign_ins.c.clinic_id) & (staff.c.id == sign_ins.c.staff_id))
    .join(
        credentials, (credentials.c.clinic_id == sign_ins.c.clinic_id) & (credentials.c.staff_id == sign_ins.c.staff_id)
    )
    .join(clinics, clinics.c.id == sign_ins.c.clinic_id)
    .join(installation, true())
    .outerjoin(enrolments, (enrolments.c.clinic_id == sign_ins.c.clinic_id) & (enrolments.c.id == sign_ins.c.tablet_id))
    .where(sign_ins.c.token_hash == bindparam("token_hash"))
)
_BY_TICKET = (
    select(
        sign_ins.c.staff_id.label("author_id"),
        sign_ins.c.id.label("sign_in_id"),
        sign_ins.c.created_at,
        sign_ins.c.revoked,
        staff,
    )
    .join(staff, (staff.c.clinic_id == sign_ins.c.clinic_id) & (staff.c.id == sign_ins.c.staff_id))
    .where(sign_ins.c.clinic_id == bindparam("clinic"), sign_ins.c.ticket_hash == bindparam("ticket_hash"))
)
_ONE = (sign_ins.c.clinic_id == bindparam("clinic"), sign_ins.c.id == bindparam("this"))
_TOUCH = update(sign_ins).where(*_ONE).values(last_used_at=bindparam("wall"))
_END = update(sign_ins).where(*_ONE, sign_ins.c.ended_at.is_(None)).values(ended_at=bindparam("wall"))
_SHIFT = select(sign_ins.c.shift_id, sign_ins.c.expires_at).where(*_ONE)
_TRY_PIN = (
    update(sign_ins).where(*_ONE, sign_ins.c.pin_tries < bindparam("most")).values(pin_tries=sign_ins.c.pin_tries + 1)
)
_PIN_WAS_RIGHT = update(sign_ins).where(*_ONE, sign_ins.c.pin_tries > 0).values(pin_tries=sign_ins.c.pin_tries - 1)
_PIN_TRIES = select(sign_ins.c.pin_tries).where(*_ONE)
_END_SHIFT = (
    update(sign_ins)
    .where(
        sign_ins.c.clinic_id == bindparam("clinic"),
        or_(sign_ins.c.id == bindparam("shift"), sign_ins.c.shift_id == bindparam("shift")),
        sign_ins.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("wall"))
)
_REVOKE = (
    update(sign_ins)
    .where(
        sign_ins.c.clinic_id == bindparam("clinic"),
        sign_ins.c.staff_id == bindparam("staff"),
        sign_ins.c.id != bindparam("but"),
        not_(sign_ins.c.revoked),
    )
    .values(
        revoked=True, ended_at=func.coalesce(sign_ins.c.ended_at, bindparam("wall", type_=sign_ins.c.ended_at.type))
    )
)
_OPEN = (
    select(sign_ins)
    .where(
        sign_ins.c.clinic_id == bindparam("clinic"),
        sign_ins.c.staff_id == bindparam("staff"),
        sign_ins.c.expires_at > bindparam("wall"),
        not_(sign_ins.c.revoked),
    )
    .order_by(sign_ins.c.created_at.desc(), sign_ins.c.id)
    .limit(bindparam("most"))
)
_PEOPLE = (
    select(sign_ins.c.staff_id)
    .distinct()
    .where(
        sign_ins.c.clinic_id == bindparam("clinic"), sign_ins.c.expires_at > bindparam("wall"), not_(sign_ins.c.revoked)
    )
)
_END_ON = (
    update(sign_ins)
    .where(
        sign_ins.c.clinic_id == bindparam("clinic"),
        sign_ins.c.tablet_id == bindparam("tablet"),
        sign_ins.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("wall"))
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose an author ticket is, as they are now, and when its sign-in began; `revoked` as that one."""

    sign_in_id: UUID
    staff_id: UUID
    staff: Staff
    created_at: datetime
    revoked: bool


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
        must_change=row.must_change,
        clinic=Clinic(id=row.clinic_id, name=row.clinic_name, timezone=row.timezone),
        endings=row.endings,
        tablet=None if row.tablet_name is None else Tablet(row.tablet_name, row.in_use, row.public_key),
    )


def by_ticket(work: Work, ticket_hash: str) -> Ticket | None:
    """By the ticket's hash, in this clinic; ended and expired sign-ins too."""
    row = work.first(_BY_TICKET, ticket_hash=ticket_hash)
    return None if row is None else Ticket(row.sign_in_id, row.author_id, staff_of(row), row.created_at, row.revoked)


def shift_of(work: Work, sign_in_id: UUID) -> Shift | None:
    """The shift one sign-in belongs to."""
    row = work.first(_SHIFT, this=sign_in_id)
    return None if row is None else Shift(row.shift_id or sign_in_id, row.shift_id is None, row.expires_at)


def count_pin_try(work: Work, shift_id: UUID, most: int) -> bool:
    """Counts one PIN of a shift before it is looked at; False where there have been `most` already."""
    return work.change(_TRY_PIN, {"clinic": work.clinic_id, "this": shift_id, "most": most}, ends=False) == 1


def pin_was_right(work: Work, shift_id: UUID) -> None:
    """The one that was counted was no wrong one; those before it stay counted."""
    work.change(_PIN_WAS_RIGHT, {"clinic": work.clinic_id, "this": shift_id}, ends=False)


def pin_tries(work: Work, shift_id: UUID) -> int:
    """How many wrong PINs there have been in a shift."""
    row = work.first(_PIN_TRIES, this=shift_id)
    return 0 if row is None else int(row.pin_tries)


def touch(work: Work, sign_in_id: UUID, wall: datetime) -> None:
    """It was used just now."""
    work.change(_TOUCH, {"clinic": work.clinic_id, "this": sign_in_id, "wall": wall}, ends=False)


def end(work: Work, sign_in_id: UUID, wall: datetime) -> None:
    """Ends it; one that has ended stays as it is."""
    work.change(_END, {"clinic": work.clinic_id, "this": sign_in_id, "wall": wall})


def end_shift(work: Work, shift_id: UUID, wall: datetime) -> None:
    """Ends the sign-in by password that a shift began with, and those by PIN that belong to it."""
    work.change(_END_SHIFT, {"clinic": work.clinic_id, "shift": shift_id, "wall": wall})


def revoke_all(work: Work, staff_id: UUID, wall: datetime, but: UUID | None = None) -> None:
    """Takes every sign-in of one account away, its author tickets too; all but one where one is named."""
    work.change(_REVOKE, {"clinic": work.clinic_id, "staff": staff_id, "wall": wall, "but": but or NIL})


def not_over(work: Work, staff_id: UUID, wall: datetime, most: int) -> tuple[SignIn, ...]:
    """Those of one account whose absolute limit is not reached, newest first; ended ones too: a shift outlives them."""
    rows = work.all(_OPEN, staff=staff_id, wall=wall, most=most)
    return tuple(SignIn(**{name: getattr(row, name) for name in SignIn.__slots__}) for row in rows)


def people(work: Work, wall: datetime) -> tuple[UUID, ...]:
    """Whose there are such (`not_over`), in no order."""
    return tuple(row.staff_id for row in work.all(_PEOPLE, wall=wall))


def end_on(work: Work, tablet_id: UUID, wall: datetime) -> int:
    """Ends every sign-in that was begun on one tablet; how many were open."""
    return work.change(_END_ON, {"clinic": work.clinic_id, "tablet": tablet_id, "wall": wall})
