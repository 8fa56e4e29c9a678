"""Staff: named accounts of one clinic, each with one role. Usernames are unique in the installation.

An account is its owner's: a lead makes it, and only its owner knows the password it is signed in with
(`invitations`, `own_account`).
"""

from datetime import datetime
from uuid import UUID

from app.db import credentials, identities, pins, sign_ins, staff
from app.db.work import Work
from app.domain.deciding import Change, PreconditionFailed, PreconditionMissing, decide_sheet
from app.domain.errors import Conflict, FieldError, Invalid, NotFound
from app.domain.people import Role, Staff
from app.domain.records import Kept
from app.domain.texts import LINE, text_faults
from app.services import second_factor
from app.services.usernames import check_username


class NoSuchStaff(NotFound):
    """There is no account under this id."""

    code = "no-such-staff"


class UsernameTaken(Conflict):
    """This username is taken. Usernames are unique in the whole installation: choose another."""

    code = "username-taken"


class OwnPassword(Invalid):
    """One's own password is changed under "My account": that takes the one it has now."""

    code = "own-password"


class LastLead(Conflict):
    """This is the clinic's last active lead. Make somebody else a lead first."""

    code = "last-lead"


def find(work: Work, staff_id: UUID) -> Kept[Staff]:
    """One account of the clinic. Raises `NoSuchStaff`."""
    found = staff.find(work, staff_id)
    if found is None:
        raise NoSuchStaff
    return found


def read_page(work: Work, after: str | None, limit: int) -> tuple[tuple[UUID, int, Staff], ...]:
    """The clinic's next accounts as (id, revision, staff), by folded username; audited as read."""
    work.audit("staff.listed", subject="clinic", subject_id=work.clinic_id)
    return staff.page(work, after, limit)


def read_history(work: Work, staff_id: UUID, after: int | None, limit: int) -> tuple[Kept[Staff], ...]:
    """The next revisions of one account, oldest first."""
    find(work, staff_id)
    work.audit("staff.read", subject="staff", subject_id=staff_id)
    return staff.history(work, staff_id, after, limit)


def read(work: Work, staff_id: UUID) -> Kept[Staff]:
    """One account of the clinic, audited as read."""
    found = find(work, staff_id)
    work.audit("staff.read", subject="staff", subject_id=staff_id)
    return found


def password_hash_of(work: Work, staff_id: UUID) -> str | None:
    """The hash kept for an account of the clinic, None where there is none."""
    found = credentials.find(work, staff_id)
    return found.password_hash if found else None


def add(work: Work, staff_id: UUID, person: Staff, password_hash: str, *, must_change: bool = False) -> None:
    """Keep a new account with a password: its owner's own, or one that has to be changed at the first sign-in."""
    _check_person(person)
    _check_username_free(work, staff_id, person.username)
    staff.keep(work, staff_id, person, 1, new_password=True)
    credentials.give_password(work, staff_id, password_hash, must_change=must_change)


def put(
    work: Work, staff_id: UUID, person: Staff, new_password_hash: str | None, expected: int | None, wall: datetime
) -> Change:
    """Create or revise an account. `wall`: the wall clock, for sign-ins.

    `new_password_hash`: of one that has to be changed at the first sign-in; None: the password stays, and a new account
    has none. A changed role, password or `active` ends all that hangs on the account at once (`end_all`).
    Of an account that had a password another one ends the second factor too.
    """
    _check_person(person)
    if new_password_hash is not None and staff_id == work.actor.staff_id:
        raise OwnPassword(errors=[FieldError("password", "is one's own: change it under My account")])
    current = staff.find(work, staff_id)
    change = decide_sheet(current, person, expected)
    if not change.changed and new_password_hash is None:
        return change
    _check_username_free(work, staff_id, person.username)
    if current is not None:
        _check_a_lead_remains(work, staff_id, person)
        if not change.changed:
            change = _password_change(current, expected)
    staff.keep(work, staff_id, person, change.revision, new_password=new_password_hash is not None)
    if new_password_hash is not None:
        end_factors(work, staff_id)
        credentials.give_password(work, staff_id, new_password_hash, must_change=True)
    if current is not None and (new_password_hash is not None or _loses_sign_ins(current.value, person)):
        end_all(work, staff_id, wall)
        if not person.active:
            credentials.uninvite(work, staff_id)
    return change


def end_factors(work: Work, staff_id: UUID) -> None:
    """Somebody else takes away or sets the password of an account.

    Where it had one its second factor ends with it, and its identity at a provider in any case: whoever comes to have
    the account links their own.
    """
    if password_hash_of(work, staff_id) is not None:
        second_factor.end_all(work, staff_id)
    unlink(work, staff_id)


def unlink(work: Work, staff_id: UUID) -> None:
    """An account has no identity at a provider from now on; one that has none stays as it is."""
    # whoever is about to link one waits, and then finds what was set meanwhile
    credentials.lock(work, staff_id)
    if identities.find(work, staff_id) is not None:
        identities.put(work, staff_id, None)


def end_all(work: Work, staff_id: UUID, wall: datetime, but: UUID | None = None) -> None:
    """What hangs on an account is over at once: its sign-ins (all `but` one), their author tickets, its PINs.

    So is whatever was begun at a provider to be linked to it.
    """
    sign_ins.revoke_all(work, staff_id, wall, but)
    pins.forget_person(work, staff_id)
    identities.drop_journeys(work, staff_id)


def _check_person(person: Staff) -> None:
    check_username(person.username)
    faults = text_faults("name", person.name, longest=LINE)
    if faults:
        raise Invalid(errors=faults)


def _password_change(current: Kept[Staff], expected: int | None) -> Change:
    """Another password alone is a change like any other: it needs the revision it was made from."""
    if expected is None:
        raise PreconditionMissing(current_revision=current.revision)
    if expected != current.revision:
        raise PreconditionFailed(current_revision=current.revision, expected_revision=expected)
    return Change(revision=current.revision + 1, created=False, changed=True)


def _check_username_free(work: Work, staff_id: UUID, username: str) -> None:
    holder = staff.username_taken(work, username)
    if holder is not None and holder != staff_id:
        raise UsernameTaken(errors=[FieldError("username", "is taken")])


def _check_a_lead_remains(work: Work, staff_id: UUID, person: Staff) -> None:
    if person.role is Role.LEAD and person.active:
        return
    if staff.lock_leads(work) == (staff_id,):
        raise LastLead


def _loses_sign_ins(before: Staff, after: Staff) -> bool:
    return before.role is not after.role or (before.active and not after.active)
