"""Enrolled tablets: the look-up row, and every revision in the journal."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, tuple_, update

from app.db import histories, journal
from app.db.prepared import Prepared
from app.db.refusals import MovedOn
from app.db.tables import enrolments
from app.db.work import Work
from app.domain.documents import pair
from app.domain.journal import Fact, Kind
from app.domain.records import Kept
from app.domain.tablets import Tablet


class TabletPlace(NamedTuple):
    """A place among a clinic's tablets: the enrolled ones by name, then those without (their name here is empty)."""

    name: str
    id: UUID


KIND = Kind.TABLET
tablet_document, _tablet_from = pair(Tablet)
_E = enrolments.c
_ONE = (_E.clinic_id == bindparam("clinic"), _E.id == bindparam("this"))
_ROW = Prepared(select(_E.name, _E.in_use, _E.public_key).where(*_ONE))
_IN_USE = select(func.count()).where(_E.clinic_id == bindparam("clinic"), _E.in_use)
_NAMES = select(_E.id, _E.name).where(_E.clinic_id == bindparam("clinic"))
_PAGE = (
    select(_E.id, _E.revision)
    .where(
        _E.clinic_id == bindparam("clinic"),
        tuple_(_E.name, _E.id) > tuple_(bindparam("name", type_=_E.name.type), bindparam("this", type_=_E.id.type)),
    )
    .order_by(_E.name, _E.id)
    .limit(bindparam("most"))
)
_ADD = insert(enrolments)
_REVISE = (
    update(enrolments)
    .where(*_ONE, _E.revision == bindparam("before"))
    .values(
        revision=bindparam("after"),
        name=bindparam("as_name"),
        in_use=bindparam("is_used"),
        public_key=bindparam("with_key"),
    )
)


def find(work: Work, tablet_id: UUID) -> Kept[Tablet] | None:
    """The newest revision."""
    return journal.newest(work, KIND, tablet_id, _tablet_from)


def history(work: Work, tablet_id: UUID, after: int | None, limit: int) -> tuple[Kept[Tablet], ...]:
    """The next revisions, oldest first."""
    return histories.page(work, KIND, tablet_id, _tablet_from, after, limit)


def row(work: Work, tablet_id: UUID, clinic_id: UUID | None = None) -> Tablet | None:
    """A tablet as it is enrolled now, by its row alone; None where it is not. Of this clinic, or the one named."""
    found = work.first(_ROW, this=tablet_id, clinic=clinic_id or work.clinic_id)
    return None if found is None else Tablet(found.name, found.in_use, found.public_key)


def name_of(work: Work, tablet_id: UUID) -> str | None:
    """What a tablet is called, None where it is not enrolled."""
    found = row(work, tablet_id)
    return None if found is None else found.name


def in_use(work: Work) -> int:
    """How many tablets of the clinic are enrolled and in use."""
    found = work.first(_IN_USE)
    return 0 if found is None else int(found[0])


def names(work: Work) -> dict[UUID, str]:
    """What each enrolled tablet of the clinic is called."""
    return {row.id: row.name for row in work.all(_NAMES)}


def page(work: Work, after: TabletPlace | None, limit: int) -> dict[UUID, tuple[int, Tablet]]:
    """The clinic's next enrolled tablets in order of their names: revision and value."""
    name, this = after or ("", UUID(int=0))
    rows = work.all(_PAGE, name=name, this=this, most=limit)
    revisions = {row.id: row.revision for row in rows}
    found = journal.newest_of(work, KIND, revisions, _tablet_from)
    return {tablet_id: (kept.revision, kept.value) for tablet_id, kept in found.items()}


def keep(work: Work, tablet_id: UUID, value: Tablet, revision: int, action: str | None = None) -> None:
    """A newly enrolled tablet (revision 1) or the next revision. `action`: what it is called, where not as usual.

    Who is remembered as signed in on it is looked up anew: from now on what they send is signed, or is no more.
    """
    if revision == 1:
        named = {"clinic_id": work.clinic_id, "id": tablet_id, "revision": 1, "name": value.name}
        work.change(_ADD, {**named, "in_use": value.in_use, "public_key": value.public_key}, ends=True)
    else:
        values = {"before": revision - 1, "after": revision, "as_name": value.name}
        values |= {"is_used": value.in_use, "with_key": value.public_key}
        if work.change(_REVISE, {"clinic": work.clinic_id, "this": tablet_id, **values}) != 1:
            raise MovedOn
    work.keep(Fact(KIND, str(tablet_id), tablet_document(value), revision, action=action))
