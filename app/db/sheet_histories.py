"""Patients, courses and staff with every revision of their sheets, page by page in the order of their ids."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Table, select

from app.db import courses as kept_courses
from app.db import patients as kept_patients
from app.db import staff as kept_staff
from app.db.journal import FactRevisions
from app.db.patients import Name
from app.db.tables import courses, staff
from app.db.work import Work
from app.domain.documents import clearance_from, course_from, patient_from
from app.domain.people import Staff
from app.domain.records import Clearance, Course, Kept, Patient


@dataclass(frozen=True, slots=True)
class Named:
    """One of these names begins with one of the texts, or (`within`) holds it."""

    columns: tuple[Name, ...]
    texts: tuple[str, ...]
    within: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which patients: each of `names` must hold.

    A first sieve in the database: whoever asks looks closer at what it lets through.
    """

    ids: Collection[UUID] | None = None
    names: tuple[Named, ...] = ()
    record_numbers: Collection[str] | None = None
    birth_dates: tuple[date | None, date | None] | None = None
    changed: tuple[datetime | None, datetime | None] | None = None
    """A revision arrived in this span (from, to; each inclusive, None open)."""


def _page(work: Work, table: Table, where: Sequence[ColumnElement[bool]], after: UUID | None, limit: int) -> list[UUID]:
    more = [table.c.id > after] if after is not None else []
    statement = select(table.c.id).where(table.c.clinic_id == work.clinic_id, *where, *more)
    return [row.id for row in work.all(statement.order_by(table.c.id).limit(limit))]


def _named(table: Table, ids: Collection[UUID] | None) -> list[ColumnElement[bool]]:
    return [] if ids is None else [table.c.id.in_(list(ids))]


def patients_of(work: Work, these: Collection[UUID]) -> list[tuple[UUID, tuple[Kept[Patient], ...]]]:
    """These patients, each with every revision, oldest first."""
    found = FactRevisions(work, these, [kept_patients.KIND])
    return [(this, found.of(this, kept_patients.KIND, patient_from)) for this in these]


def courses_after(
    work: Work, ids: Collection[UUID] | None, of: Collection[UUID] | None, after: UUID | None, limit: int
) -> list[tuple[UUID, tuple[Kept[Course], ...], tuple[Kept[Clearance], ...]]]:
    """The next courses (`of` these patients), each with every revision of itself and of its clearance."""
    where = _named(courses, ids)
    if of is not None:
        where.append(courses.c.patient_id.in_(list(of)))
    these = _page(work, courses, where, after, limit)
    found = FactRevisions(work, these, [kept_courses.KIND, kept_courses.CLEARANCE])
    return [
        (
            this,
            found.of(this, kept_courses.KIND, course_from),
            found.of(this, kept_courses.CLEARANCE, clearance_from),
        )
        for this in these
    ]


def staff_after(
    work: Work, ids: Collection[UUID] | None, after: UUID | None, limit: int
) -> list[tuple[UUID, tuple[Kept[Staff], ...]]]:
    """The next members of staff, each with every revision."""
    these = _page(work, staff, _named(staff, ids), after, limit)
    found = FactRevisions(work, these, [kept_staff.KIND])
    return [(this, found.of(this, kept_staff.KIND, kept_staff.revision_from)) for this in these]
