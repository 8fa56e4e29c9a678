"""What an account signs in with: the password's hash, or the hash of the invitation that lets its owner set one.

One row an account, and so one invitation at most. That somebody invited, accepted or changed is kept in the journal;
what the account opens with is not. Times are the wall clock's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Update, bindparam, select, update

from app.db import journal
from app.db.refusals import MovedOn
from app.db.staff import folded, staff_of
from app.db.tables import clinics, credentials, staff, usernames
from app.db.work import Work
from app.domain.canonical import Document
from app.domain.instants import to_text
from app.domain.journal import Fact, Kind
from app.domain.people import Clinic, Staff


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is checked against. `password_hash` None: no password was set yet.

    `must_change`: somebody else knows this password, and all it opens is setting another.
    """

    clinic_id: UUID
    staff_id: UUID
    staff: Staff
    password_hash: str | None
    must_change: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom an invitation is for, as they are now, and until when it is good."""

    clinic: Clinic
    staff_id: UUID
    staff: Staff
    until: datetime


_C = credentials.c
_OF_STAFF = (staff.c.clinic_id == _C.clinic_id) & (staff.c.id == _C.staff_id)
_ONE = (_C.clinic_id == bindparam("clinic"), _C.staff_id == bindparam("this"))
_FOUND = select(staff, _C.password_hash, _C.must_change).join(credentials, _OF_STAFF)
_FIND = _FOUND.where(*_ONE)
_BY_USERNAME = _FOUND.join(
    usernames, (usernames.c.clinic_id == staff.c.clinic_id) & (usernames.c.staff_id == staff.c.id)
).where(usernames.c.username == bindparam("username"))
_BY_INVITATION = (
    select(staff, clinics.c.name.label("clinic_name"), clinics.c.timezone, _C.invited_until)
    .join(credentials, _OF_STAFF)
    .join(clinics, clinics.c.id == staff.c.clinic_id)
    .where(_C.invitation_hash == bindparam("token_hash"))
)
_STANDS = select(_C.revision).where(*_ONE)
_STANDS_LOCKED = _STANDS.with_for_update(key_share=True)
_SET = (
    update(credentials)
    .where(*_ONE, _C.revision == bindparam("before"))
    .values(
        revision=bindparam("after"),
        password_hash=bindparam("as_password_hash"),
        must_change=bindparam("as_must_change"),
        invitation_hash=bindparam("as_invitation_hash"),
        invited_until=bindparam("as_invited_until"),
    )
)
_ACCEPT = _SET.where(_C.invitation_hash == bindparam("token_hash"), _C.invited_until > bindparam("wall"))
_UNINVITE = update(credentials).where(*_ONE).values(invitation_hash=None, invited_until=None)


def _credentials(row: Row[Any] | None) -> Credentials | None:
    if row is None:
        return None
    return Credentials(row.clinic_id, row.id, staff_of(row), row.password_hash, row.must_change)


def by_username(work: Work, username: str) -> Credentials | None:
    """In whichever clinic."""
    return _credentials(work.first(_BY_USERNAME, username=folded(username)))


def find(work: Work, staff_id: UUID) -> Credentials | None:
    """By account, in this clinic."""
    return _credentials(work.first(_FIND, this=staff_id))


def lock(work: Work, staff_id: UUID) -> int:
    """How often what this account opens with was set; nobody else sets it until this work ends."""
    row = work.first(_STANDS_LOCKED, this=staff_id)
    assert row is not None, "an account of this clinic"
    return int(row.revision)


def by_invitation(work: Work, token_hash: str) -> Invitation | None:
    """By the token's hash, in whichever clinic; one that is over too: what that means is for the caller."""
    row = work.first(_BY_INVITATION, token_hash=token_hash)
    if row is None:
        return None
    return Invitation(Clinic(row.clinic_id, row.clinic_name, row.timezone), row.id, staff_of(row), row.invited_until)


def _set(work: Work, statement: Update, staff_id: UUID, row: Mapping[str, Any], **more: Any) -> int | None:
    """Writes the whole row; its new revision, None where the statement met none."""
    found = work.first(_STANDS, this=staff_id)
    before = found.revision if found else 0
    values = {"password_hash": None, "must_change": False, "invitation_hash": None, "invited_until": None, **row}
    steps = {"clinic": work.clinic_id, "this": staff_id, "before": before, "after": before + 1}
    met = work.change(statement, {**steps, **{f"as_{name}": values[name] for name in values}, **more})
    return before + 1 if met else None


def _keep(work: Work, staff_id: UUID, revision: int | None, action: str, document: Document) -> None:
    if revision is None:
        raise MovedOn
    work.keep(Fact(Kind.CREDENTIALS, str(staff_id), document, revision, action=action))


def give_password(work: Work, staff_id: UUID, password_hash: str, *, must_change: bool) -> None:
    """Sets the hash of one that its owner has not chosen, or at the account's making; an invitation is over."""
    revision = _set(work, _SET, staff_id, {"password_hash": password_hash, "must_change": must_change})
    _keep(work, staff_id, revision, "password.given", {"must_change": must_change})


def change_password(work: Work, staff_id: UUID, password_hash: str) -> None:
    """Sets the hash of one that its owner has chosen. Raises `MovedOn` where it was changed meanwhile."""
    revision = _set(work, _SET, staff_id, {"password_hash": password_hash})
    _keep(work, staff_id, revision, "password.changed", {})


def invite(work: Work, staff_id: UUID, token_hash: str, until: datetime) -> None:
    """Takes the password away, and any older invitation with it. Raises `MovedOn` where there is no such account."""
    revision = _set(work, _SET, staff_id, {"invitation_hash": token_hash, "invited_until": until})
    _keep(work, staff_id, revision, "staff.invited", {"until": to_text(until)})


def accept(work: Work, staff_id: UUID, token_hash: str, password_hash: str | None, wall: datetime) -> bool:
    """Sets the hash by an invitation that is good at `wall`, once; whether it was.

    None: its owner signs in by other means, and has no password.
    """
    row = {"password_hash": password_hash}
    revision = _set(work, _ACCEPT, staff_id, row, token_hash=token_hash, wall=wall)
    if revision is not None:
        _keep(work, staff_id, revision, "invitation.accepted", {"password": password_hash is not None})
    return revision is not None


def last_set(work: Work, staff_id: UUID) -> datetime | None:
    """When a password of this account was last set or taken away, by the clinic's clock."""
    found = journal.newest(work, Kind.CREDENTIALS, staff_id, dict)
    return None if found is None else found.recorded_at


def uninvite(work: Work, staff_id: UUID) -> None:
    """An invitation, if there is one, is over."""
    work.change(_UNINVITE, {"clinic": work.clinic_id, "this": staff_id})
