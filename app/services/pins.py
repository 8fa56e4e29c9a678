"""A PIN: quick back in, for one person, on one enrolled tablet, until their shift is over.

A shift begins with a sign-in by password and ends by signing out, or at that sign-in's absolute limit; locking a tablet
ends nothing. A PIN opens nothing by itself: it counts together with a secret that only this tablet holds. Tries are
counted before they are looked at, in the database, so that many at once win nothing.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import enrolments, pins, sign_ins, staff
from app.db.pins import Pin
from app.db.sign_ins import Shift
from app.db.work import Work
from app.domain.errors import FieldError, Forbidden, Invalid
from app.domain.instants import to_text
from app.domain.people import Actor
from app.domain.tablets import Tablet
from app.services import sign_in
from app.services.enrolment import NoSuchTablet, in_use
from app.services.sign_in import NotSignedIn, SignedIn, SignInPolicy
from app.services.tablet_proofs import TabletKeyNeeded, take

TRIES = 5
"""Wrong ones in a shift, on whichever tablet, after which its PINs are forgotten. A right one wins none back."""
_DIGITS = re.compile(r"[0-9]{4,8}\Z", re.ASCII)
_RUNS = ("01234567890123456789", "98765432109876543210")


class WeakPin(Invalid):
    """This PIN cannot be taken."""

    code = "weak-pin"


class PasswordSignInNeeded(Forbidden):
    """A PIN is set in a sign-in by password: sign out, sign in with the password, and set it then."""

    code = "password-sign-in-needed"


class WrongPin(NotSignedIn):
    """This PIN does not open this tablet: it is wrong, or its shift is over. Sign in with the password."""

    code = "wrong-pin"


@dataclass(frozen=True, slots=True)
class FoundPin:
    """A PIN whose time is not over, its person as they are now, and the tablet as it is enrolled."""

    pin: Pin
    actor: Actor
    tablet: Tablet


def check_pin(pin: str) -> None:
    """Raises `WeakPin` for anything but 4 to 8 digits, and for the few that are guessed first."""
    fault: str | None = None
    if not _DIGITS.match(pin):
        fault = "must be 4 to 8 digits"
    elif any(pin in run for run in _RUNS):
        fault = "is a run of digits: choose another"
    elif len(set(pin)) < 3 or pin[: len(pin) // 2] * 2 == pin:
        fault = "repeats itself: choose at least three different digits"
    if fault is not None:
        raise WeakPin(errors=[FieldError("pin", fault)])


def put(work: Work, tablet_id: UUID, pin_hash: str, device_hash: str) -> datetime:
    """Keep the actor's PIN on this tablet, instead of any before; until when it holds (wall clock).

    Raises `PasswordSignInNeeded`, `NoSuchTablet`, `TabletNotInUse`, `TabletKeyNeeded`.
    """
    actor = work.actor
    assert actor.staff_id is not None
    assert actor.sign_in_id is not None
    shift = sign_ins.shift_of(work, actor.sign_in_id)
    if shift is None or not shift.by_password or sign_ins.pin_tries(work, shift.id) >= TRIES:
        raise PasswordSignInNeeded
    tablet = in_use(work, tablet_id)
    if tablet is None:
        raise NoSuchTablet
    if tablet.public_key is None:
        raise TabletKeyNeeded
    one = Pin(work.clinic_id, tablet_id, actor.staff_id, pin_hash, device_hash, shift.id, shift.expires_at)
    pins.keep(work, one)
    work.audit("pin.set", subject="tablet", subject_id=tablet_id, after={"valid_until": to_text(shift.expires_at)})
    return shift.expires_at


def look_up(work: Work, tablet_id: UUID, staff_id: UUID, device_hash: str, wall: datetime) -> FoundPin | None:
    """What all three name together, in whichever clinic; None for an unknown, lapsed or inactive one."""
    pin = pins.find(work, tablet_id, staff_id, device_hash)
    if pin is None or wall >= pin.expires_at:
        return None
    person = staff.account(work, pin.clinic_id, pin.staff_id)
    if person is None or not person.active:
        return None
    tablet = enrolments.row(work, pin.tablet_id, pin.clinic_id)
    if tablet is None or not tablet.in_use:
        return None
    return FoundPin(pin, Actor(pin.clinic_id, pin.staff_id, person.name, person.role, pin.tablet_id), tablet)


def count_try(work: Work, pin: Pin, tablet: Tablet, number: int) -> bool:
    """Whether the PIN may be tried once more; the try is counted. Raises `OldProof`."""
    take(work, pin.tablet_id, tablet, number)
    return sign_ins.count_pin_try(work, pin.shift_id, TRIES)


def record_failure(work: Work, pin: Pin) -> None:
    """A try was wrong. After the last one of the shift its PINs are forgotten."""
    work.audit("sign-in.failed", subject="pin", subject_id=pin.tablet_id)
    if sign_ins.pin_tries(work, pin.shift_id) >= TRIES and pins.forget_shift(work, pin.shift_id):
        work.audit(
            "pin.forgotten", subject="tablet", subject_id=pin.tablet_id, reason=f"{TRIES} wrong tries in a shift"
        )


def record_unproven(work: Work, code: str) -> None:
    """A PIN was tried, and not on the tablet that it was set on, as far as could be told."""
    assert work.actor.tablet_id is not None
    work.audit("sign-in.failed", subject="pin", subject_id=work.actor.tablet_id, reason=code)


def record_unknown(work: Work, staff_id: UUID) -> None:
    """Somebody tried a PIN that is not there."""
    work.audit("sign-in.failed", subject="unknown-pin", subject_id=staff_id)


def begin(
    work: Work, pin: Pin, sign_in_id: UUID, token: str, chance: str, wall: datetime, policy: SignInPolicy
) -> SignedIn:
    """Keep a new sign-in of the actor, whose PIN was right, no longer than their shift. Raises `WrongPin`."""
    now = pins.find(work, pin.tablet_id, pin.staff_id, pin.device_hash)
    # signed out, set anew or forgotten while it was being looked at
    if now is None or (now.clinic_id, now.pin_hash) != (pin.clinic_id, pin.pin_hash):
        raise WrongPin
    sign_ins.pin_was_right(work, pin.shift_id)
    shift = Shift(now.shift_id, by_password=False, expires_at=now.expires_at)
    return sign_in.begin(work, sign_in_id, token, chance, wall, policy, shift)
