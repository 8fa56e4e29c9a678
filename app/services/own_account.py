"""What everybody may see and change of their own account: the password, and where they are signed in."""

from datetime import datetime
from uuid import UUID

from app.db import clinics, credentials
from app.db.credentials import Credentials
from app.db.work import Work
from app.domain.errors import NotFound
from app.domain.people import Clinic
from app.services import staff
from app.services.sign_in import SignInPolicy, own_credentials
from app.services.signed_in import OpenShift, end_one, shifts_of


class NoSuchSignIn(NotFound):
    """You have no sign-in of this id, or it has ended."""

    code = "no-such-sign-in"


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
    return shifts_of(work, work.actor.staff_id, wall, policy)


def end_shift(work: Work, shift_id: UUID, wall: datetime, policy: SignInPolicy) -> None:
    """End one of the actor's own: its tokens are worth nothing from now on, and its PIN is forgotten."""
    assert work.actor.staff_id is not None
    if all(one.id != shift_id for one in shifts_of(work, work.actor.staff_id, wall, policy)):
        raise NoSuchSignIn
    end_one(work, shift_id, wall)
    work.audit("sign-in.ended", subject="sign-in", subject_id=shift_id)
