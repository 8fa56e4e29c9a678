"""Where people are signed in: everybody sees their own (`own_account`), a lead those of the whole clinic."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import enrolments, identities, pins, sign_ins
from app.db.sign_ins import SignIn
from app.db.work import Work
from app.domain.people import Staff
from app.exchange.openid_logout import SignedOutThere
from app.services import staff
from app.services.sign_in import SignInPolicy

MOST = 200
"""Sign-ins of one person within the absolute limit that are looked at; the newest."""


@dataclass(frozen=True, slots=True)
class OpenShift:
    """A sign-in by password with those by PIN that belong to it. `last_used_at` None: locked. Times: the wall clock."""

    id: UUID
    begun_at: datetime
    last_used_at: datetime | None
    ends_at: datetime
    tablet_id: UUID | None
    tablet_name: str | None
    pin: bool
    """Whether a PIN opens it again."""
    here: bool
    """Whether the question came from it."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Whoever is signed in, and where; newest first, and never none."""

    staff_id: UUID
    staff: Staff
    shifts: tuple[OpenShift, ...]


def shifts_of(work: Work, staff_id: UUID, wall: datetime, policy: SignInPolicy) -> tuple[OpenShift, ...]:
    """Where somebody of the clinic is signed in, or can be again by PIN; newest first."""
    by_shift: dict[UUID, list[SignIn]] = {}
    for one in sign_ins.not_over(work, staff_id, wall, MOST):
        by_shift.setdefault(one.shift_id or one.id, []).append(one)
    held = pins.of_person(work, staff_id, wall)
    shifts = []
    for shift_id, these in by_shift.items():
        used = [one.last_used_at for one in these if one.ended_at is None and wall < one.last_used_at + policy.idle]
        if not used and shift_id not in held:
            continue
        tablet_id = held.get(shift_id) or these[0].tablet_id
        shifts.append(
            OpenShift(
                id=shift_id,
                begun_at=min(one.created_at for one in these),
                last_used_at=max(used, default=None),
                ends_at=max(one.expires_at for one in these),
                tablet_id=tablet_id,
                tablet_name=enrolments.name_of(work, tablet_id) if tablet_id else None,
                pin=shift_id in held,
                here=any(one.id == work.actor.sign_in_id for one in these),
            )
        )
    return tuple(shifts)


def end_one(work: Work, shift_id: UUID, wall: datetime) -> None:
    """Its tokens are worth nothing from now on, and its PIN is forgotten. What was typed in it can still be sent."""
    sign_ins.end_shift(work, shift_id, wall)
    pins.forget_shift(work, shift_id)


def everybody(work: Work, wall: datetime, policy: SignInPolicy) -> tuple[Somebody, ...]:
    """Whoever of the clinic is signed in, or can be again by PIN; by name. Audited as read."""
    work.audit("sign-ins.listed", subject="clinic", subject_id=work.clinic_id)
    found = [
        Somebody(staff_id, staff.find(work, staff_id).value, shifts)
        for staff_id in sign_ins.people(work, wall)
        if (shifts := shifts_of(work, staff_id, wall, policy))
    ]
    return tuple(sorted(found, key=lambda one: (one.staff.name.casefold(), one.staff_id)))


def end_all_of(work: Work, staff_id: UUID, wall: datetime, policy: SignInPolicy) -> None:
    """End every sign-in of one person. Who may not come back is disabled (`staff.put`): that ends more."""
    staff.find(work, staff_id)
    for shift in shifts_of(work, staff_id, wall, policy):
        end_one(work, shift.id, wall)
    work.audit("sign-ins.ended", subject="staff", subject_id=staff_id)


def end_all_there(work: Work, there: SignedOutThere, wall: datetime, policy: SignInPolicy) -> None:
    """Whoever has signed out at the provider is signed out here. What they typed can still be sent.

    Of an identity that is nobody's here nothing ends. Raises `AlreadyKept` for a token that was used before.
    """
    identities.use_logout(work, there.token_hash, there.good_until)
    owner = identities.owner(work, there.identity)
    if owner is None:
        return
    for shift in shifts_of(work, owner[0], wall, policy):
        end_one(work, shift.id, wall)
    work.audit("sign-ins.ended", subject="staff", subject_id=owner[0], reason="signed-out-at-the-provider")
