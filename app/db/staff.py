"""Staff: the look-up row, the revisions, and the installation's one list of usernames."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select, update

from app.db import histories, journal
from app.db.refusals import MovedOn
from app.db.tables import credentials, staff, usernames
from app.db.work import Work
from app.domain.documents import pair
from app.domain.journal import Fact, Kind
from app.domain.people import Role, Staff
from app.domain.records import Kept

KIND = Kind.STAFF
_ALSO = "password_changed"
"""Beside the account the journal says whether a revision set another password, and never which."""
staff_document, staff_from = pair(Staff)


def revision_from(document: Mapping[str, Any]) -> Staff:
    """The account of a kept revision."""
    return staff_from({name: value for name, value in document.items() if name != _ALSO})


_ONE = (staff.c.clinic_id == bindparam("clinic"), staff.c.id == bindparam("this"))
_ACCOUNT = select(staff).where(staff.c.clinic_id == bindparam("of"), staff.c.id == bindparam("this"))
_NAMES = (
    select(usernames)
    .where(usernames.c.clinic_id == bindparam("clinic"), usernames.c.username > bindparam("place"))
    .order_by(usernames.c.username)
    .limit(bindparam("most"))
    .subquery()
)
"""The page is cut before accounts are looked up: a planner that joins first may walk them all."""
_PAGE = (
    select(staff)
    .join(_NAMES, (_NAMES.c.clinic_id == staff.c.clinic_id) & (_NAMES.c.staff_id == staff.c.id))
    .order_by(_NAMES.c.username)
)
_LEADS = (
    select(staff.c.id)
    .where(staff.c.clinic_id == bindparam("clinic"), staff.c.role == Role.LEAD.value, staff.c.active)
    .order_by(staff.c.id)
    .with_for_update()
)
_ANOTHER = (
    select(staff.c.id)
    .where(
        staff.c.clinic_id == bindparam("clinic"),
        staff.c.role.in_(bindparam("roles", expanding=True)),
        staff.c.active,
        staff.c.id != bindparam("but"),
    )
    .limit(1)
)
_TAKEN = select(usernames.c.staff_id).where(usernames.c.username == bindparam("username"))
_ADD = insert(staff)
_ADD_NAME = insert(usernames)
_ADD_CREDENTIALS = insert(credentials)
_RENAME = (
    update(usernames)
    .where(usernames.c.clinic_id == bindparam("clinic"), usernames.c.staff_id == bindparam("this"))
    .values(username=bindparam("to"))
)
_REVISE = (
    update(staff)
    .where(*_ONE, staff.c.revision == bindparam("before"))
    .values(
        revision=bindparam("after"),
        username=bindparam("as_username"),
        name=bindparam("as_name"),
        role=bindparam("as_role"),
        active=bindparam("as_active"),
    )
)


def folded(username: str) -> str:
    """The form in which a username is unique: two that differ in case or width alone are one."""
    return unicodedata.normalize("NFKC", username).casefold()


def staff_of(row: Row[Any]) -> Staff:
    """The staff member a look-up row shows."""
    return Staff(username=row.username, name=row.name, role=Role(row.role), active=row.active)


def find(work: Work, staff_id: UUID) -> Kept[Staff] | None:
    """The newest revision of one account."""
    return journal.newest(work, KIND, staff_id, revision_from)


def history(work: Work, staff_id: UUID, after: int | None, limit: int) -> tuple[Kept[Staff], ...]:
    """The next revisions, oldest first."""
    return histories.page(work, KIND, staff_id, revision_from, after, limit)


def keep(
    work: Work, staff_id: UUID, value: Staff, revision: int, reason: str | None = None, *, new_password: bool = False
) -> None:
    """A new account (revision 1) or the next revision. A username that is taken is refused (`AlreadyKept`)."""
    row = staff_document(value)
    if revision == 1:
        work.change(_ADD, {"clinic_id": work.clinic_id, "id": staff_id, "revision": 1, **row})
        name = {"username": folded(value.username), "clinic_id": work.clinic_id, "staff_id": staff_id}
        work.change(_ADD_NAME, name)
        work.change(
            _ADD_CREDENTIALS, {"clinic_id": work.clinic_id, "staff_id": staff_id, "revision": 0, "must_change": False}
        )
    else:
        one = {"clinic": work.clinic_id, "this": staff_id}
        values = {**one, "before": revision - 1, "after": revision, **{f"as_{key}": row[key] for key in row}}
        if work.change(_REVISE, values) != 1:
            raise MovedOn
        work.change(_RENAME, {**one, "to": folded(value.username)})
    document = {**row, _ALSO: new_password}
    work.keep(Fact(KIND, str(staff_id), document, revision, reason=reason))


def page(work: Work, after: str | None, limit: int) -> tuple[tuple[UUID, int, Staff], ...]:
    """The clinic's next accounts as (id, revision, staff), in order of their folded usernames."""
    rows = work.all(_PAGE, place=after or "", most=limit)
    return tuple((row.id, row.revision, staff_of(row)) for row in rows)


def lock_leads(work: Work) -> tuple[UUID, ...]:
    """The clinic's active leads, locked until the work ends: of two leads who end each other, one is the last."""
    return tuple(row.id for row in work.all(_LEADS))


def account(work: Work, clinic_id: UUID, staff_id: UUID) -> Staff | None:
    """One account as it is now, in whichever clinic: before anybody is signed in."""
    row = work.first(_ACCOUNT, of=clinic_id, this=staff_id)
    return None if row is None else staff_of(row)


def another_with(work: Work, roles: Iterable[Role], but: UUID) -> bool:
    """Whether the clinic has somebody else, active, with one of these roles."""
    return work.first(_ANOTHER, roles=[role.value for role in roles], but=but) is not None


def username_taken(work: Work, username: str) -> UUID | None:
    """Whose it is, in whichever clinic."""
    found = work.all_of_every_clinic(_TAKEN, username=folded(username))
    return found[0].staff_id if found else None
