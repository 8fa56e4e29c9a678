"""What everybody may see and change of their own account: the password, and where they are signed in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import clinics, credentials, enrolments, pins, sign_ins
from app.db.credentials import Credentials
from app.db.sign_ins import SignIn
from app.db.work import Work
from app.domain.errors import NotFound
from app.domain.people import Clinic
from app.services import staff
from app.services.sign_in import SignInPolicy, own_credentials

MOST = 200
"""Sign-ins of one person within the absolute limit that are looked at; the newest."""


class NoSuchSignIn(NotFound):
    """You have no sign-in of this id, or it has ended."""

    code = "no-such-sign-in"


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


def find(work: Work) -> tuple[Credentials, Clinic]:
    """The actor's own account, and their clinic."""
    clinic = clinics.get(work)
    assert clinic is not None
    return own_credentials(work), clinic


def change_password(work: Work, password_hash: str, wall: datetime) -> None:
    """The actor has another password from now on; all their sign-ins but this one, their tickets and PINs are over."""
    actor = work.actor
    assert actor.staff_id is not None
    credentials.change_password(work, actor.staff_id, password_hash)
    staff.end_all(work, actor.staff_id, wall, but=actor.sign_in_id)


def unlink_identity(work: Work, wall: datetime) -> None:
    """Nobody signs in to the actor's account by the provider any more; all their sign-ins but this one are over."""
    actor = work.actor
    assert actor.staff_id is not None
    staff.unlink(work, actor.staff_id)
    staff.end_all(work, actor.staff_id, wall, but=actor.sign_in_id)


def open_shifts(work: Work, wall: datetime, policy: SignInPolicy) -> tuple[OpenShift, ...]:
    """Where the actor is signed in, or can be again by PIN; newest first. Audited as read."""
    assert work.actor.staff_id is not None
    work.audit("sign-ins.listed", subject="staff", subject_id=work.actor.staff_id)
    return _open_shifts(work, wall, policy)


def _open_shifts(work: Work, wall: datetime, policy: SignInPolicy) -> tuple[OpenShift, ...]:
    assert work.actor.staff_id is not None
    by_shift: dict[UUID, list[SignIn]] = {}
    for one in sign_ins.not_over(work, work.actor.staff_id, wall, MOST):
        by_shift.setdefault(one.shift_id or one.id, []).append(one)
    held = pins.of_person(work, work.actor.staff_id, wall)
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


def end_shift(work: Work, shift_id: UUID, wall: datetime, policy: SignInPolicy) -> None:
    """End one of the actor's own: its tokens are worth nothing from now on, and its PIN is forgotten."""
    if all(one.id != shift_id for one in _open_shifts(work, wall, policy)):
        raise NoSuchSignIn
    sign_ins.end_shift(work, shift_id, wall)
    pins.forget_shift(work, shift_id)
    work.audit("sign-in.ended", subject="sign-in", subject_id=shift_id)
