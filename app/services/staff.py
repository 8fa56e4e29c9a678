"""Staff: named accounts of one clinic, each with one role. Usernames are unique in the installation."""

from datetime import datetime
from uuid import UUID

from app.db import pins, sign_ins, staff
from app.db.work import Work
from app.domain.deciding import Change, PreconditionFailed, PreconditionMissing, decide_sheet
from app.domain.errors import Conflict, FieldError, Invalid, NotFound
from app.domain.people import Role, Staff
from app.domain.records import Kept
from app.domain.texts import LINE, text_faults
from app.services.usernames import check_username


class NoSuchStaff(NotFound):
    """There is no account under this id."""

    code = "no-such-staff"


class UsernameTaken(Conflict):
    """This username is taken. Usernames are unique in the whole installation: choose another."""

    code = "username-taken"


class PasswordNeeded(Invalid):
    """A new account needs a first password."""

    code = "password-needed"


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
    found = staff.credentials_of(work, staff_id)
    return found.password_hash if found else None


def add(work: Work, staff_id: UUID, person: Staff, password_hash: str | None) -> Kept[Staff]:
    """Keep a new account."""
    put(work, staff_id, person, password_hash, None, work.now)
    return find(work, staff_id)


def put(
    work: Work, staff_id: UUID, person: Staff, new_password_hash: str | None, expected: int | None, wall: datetime
) -> Change:
    """Create or revise an account. `new_password_hash` None: the password stays. `wall`: the wall clock, for sign-ins.

    A changed role, password or `active` ends every sign-in of that person at once, and forgets their PINs.
    """
    check_username(person.username)
    faults = text_faults("name", person.name, longest=LINE)
    if faults:
        raise Invalid(errors=faults)
    current = staff.find(work, staff_id)
    change = decide_sheet(current, person, expected)
    if change.created and new_password_hash is None:
        raise PasswordNeeded(errors=[FieldError("password", "is required for a new account")])
    if not change.changed and new_password_hash is None:
        return change
    _check_username_free(work, staff_id, person.username)
    if current is not None:
        _check_a_lead_remains(work, staff_id, person)
        if not change.changed:
            change = _password_change(current, expected)
    staff.keep(work, staff_id, person, change.revision, new_password=new_password_hash is not None)
    if new_password_hash is not None:
        staff.set_password(work, staff_id, new_password_hash)
    if current is not None and (new_password_hash is not None or _loses_sign_ins(current.value, person)):
        sign_ins.end_all(work, staff_id, wall)
        pins.forget_person(work, staff_id)
    return change


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
