"""Patients, courses and staff with every revision of their sheets, page by page in the order of their ids."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db import courses as kept_courses
from app.db import patients as kept_patients
from app.db import staff as kept_staff
from app.db.in_order import rows_after
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


def patients_of(work: Work, these: Collection[UUID]) -> list[tuple[UUID, tuple[Kept[Patient], ...]]]:
    """These patients, each with every revision, oldest first."""
    found = FactRevisions(work, these, [kept_patients.KIND])
    return [(this, found.of(this, kept_patients.KIND, patient_from)) for this in these]


def courses_after(
    work: Work, ids: Collection[UUID] | None, of: Collection[UUID] | None, after: UUID | None, limit: int
) -> list[tuple[UUID, tuple[Kept[Course], ...], tuple[Kept[Clearance], ...]]]:
    """The next courses (`of` these patients), each with every revision of itself and of its clearance."""
    rows = rows_after(work, courses, ("id",), {"id": ids, "patient_id": of}, after, limit)
    these = [row.id for row in rows]
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
    these = [row.id for row in rows_after(work, staff, ("id",), {"id": ids}, after, limit)]
    found = FactRevisions(work, these, [kept_staff.KIND])
    return [(this, found.of(this, kept_staff.KIND, kept_staff.revision_from)) for this in these]
