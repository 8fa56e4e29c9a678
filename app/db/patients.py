"""Patients: a look-up row with names folded for searching, and every revision as a sheet."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, insert, or_, select, tuple_, update

from app.db import sheets
from app.db.refusals import MovedOn
from app.db.tables import patients
from app.db.work import Work
from app.domain.documents import patient_document, patient_from
from app.domain.records import Kept, Patient

KIND = "patient"
NEAR = 200
"""At most so many candidates for look-alikes: the pure rule looks at each."""


@dataclass(frozen=True, slots=True)
class PatientCursor:
    """Where a page of a search ended."""

    family: str
    given: str
    id: UUID


_Found = tuple[UUID, Kept[Patient], PatientCursor]


def folded(text: str) -> str:
    """For comparing names: without accents, case, and differences of spacing."""
    plain = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(plain).casefold().split())


_ONE = (patients.c.clinic_id == bindparam("clinic"), patients.c.id == bindparam("this"))
_ADD = insert(patients)
_REVISE = (
    update(patients)
    .where(*_ONE, patients.c.revision == bindparam("before"))
    .values(
        revision=bindparam("after"),
        family=bindparam("as_family"),
        given=bindparam("as_given"),
        record_number=bindparam("as_record_number"),
        birth_date=bindparam("as_birth_date"),
    )
)

_SEVERAL = select(patients.c.id, patients.c.revision).where(
    patients.c.clinic_id == bindparam("clinic"), patients.c.id.in_(bindparam("these", expanding=True))
)


def _row_of(patient: Patient) -> dict[str, Any]:
    return {
        "family": folded(patient.family_name),
        "given": folded(patient.given_name),
        "record_number": folded(patient.record_number),
        "birth_date": patient.birth_date,
    }


def find(work: Work, patient_id: UUID) -> Kept[Patient] | None:
    """The newest revision."""
    return sheets.current(work, patient_id, KIND, patient_from)


def several(work: Work, patient_ids: Collection[UUID]) -> dict[UUID, Kept[Patient]]:
    """The newest revision of each of several patients."""
    rows = work.all(_SEVERAL, these=list(patient_ids))
    return sheets.newest_of(work, KIND, {row.id: row.revision for row in rows}, patient_from)


def history(work: Work, patient_id: UUID) -> tuple[Kept[Patient], ...]:
    """Every revision, oldest first."""
    return sheets.history(work, patient_id, KIND, patient_from)


def keep(work: Work, patient_id: UUID, patient: Patient, revision: int, reason: str | None = None) -> None:
    """A new patient (revision 1) or the next revision."""
    row = _row_of(patient)
    if revision == 1:
        work.change(_ADD, {"clinic_id": work.clinic_id, "id": patient_id, "revision": 1, **row})
    else:
        values = {"clinic": work.clinic_id, "this": patient_id, "before": revision - 1, "after": revision}
        if work.change(_REVISE, {**values, **{f"as_{key}": row[key] for key in row}}) != 1:
            raise MovedOn
    sheets.keep_sheet(work, patient_id, KIND, revision, patient_document(patient), reason)


def search(
    work: Work, text: str | None, birth_date: date | None, after: PatientCursor | None, limit: int
) -> tuple[list[tuple[UUID, Kept[Patient]]], PatientCursor | None]:
    """Patients whose names or record number hold every word of `text`, ordered by name; and where to go on."""
    conditions: list[ColumnElement[bool]] = [patients.c.clinic_id == work.clinic_id]
    for word in folded(text or "").split():
        columns = (patients.c.family, patients.c.given, patients.c.record_number)
        conditions.append(or_(*(column.contains(word, autoescape=True) for column in columns)))
    if birth_date is not None:
        conditions.append(patients.c.birth_date == birth_date)
    if after is not None:
        place = tuple_(patients.c.family, patients.c.given, patients.c.id)
        conditions.append(place > tuple_(*_bound(after)))
    rows = _page(work, and_(*conditions), limit + 1)
    found = [(patient_id, kept) for patient_id, kept, _ in rows[:limit]]
    return found, rows[limit - 1][2] if len(rows) > limit else None


def _bound(after: PatientCursor) -> tuple[Any, Any, Any]:
    family = bindparam(None, after.family, type_=patients.c.family.type)
    given = bindparam(None, after.given, type_=patients.c.given.type)
    return family, given, bindparam(None, after.id, type_=patients.c.id.type)


def near(work: Work, patient: Patient) -> list[tuple[UUID, Kept[Patient]]]:
    """Patients that could be mistaken for this one, itself perhaps among them.

    Same or swapped birth date, a family name that begins alike, swapped names, or a record number that differs in its
    last place: candidates only, for the rule that looks closer.
    """
    row = _row_of(patient)
    family, given, number = row["family"], row["given"], row["record_number"]
    alike = [
        patients.c.birth_date.in_(_dates(patient.birth_date)),
        _begins(patients.c.family, family[:3]),
        patients.c.family == given,
        patients.c.record_number == number,
    ]
    if len(number) > 3:
        alike.append(_begins(patients.c.record_number, number[:-1]))
    where = and_(patients.c.clinic_id == work.clinic_id, or_(*alike))
    return [(patient_id, kept) for patient_id, kept, _ in _page(work, where, NEAR)]


def numbered(work: Work, record_number: str) -> list[tuple[UUID, Kept[Patient]]]:
    """Patients of exactly this record number, without regard to case and spacing."""
    where = and_(patients.c.clinic_id == work.clinic_id, patients.c.record_number == folded(record_number))
    return [(patient_id, kept) for patient_id, kept, _ in _page(work, where, NEAR)]


def _dates(day: date) -> list[date]:
    if day.day > 12:
        return [day]
    return [day, day.replace(month=day.day, day=day.month)]


def _begins(column: ColumnElement[str], start: str) -> ColumnElement[bool]:
    # a range, not LIKE: it uses the index on both engines
    return and_(column >= start, column < start + "\U0010ffff")


def _page(work: Work, where: ColumnElement[bool], limit: int) -> list[_Found]:
    columns = (patients.c.id, patients.c.revision, patients.c.family, patients.c.given)
    order = (patients.c.family, patients.c.given, patients.c.id)
    rows = work.all(select(*columns).where(where).order_by(*order).limit(limit))
    if not rows:
        return []
    newest = sheets.newest_of(work, KIND, {row.id: row.revision for row in rows}, patient_from)
    return [(row.id, newest[row.id], PatientCursor(row.family, row.given, row.id)) for row in rows]
